"""What the tutorials set side by side."""

TUTORIAL_METHODS = ("gradcam", "hirescam", "gradcam++", "xgradcam", "layercam", "eigencam", "ablationcam")
"""The seven methods that pytorch-grad-cam's own tutorials set side by side most often.

Each has another way of weighting the layer's channels: mean gradient, cell by cell, second order, axioms, positive
gradients, no gradient at all, and what is lost without the channel. Score-CAM and FullGrad, which the tutorials list
too, take many times longer or are of no layer.
"""
