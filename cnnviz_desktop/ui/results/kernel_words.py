"""A layer's kernels in words."""

from PySide6.QtCore import QCoreApplication

from cnnviz_desktop.core.rendering import Limits, value_range
from cnnviz_desktop.ui.colours.colour_bar import number_text
from cnnviz_desktop.ui.colours.colour_controls import ColourChoice, DrawnLimits
from cnnviz_desktop.ui.results.kernel_store import KernelStore
from cnnviz_desktop.ui.tiles.words import limits_in_words, range_text

translate = QCoreApplication.translate


def title_of(store: KernelStore) -> str:
    """Layer, kind, number and size of its filters; how many of them are there yet."""
    count = f"{store.total:,}"
    if not store.complete:
        count = translate("KernelWords", "{0} of {1}").format(f"{store.arrived:,}", count)
    return translate("KernelWords", "{layer} · {kind} · {count} filters of {size}").format(
        layer=store.layer, kind=store.kind, count=count, size=" × ".join(map(str, store.shape))
    )


def filter_name(store: KernelStore, number: int) -> str:
    """“filter 3 (norm 1.2)”."""
    norm = number_text(float(store.norms[number]))
    return translate("KernelWords", "filter {0} (norm {1})").format(number, norm)


def statistics_of(store: KernelStore) -> str:
    """Range, mean and spread of the weights, norms of the filters, range of the biases."""
    weights = translate("KernelWords", "Weights {range}, mean {mean}, standard deviation {deviation}, {zeros} % zeros.")
    said = [
        weights.format(
            range=range_text(store.overall),
            mean=number_text(store.mean),
            deviation=number_text(store.deviation),
            zeros=f"{100 * store.zeros:.1f}",
        ),
        translate("KernelWords", "L2 norms of the filters {0}.").format(
            range_text(value_range(store.norms[: store.arrived]))
        ),
    ]
    if store.biases:
        low, high = zip(*map(value_range, store.biases), strict=True)
        said.append(translate("KernelWords", "Biases {0}.").format(range_text(Limits(min(low), max(high)))))
    if store.is_sampled:
        said.append(translate("KernelWords", "The histogram is of a random sample."))
    return " ".join(said)


def scale_of(store: KernelStore, choice: ColourChoice, drawn: DrawnLimits | None) -> str:
    """The layer's one scale, or that every filter has its own where None; how it came about; the raw range."""
    if drawn is None:
        said = [translate("KernelWords", "Each filter has a scale of its own: colours do not compare between filters.")]
    else:
        said = [translate("KernelWords", "One scale for the layer: {0}.").format(range_text(drawn.single))]
    sampled = drawn is not None and store.is_sampled
    said += limits_in_words(choice, drawn, centred=choice.centres(signed=True), sampled=sampled)
    said.append(translate("KernelWords", "Raw range {0}.").format(range_text(store.overall)))
    return " ".join(said)
