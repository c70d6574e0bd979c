"""Looking at the image and at the network itself."""

from cnnviz_desktop.core.catalog.method import Method

LOOKING: tuple[Method, ...] = (
    Method(
        id="picture",
        title="Picture",
        family="The image",
        summary="The image as the program read it.",
    ),
    Method(
        id="input",
        title="Network input",
        family="The image",
        summary="The numbers the network gets: the image resized, cropped or padded, and normalised.",
        formula="x[c] = (scale · pixel[c] / 255 − mean[c]) / std[c]",
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
)
