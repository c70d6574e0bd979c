"""What carries out each method that explains a target; a module is loaded when a method of it is first asked for."""

from importlib import import_module

from cnnviz_desktop.engine.methods.explaining import Explainer

_MODULES = {
    "cam": "global_average",
    "segeigencam": "library_formulas",
    "kpcacam": "library_formulas",
    "fem": "library_formulas",
    "finercam": "comparing_classes",
    "shapleycam": "curvature",
    "refinecam": "refining",
    "fullgrad": "full_gradient",
    "ablationcam": "ablation",
    "scorecam": "score_weighting",
    "occlusion": "occlusion",
    "integrated_gradients": "averaged_gradients",
    "smoothgrad": "averaged_gradients",
    "saliency": "gradient_pictures",
    "gradxinput": "gradient_pictures",
    "guided_backprop": "gradient_pictures",
    "deconvolution": "gradient_pictures",
    "guided_gradcam": "gradient_pictures",
}
"""Module of this package whose `EXPLAINERS` holds a method; `activation_maps` holds all others."""


def explainer(method_id: str) -> Explainer:
    """What carries out a method of the catalogue that explains a target."""
    module = import_module(f"cnnviz_desktop.engine.methods.{_MODULES.get(method_id, 'activation_maps')}")
    found: Explainer = module.EXPLAINERS[method_id]
    return found
