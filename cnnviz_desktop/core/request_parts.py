"""Parts of a request that can be asked in its place, each complete in itself."""

from collections.abc import Sequence
from typing import Literal

from msgspec.structs import replace

from cnnviz_desktop.core import catalog
from cnnviz_desktop.core.requests import Request

Axis = Literal["images", "methods", "targets", "layers"]


def of_methods(request: Request, methods: Sequence[str]) -> Request:
    """The request for some of its methods, at least one, with the parameters that these have."""
    keys = {parameter.key for method in methods for parameter in catalog.method(method).parameters}
    parameters = {key: value for key, value in request.parameters.items() if key in keys}
    return replace(request, method=methods[0], also=tuple(methods[1:]), parameters=parameters)


def along(request: Request, axis: Axis) -> tuple[Request, ...]:
    """The request in parts, one for each of its images, methods, targets or layers; itself where it has only one.

    Layers that a method of the request joins stay together: of each by itself it would make another map.
    """
    if axis == "images" and len(request.images) > 1:
        return tuple(replace(request, images=(image,)) for image in request.images)
    if axis == "methods" and len(request.methods) > 1:
        return tuple(of_methods(request, (method,)) for method in request.methods)
    if axis == "targets" and len(request.targets) > 1:
        return tuple(replace(request, targets=(target,)) for target in request.targets)
    apart = all(maps_each_layer(request, method) for method in request.methods)
    if axis == "layers" and len(request.layers) > 1 and apart:
        return tuple(replace(request, layers=(layer,)) for layer in request.layers)
    return (request,)


def maps_of(request: Request, method_id: str) -> int:
    """How many maps or pictures a method gives for each image and target of a request."""
    return max(1, len(request.layers)) if maps_each_layer(request, method_id) else 1


def maps_each_layer(request: Request, method_id: str) -> bool:
    """Whether a method of a request gives a map of each of its layers, rather than one of all or of none."""
    method = catalog.method(method_id)
    fused = method.values(method.known(request.parameters)).get("fuse", "none") != "none"
    return method.needs_layer and not method.joins_layers and not fused
