"""``cnnviz list layers``: what a network consists of, as a table."""

from collections import defaultdict
from collections.abc import Iterator

from cnnviz_desktop.commands.console import table
from cnnviz_desktop.core.operations import Operation
from cnnviz_desktop.core.outline import LayerNode, Outline
from cnnviz_desktop.core.token_grids import Shape

_HEADING = ("", "layer", "type", "output", "parameters", "MACs", "receptive field", "")


def layer_table(outline: Outline, *, operations: bool = False) -> str:
    """Every layer with its type, output shape, parameters, work and receptive field; ``*`` at the suggested one.

    Args:
        outline: The network.
        operations: Whether what the layers' own code calls between them stands there too.
    """
    count = f"{len(outline.layers)} layers, {outline.parameters:,} parameters, {outline.classes} classes"
    work = f", {outline.macs:,} multiply–accumulates (MACs) for one image" if outline.macs else ""
    suggested = f" * suits class activation maps best: {outline.suggested}." if outline.suggested else ""
    rows = [_HEADING, *(_rows_with_operations(outline) if operations else _layer_rows(outline))]
    return f"{outline.name}: {count}{work}.{suggested}\n\n{table(rows)}"


def _layer_rows(outline: Outline) -> Iterator[tuple[str, ...]]:
    for node in outline.layers:
        yield _layer_row(node, suggested=node.name == outline.suggested)


def _rows_with_operations(outline: Outline) -> Iterator[tuple[str, ...]]:
    """An operation stands after all of the layer that had returned last when it was called."""
    called: defaultdict[tuple[str, str], list[Operation]] = defaultdict(list)
    for operation in outline.operations:
        called[operation.owner, operation.after].append(operation)
    open_layers: list[LayerNode] = []  # the ones that the next may lie in, outermost first
    yield from map(_operation_row, called["", ""])
    for node in outline.layers:
        while open_layers and not node.name.startswith(f"{open_layers[-1].name}."):
            closed = open_layers.pop()
            yield from map(_operation_row, called[closed.parent, closed.name])
        yield _layer_row(node, suggested=node.name == outline.suggested)
        yield from map(_operation_row, called[node.name, ""])
        open_layers.append(node)
    for closed in reversed(open_layers):
        yield from map(_operation_row, called[closed.parent, closed.name])


def _layer_row(node: LayerNode, *, suggested: bool) -> tuple[str, ...]:
    field = f"{node.field.y.size:g} × {node.field.x.size:g}".replace("inf", "all") if node.field else "–"
    return (
        "*" if suggested else "",
        node.name,
        node.type,
        _written(node.outputs),
        f"{node.parameters:,}",
        f"{node.macs:,}",
        field,
        "; ".join(_remarks(node)),
    )


def _operation_row(operation: Operation) -> tuple[str, ...]:
    where = f"{operation.owner}." if operation.owner else ""
    same = f"as {operation.same_as}" if operation.same_as else ""
    return "", f"{where}{operation.name}()", "operation", _written(operation.outputs), "", "", "", same


def _remarks(node: LayerNode) -> Iterator[str]:
    if node.runs is not None and node.runs > 1:
        yield f"runs {node.runs} times"
    if node.unused:
        yield "unused"
    if node.also_named:
        yield f"also {', '.join(node.also_named)}"
    if node.shares:
        yield f"shares {', '.join(node.shares)}"


def _written(shapes: tuple[Shape, ...]) -> str:
    return ", ".join("×".join(map(str, shape)) or "number" for shape in shapes) or "–"
