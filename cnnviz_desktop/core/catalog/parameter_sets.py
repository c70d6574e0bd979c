"""Parameters that several methods have."""

from cnnviz_desktop.core.parameters import ChoiceParameter, NumberParameter, Parameter

FUSE = ChoiceParameter(
    key="fuse",
    label="Several layers",
    help="One map for each layer, or one of all: each is clipped at 0, scaled to 0–1 and enlarged first.",
    default="none",
    choices=(("none", "One map each"), ("mean", "Mean"), ("max", "Maximum")),
)
AUG_SMOOTH = Parameter(
    key="aug_smooth",
    label="Smooth over copies",
    help="The mean over six copies of the image: as it is and mirrored, at 0.9, 1 and 1.1 times its brightness.",
    default=False,
)
EIGEN_SMOOTH = Parameter(
    key="eigen_smooth",
    label="Smooth by first component",
    help="The first principal component of what the channels contribute, in place of their sum.",
    default=False,
)
WEIGHTED = (FUSE, AUG_SMOOTH, EIGEN_SMOOTH)

CHUNK = NumberParameter(
    key="chunk",
    label="Copies at a time",
    help="How many inputs go through the network at once; 0 takes as many as the memory allows.",
    default=0,
    minimum=0,
    maximum=4096,
)
PRECISION = ChoiceParameter(
    key="precision",
    label="Precision",
    help="Reduced: float16 on a GPU, bfloat16 on a processor that has it, both faster there; the result says which.",
    default="full",
    choices=(("full", "Full"), ("reduced", "Reduced")),
)
CHUNKED = (CHUNK, PRECISION)
