"""Every method there is, told without torch: for the window's menus, the command line and the help."""

from dataclasses import dataclass

from cnnviz_desktop.core.errors import RequestError
from cnnviz_desktop.core.parameters import Parameter
from cnnviz_desktop.core.requests import ParameterValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """One method of the catalogue.

    Attributes:
        id: Its name in requests, on the command line and in manifests.
        title: What people call it.
        family: Heading it stands under.
        summary: One sentence: what it shows.
        formula: The equation, in plain text.
        paper: Author, year, title; empty where there is none.
        needs_image: Whether it needs an image.
        needs_layer: Whether it is about layers.
        needs_target: Whether it explains a class.
        parameters: What can be set.
    """

    id: str
    title: str
    family: str
    summary: str
    formula: str = ""
    paper: str = ""
    needs_image: bool = True
    needs_layer: bool = False
    needs_target: bool = False
    parameters: tuple[Parameter, ...] = ()

    def values(self, given: dict[str, ParameterValue]) -> dict[str, ParameterValue]:
        """All parameters' values: those given, checked, and the defaults of the others.

        Raises:
            RequestError: A key the method does not have, or a value a parameter cannot take.
        """
        known = {parameter.key: parameter for parameter in self.parameters}
        strange = sorted(set(given) - set(known))
        if strange:
            raise RequestError(f"{self.title} has no parameter “{strange[0]}”; it has {', '.join(known) or 'none'}.")
        return {key: parameter.check(given.get(key, parameter.default)) for key, parameter in known.items()}


METHODS: tuple[Method, ...] = (
    Method(
        id="picture",
        title="Picture",
        family="The image",
        summary="The image as the program read it.",
    ),
    Method(
        id="outline",
        title="Network outline",
        family="The network itself",
        summary="Every layer with its type, output shape, parameters and receptive field.",
        needs_image=False,
    ),
    Method(
        id="kernels",
        title="Kernels",
        family="The network itself",
        summary="The weights of a layer as small pictures, one for each filter and input channel.",
        formula="W[o, i, :, :] for every output channel o and input channel i",
        needs_image=False,
        needs_layer=True,
    ),
    Method(
        id="feature_maps",
        title="Feature maps",
        family="The network itself",
        summary="What every channel of a layer gives for the image.",
        formula="A[c, :, :] for every channel c; Σ_c A_c and mean_c A_c over all of them",
        needs_layer=True,
    ),
    Method(
        id="predictions",
        title="Predictions",
        family="The network itself",
        summary="The classes the network finds likeliest.",
        formula="p = softmax(f(x)), or sigmoid(f(x)) for a single-logit head",
    ),
    Method(
        id="gradcam",
        title="Grad-CAM",
        family="Class activation maps",
        summary="Where the layer's channels that raise the class's score are active.",
        formula="L = Σ_c mean_ij(∂S/∂A_c) · A_c",
        paper="Selvaraju et al. 2017, Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization",
        needs_layer=True,
        needs_target=True,
    ),
)


def method(method_id: str) -> Method:
    """The method of that id.

    Raises:
        RequestError: There is none.
    """
    for candidate in METHODS:
        if candidate.id == method_id:
            return candidate
    known = ", ".join(candidate.id for candidate in METHODS)
    raise RequestError(f"There is no method “{method_id}”. There are: {known}.")
