"""Every method beside its reference and tolerance."""

from functools import partial

import numpy as np

from tests.correctness import many_pass_references as many
from tests.correctness import map_references as maps
from tests.correctness import picture_references as pictures
from tests.correctness.comparing import Check

_OWN = "its formula in float64"
_LIBRARY = "pytorch-grad-cam"
_TRAINED = ("sample", "ResNet-20 (CIFAR-10)")
"""Networks whose activations are far from the ε 1e-7 by which the library's XGrad-CAM divides."""

_UNSURE = ("resnet18", "vgg11", "googlenet", "mobilenet_v2", "densenet121", "convnext_tiny", "vit_b_16", "swin_t")
"""Networks none of whose probabilities is near the ε 1e-9 by which the library's Finer-CAM divides."""

_LINEAR_PIECES = ("sample", "ResNet-20 (CIFAR-10)", "resnet18", "vgg11", "densenet121")
"""Networks whose every constant before the last layers is a bias of a convolution or a batch normalisation."""

_TWIN = "a twin with hand-written ReLUs"

ONE_PASS: tuple[Check, ...] = (
    Check(method="gradcam", reference="captum LayerGradCam", expected=maps.captums_gradcam),
    Check(method="gradcam", reference=_LIBRARY, expected=maps.library("grad_cam", "GradCAM")),
    Check(
        method="gradcam",
        asked="probability",
        kind="probability",
        reference=_OWN,
        expected=partial(maps.gradcam, kind="probability"),
    ),
    Check(
        method="gradcam",
        asked="one class less another",
        kind="difference",
        reference=_OWN,
        expected=partial(maps.gradcam, kind="difference"),
    ),
    Check(
        method="gradcam",
        asked="aug_smooth",
        reference="the mean over six copies, one by one",
        expected=maps.aug_smoothed,
        parameters=({"aug_smooth": True},),
    ),
    Check(
        method="gradcam",
        asked="eigen_smooth",
        reference="SVD in float64",
        expected=maps.eigen_smoothed,
        parameters=({"eigen_smooth": True},),
    ),
    Check(method="gradcam++", reference=_OWN, expected=maps.gradcam_plus_plus),
    Check(method="xgradcam", reference=_OWN, expected=maps.xgradcam),
    Check(method="xgradcam", reference=_LIBRARY, expected=maps.library("xgrad_cam", "XGradCAM"), only=_TRAINED),
    Check(method="hirescam", reference=_OWN, expected=maps.hirescam),
    Check(method="hirescam", reference=_LIBRARY, expected=maps.library("hirescam", "HiResCAM")),
    Check(
        method="gradcamelementwise",
        reference=_LIBRARY,
        expected=maps.library("grad_cam_elementwise", "GradCAMElementWise"),
    ),
    Check(method="layercam", reference=_LIBRARY, expected=maps.library("layer_cam", "LayerCAM")),
    Check(method="cam", reference="weights of the last layer times A", expected=maps.cam),
    Check(method="eigencam", reference="SVD in float64, sign of Σ A", expected=maps.eigencam),
    Check(method="eigengradcam", reference="SVD in float64, sign of Σ G ⊙ A", expected=maps.eigengradcam),
    Check(method="segeigencam", reference=_LIBRARY, expected=maps.library("seg_eigen_cam", "SegEigenCAM")),
    Check(method="kpcacam", reference=_LIBRARY, expected=maps.librarys_kpcacam),
    Check(method="fem", reference=_LIBRARY, expected=maps.library("fem", "FEM")),
    Check(method="shapleycam", reference=_LIBRARY, expected=maps.library("shapley_cam", "ShapleyCAM")),
    Check(method="finercam", reference=_OWN, expected=maps.finercam),
    Check(method="finercam", reference=_LIBRARY, expected=maps.librarys_finercam, only=_UNSURE),
    Check(method="saliency", reference="captum Saliency", expected=pictures.captums_saliency),
    Check(method="gradxinput", reference="captum InputXGradient", expected=pictures.captums_input_x_gradient),
    Check(method="guided_backprop", reference=_TWIN, expected=pictures.twins_guided),
    Check(method="deconvolution", reference=_TWIN, expected=pictures.twins_deconvolution),
    Check(method="guided_gradcam", reference=_TWIN, expected=pictures.twins_guided_gradcam),
    Check(
        method="guided_gradcam",
        reference="captum GuidedGradCam",
        expected=pictures.captums_guided_gradcam,
        only=("vgg11",),
    ),
)

_CHUNKS = ({"chunk": 1}, {"chunk": 32})

MANY_PASSES: tuple[Check, ...] = (
    Check(
        method="integrated_gradients",
        reference="captum IntegratedGradients",
        tolerance=2e-3,  # rounding decides single ReLUs at single steps
        expected=pictures.captums_integrated_gradients,
        parameters=_CHUNKS,
        small=True,
    ),
    Check(
        method="smoothgrad",
        reference="captum NoiseTunnel, same noise",
        tolerance=2e-3,  # as above
        expected=pictures.captums_smoothgrad,
        parameters=_CHUNKS,
        small=True,
    ),
    Check(
        method="fullgrad",
        reference="its terms, module by module",
        expected=many.fullgrad,
        small=True,
        only=_LINEAR_PIECES,
    ),
    Check(
        method="fullgrad",
        asked="absolute terms",
        reference=_LIBRARY,
        expected=many.librarys_fullgrad,
        tolerance=1e-4,
        parameters=({"terms": "absolute"},),
        small=True,
        only=_LINEAR_PIECES,
    ),
    Check(
        method="occlusion",
        reference="captum Occlusion",
        tolerance=2e-4,  # each drop is the small difference of two scores
        expected=many.captums_occlusion,
        parameters=tuple({"patch": 16, "stride": 8, **each} for each in _CHUNKS),
        small=True,
    ),
    Check(
        method="ablationcam",
        reference="brute force",
        tolerance=2e-4,  # each weight is the small difference of two scores
        expected=many.ablationcam,
        parameters=_CHUNKS,
        small=True,
    ),
    Check(
        method="scorecam",
        reference=_LIBRARY,
        expected=many.librarys_scorecam,
        tolerance=1e-4,
        parameters=_CHUNKS,
        small=True,
    ),
)

JOINED: tuple[Check, ...] = (
    Check(
        method="gradcam",
        asked="two layers, mean",
        reference="NumPy and OpenCV",
        expected=partial(maps.fused, join=np.mean),
        parameters=({"fuse": "mean"},),
        joined=True,
    ),
    Check(
        method="gradcam",
        asked="two layers, maximum",
        reference="NumPy and OpenCV",
        expected=partial(maps.fused, join=np.max),
        parameters=({"fuse": "max"},),
        joined=True,
    ),
    Check(
        method="refinecam",
        asked="two layers",
        reference="NumPy and OpenCV",
        expected=maps.refinecam,
        joined=True,
    ),
)

CHECKS = (*ONE_PASS, *JOINED, *MANY_PASSES)
