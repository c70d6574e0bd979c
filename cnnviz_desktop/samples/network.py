"""The sample network: a small residual network for pictures of everyday things."""

from torch import Tensor, nn

_STEM_CHANNELS = 32
_STAGE_CHANNELS = (32, 64, 128)
_BLOCKS_PER_STAGE = 2


class Stem(nn.Module):
    """Takes the picture to a quarter of its height and width."""

    def __init__(self, out_channels: int) -> None:
        """Build a strided convolution and a pooling.

        Args:
            out_channels: channels of the answer.
        """
        super().__init__()
        self.conv = nn.Conv2d(3, out_channels, kernel_size=5, stride=2, padding=2, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)
        self.relu = nn.ReLU(inplace=True)
        self.pool = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)

    def forward(self, pictures: Tensor) -> Tensor:
        """Take (N, 3, H, W) to (N, C, H / 4, W / 4)."""
        quarters: Tensor = self.pool(self.relu(self.norm(self.conv(pictures))))
        return quarters


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions beside a shortcut (He et al. 2016, https://arxiv.org/abs/1512.03385)."""

    def __init__(self, in_channels: int, out_channels: int, stride: int = 1) -> None:
        """Build the block; the shortcut is a 1x1 convolution where the shape changes.

        Args:
            in_channels: channels of the block's input.
            out_channels: channels of its output.
            stride: step of the first convolution.
        """
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, kernel_size=3, stride=stride, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.relu1 = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(out_channels, out_channels, kernel_size=3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels)
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or in_channels != out_channels:
            self.shortcut = nn.Sequential(
                nn.Conv2d(in_channels, out_channels, kernel_size=1, stride=stride, bias=False),
                nn.BatchNorm2d(out_channels),
            )
        self.relu2 = nn.ReLU(inplace=True)

    def forward(self, maps: Tensor) -> Tensor:
        """Take (N, in, h, w) to (N, out, h / stride, w / stride)."""
        branch = self.norm2(self.conv2(self.relu1(self.norm1(self.conv1(maps)))))
        joined: Tensor = self.relu2(branch + self.shortcut(maps))
        return joined


class Head(nn.Module):
    """Averages the last maps over space and weighs them for each class."""

    def __init__(self, channels: int, num_classes: int) -> None:
        """Build the pooling and the linear layer.

        Args:
            channels: channels of the last stage.
            num_classes: number of logits.
        """
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.flatten = nn.Flatten()
        self.fc = nn.Linear(channels, num_classes)

    def forward(self, maps: Tensor) -> Tensor:
        """Take (N, C, h, w) to logits (N, num_classes)."""
        logits: Tensor = self.fc(self.flatten(self.pool(maps)))
        return logits


class SampleNetwork(nn.Module):
    """Stem, three stages of two residual blocks each, head.

    The second stage halves the maps, the third keeps them: a picture of 128x128 leaves the last stage as 16x16 maps.
    """

    def __init__(self, num_classes: int) -> None:
        """Build the network with random weights.

        Args:
            num_classes: number of logits.
        """
        super().__init__()
        self.stem = Stem(_STEM_CHANNELS)
        narrow, middle, wide = _STAGE_CHANNELS
        self.stage1 = _stage(_STEM_CHANNELS, narrow, stride=1)
        self.stage2 = _stage(narrow, middle, stride=2)
        self.stage3 = _stage(middle, wide, stride=1)
        self.head = Head(wide, num_classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, pictures: Tensor) -> Tensor:
        """Take normalised pictures (N, 3, H, W) of any size from 8 pixels a side to logits (N, num_classes)."""
        logits: Tensor = self.head(self.stage3(self.stage2(self.stage1(self.stem(pictures)))))
        return logits


def _stage(in_channels: int, out_channels: int, stride: int) -> nn.Sequential:
    first = ResidualBlock(in_channels, out_channels, stride)
    return nn.Sequential(first, *(ResidualBlock(out_channels, out_channels) for _ in range(_BLOCKS_PER_STAGE - 1)))


def build(num_classes: int = 12) -> SampleNetwork:
    """Return a new sample network with random weights."""
    return SampleNetwork(num_classes)
