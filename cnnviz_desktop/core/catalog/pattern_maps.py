"""Class activation maps of the strongest pattern in a layer, and of none at all."""

from cnnviz_desktop.core.catalog.activation_maps import FAMILY
from cnnviz_desktop.core.catalog.method import Method
from cnnviz_desktop.core.catalog.parameter_sets import AUG_SMOOTH, FUSE, WEIGHTED
from cnnviz_desktop.core.parameters import ChoiceParameter, NumberParameter

_PROJECTED = (FUSE, AUG_SMOOTH)

PATTERN_MAPS: tuple[Method, ...] = (
    Method(
        id="eigencam",
        title="Eigen-CAM",
        family=FAMILY,
        summary="The strongest pattern of the layer, whatever the class.",
        formula="L = first principal component of A over its cells, its sign that of Σ_c A_c",
        paper="Muhammad and Yeasin 2020, Eigen-CAM: Class Activation Map using Principal Components",
        needs_layer=True,
        gives="map",
        ignores_target=True,
        parameters=_PROJECTED,
    ),
    Method(
        id="eigengradcam",
        title="Eigen-Grad-CAM",
        family=FAMILY,
        summary="The strongest pattern among what the cells contribute to the score.",
        formula="L = first principal component of G ⊙ A over its cells, its sign that of Σ_c G_c ⊙ A_c",
        needs_layer=True,
        gives="map",
        parameters=_PROJECTED,
    ),
    Method(
        id="segeigencam",
        title="Seg-Eigen-CAM",
        family=FAMILY,
        summary="Eigen-CAM of activations weighted with the size of their gradients.",
        formula="L = first principal component of |G| ⊙ A, turned so that its greatest value is positive",
        paper="Chung and Ying 2025, Seg-Eigen-CAM: Eigen-Value-Based Visual Explanations for Semantic Segmentation "
        "Models",
        needs_layer=True,
        gives="map",
        parameters=_PROJECTED,
    ),
    Method(
        id="kpcacam",
        title="KPCA-CAM",
        family=FAMILY,
        summary="Eigen-CAM with a kernel, for patterns that are no straight line among the channels.",
        formula="L = first kernel principal component of A over its cells, its sign that of Σ_c A_c",
        paper="Karmani et al. 2024, KPCA-CAM: Visual Explainability of Deep Computer Vision Models using Kernel PCA",
        needs_layer=True,
        gives="map",
        ignores_target=True,
        parameters=(
            ChoiceParameter(
                key="kernel",
                label="Kernel",
                help="How the likeness of two cells is measured.",
                default="sigmoid",
                choices=(("sigmoid", "Sigmoid"), ("rbf", "Gaussian"), ("poly", "Polynomial"), ("linear", "Linear")),
            ),
            NumberParameter(
                key="gamma",
                label="Gamma",
                help="Coefficient of the kernel; 0 takes one over the number of channels.",
                default=0.0,
                minimum=0,
                maximum=1e6,
            ),
            *_PROJECTED,
        ),
    ),
    Method(
        id="fem",
        title="FEM",
        family=FAMILY,
        summary="The layer's channels weighted with the share of their cells that stand out, whatever the class.",
        formula="L = Σ_c mean_ij(A_c > μ_c + k·σ_c) · A_c",
        paper="Fuad et al. 2020, Features Understanding in 3D CNNs for Actions Recognition in Video",
        needs_layer=True,
        gives="map",
        ignores_target=True,
        parameters=(
            NumberParameter(
                key="sigmas",
                label="Standard deviations",
                help="How far above its channel's mean a cell stands out (k).",
                default=2.0,
                minimum=0,
                maximum=100,
            ),
            *_PROJECTED,
        ),
    ),
    Method(
        id="randomcam",
        title="Random CAM",
        family=FAMILY,
        summary="The layer's channels with random weights: what any other map has to be better than.",
        formula="L = Σ_c w_c · A_c with w_c uniform in −1 … 1",
        needs_layer=True,
        gives="map",
        ignores_target=True,
        parameters=WEIGHTED,
    ),
)
