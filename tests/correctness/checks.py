"""Every method beside its references."""

from functools import partial

import numpy as np

from tests.correctness import many_pass_references as many
from tests.correctness import map_references as maps
from tests.correctness import picture_references as pictures
from tests.correctness.comparing import Check

_OWN = "its formula in float64"
_LIBRARY = "pytorch-grad-cam"
_TWIN = "a twin with hand-written ReLUs"
_BY_HAND = "NumPy and OpenCV"

_TRAINED = ("sample", "ResNet-20 (CIFAR-10)")
"""Networks whose activations are far from the ε 1e-7 by which the library's XGrad-CAM divides."""

_MAPS = ("resnet18", "vgg11", "googlenet", "mobilenet_v2", "densenet121", "convnext_tiny")
_TOKENS = ("vit_b_16", "swin_t")

_UNSURE = (*_MAPS, *_TOKENS)
"""Networks none of whose probabilities is near the ε 1e-9 by which the library's Finer-CAM divides."""

_OF_MAPS = (*_TRAINED, *_MAPS)
"""Networks whose layers are maps: captum's Grad-CAM and the library's Shapley-CAM know no tokens."""

_LINEAR_PIECES = (*_TRAINED, "resnet18", "vgg11", "densenet121")
"""Networks whose every constant before the last layers is a bias of a convolution or a batch normalisation."""

ONE_PASS: tuple[Check, ...] = (
    Check("gradcam", _OWN, maps.gradcam),
    Check("gradcam", "captum LayerGradCam", maps.captums_gradcam, only=_OF_MAPS),
    Check("gradcam", _LIBRARY, maps.library("grad_cam", "GradCAM")),
    Check("gradcam", _OWN, partial(maps.gradcam, kind="probability"), asked="probability", kind="probability"),
    Check("gradcam", _OWN, partial(maps.gradcam, kind="difference"), asked="class less class", kind="difference"),
    Check(
        "gradcam",
        "the mean over six copies, one by one",
        maps.aug_smoothed,
        asked="aug_smooth",
        parameters=({"aug_smooth": True},),
    ),
    Check("gradcam", "SVD in float64", maps.eigen_smoothed, asked="eigen_smooth", parameters=({"eigen_smooth": True},)),
    Check("gradcam++", _OWN, maps.gradcam_plus_plus),
    Check("xgradcam", _OWN, maps.xgradcam),
    Check("xgradcam", _LIBRARY, maps.library("xgrad_cam", "XGradCAM"), only=_TRAINED),
    Check("hirescam", _OWN, maps.hirescam),
    Check("hirescam", _LIBRARY, maps.library("hirescam", "HiResCAM")),
    Check("gradcamelementwise", _LIBRARY, maps.library("grad_cam_elementwise", "GradCAMElementWise")),
    Check("layercam", _LIBRARY, maps.library("layer_cam", "LayerCAM")),
    Check("cam", "weights of the last layer times A", maps.cam),
    Check("eigencam", "SVD in float64, sign of Σ A", maps.eigencam),
    Check("eigengradcam", "SVD in float64, sign of Σ G ⊙ A", maps.eigengradcam),
    Check("segeigencam", _LIBRARY, maps.library("seg_eigen_cam", "SegEigenCAM")),
    Check("kpcacam", _LIBRARY, maps.librarys_kpcacam),
    Check("fem", _LIBRARY, maps.library("fem", "FEM")),
    Check("shapleycam", _OWN, maps.shapleycam),
    Check("shapleycam", _LIBRARY, maps.library("shapley_cam", "ShapleyCAM"), only=_OF_MAPS),
    Check("finercam", _OWN, maps.finercam),
    Check("finercam", _LIBRARY, maps.librarys_finercam, only=_UNSURE),
    Check("saliency", "captum Saliency", pictures.captums_saliency),
    Check("gradxinput", "captum InputXGradient", pictures.captums_input_x_gradient),
    Check("guided_backprop", _TWIN, pictures.twins_guided),
    Check("deconvolution", _TWIN, pictures.twins_deconvolution),
    Check("guided_gradcam", _TWIN, pictures.twins_guided_gradcam),
    Check("guided_gradcam", "captum GuidedGradCam", pictures.captums_guided_gradcam, only=("vgg11",)),
)

_two_layers = partial(Check, joined=True, reference=_BY_HAND)
JOINED: tuple[Check, ...] = (
    _two_layers(
        "gradcam",
        expected=partial(maps.fused, join=np.mean),
        asked="two layers, mean",
        parameters=({"fuse": "mean"},),
    ),
    _two_layers(
        "gradcam",
        expected=partial(maps.fused, join=np.max),
        asked="two layers, maximum",
        parameters=({"fuse": "max"},),
    ),
    _two_layers("refinecam", expected=maps.refinecam, asked="two layers"),
)


def _with_chunks(**parameters: int) -> tuple[dict[str, int], ...]:
    return tuple({**parameters, "chunk": rows} for rows in (1, 32))


_in_chunks = partial(Check, small=True, parameters=_with_chunks())
MANY_PASSES: tuple[Check, ...] = (
    _in_chunks(
        "integrated_gradients",
        "captum IntegratedGradients",
        pictures.captums_integrated_gradients,
        parameters=_with_chunks(steps=pictures.STEPS),
    ),
    _in_chunks(
        "smoothgrad",
        "captum NoiseTunnel, same noise",
        pictures.captums_smoothgrad,
        parameters=_with_chunks(samples=pictures.STEPS),
    ),
    Check("fullgrad", "its terms, module by module", many.fullgrad, small=True, only=_LINEAR_PIECES),
    Check(
        "fullgrad",
        _LIBRARY,
        many.librarys_fullgrad,
        asked="absolute terms",
        parameters=({"terms": "absolute"},),
        small=True,
        only=_LINEAR_PIECES,
    ),
    _in_chunks("occlusion", "captum Occlusion", many.captums_occlusion, parameters=_with_chunks(patch=16, stride=8)),
    _in_chunks("ablationcam", "brute force", many.ablationcam),
    _in_chunks("scorecam", _LIBRARY, many.librarys_scorecam),
)

CHECKS = (*ONE_PASS, *JOINED, *MANY_PASSES)
