"""The panels of results: predictions, feature maps, kernels."""
