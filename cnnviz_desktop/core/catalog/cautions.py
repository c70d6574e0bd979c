"""What to know about a method before believing its picture, one or two sentences each."""

_ANY_CLASS = "It asks for no class: the map is the same whichever is explained."

CAUTIONS: dict[str, str] = {
    "gradcam": "Averaging the gradients can point at places that do not raise the score; HiResCAM does not average.",
    "gradcam++": "Its weights grow where the gradient is large, even where the channel speaks against the score "
    "elsewhere. Many programs add a constant under the fraction that changes the map; here nothing is added.",
    "xgradcam": "A channel whose activations add up to nothing has no weight.",
    "hirescam": "In front of a normalisation over the channels, as transformers have them, the channels cancel out and "
    "rounding is left; that is told beside the map. Choose the normalisation itself, or a layer behind it.",
    "gradcamelementwise": "What speaks against the score is dropped before the channels are summed, so the map cannot "
    "be read as a share of the score.",
    "layercam": "Negative gradients are dropped, so the map cannot be read as a share of the score.",
    "cam": "Only for networks that end in a global average and one linear layer; others are refused.",
    "shapleycam": "On networks whose activations are all ReLUs, logits have no curvature, and it equals Grad-CAM.",
    "finercam": "It shows what tells the class from its neighbours; what they have in common vanishes.",
    "refinecam": "A product is 0 wherever one layer's map is: add layers with care.",
    "fullgrad": "Signed terms add up to the score, and how nearly they do is told beside the map. Drawn absolute they "
    "do not.",
    "ablationcam": "Leaving a channel out gives the network an input it never saw in training.",
    "scorecam": "The masked images are unlike any it saw in training. It takes a pass for each channel.",
    "eigencam": _ANY_CLASS + " A principal component has no sign of its own; here it follows the sum of the channels.",
    "eigengradcam": "A principal component has no sign of its own; here it follows the sum of the contributions.",
    "segeigencam": "A principal component has no sign of its own; here its greatest value is made positive.",
    "kpcacam": _ANY_CLASS + " The kernel's width decides much of what is seen.",
    "fem": _ANY_CLASS,
    "randomcam": "It explains nothing: a map that looks no better than this one tells nothing about the network.",
    "saliency": "Noisy, because the gradient changes from pixel to pixel; it tells what would change the score, not "
    "what made it.",
    "gradxinput": "Black pixels, or those at the mean colour, get nothing, whatever they mean.",
    "integrated_gradients": "The baseline decides what counts as nothing. How nearly the terms add up is told beside "
    "the picture; more steps bring them nearer.",
    "smoothgrad": "The noise decides how coarse the picture is; another seed gives a slightly different one.",
    "guided_backprop": "It draws edges much as an edge detector would, and changes little with the class or even with "
    "the weights. Activations other than ReLU have no rule and are named beside the picture.",
    "deconvolution": "It changes little with the class or even with the weights. Activations other than ReLU have no "
    "rule and are named beside the picture.",
    "guided_gradcam": "Its fine lines come from guided backpropagation, which changes little with the class.",
    "occlusion": "The patch is a thing the network may see something in. Smaller patches and strides take longer.",
}
"""By the method's id; methods that are not here need no word of warning."""
