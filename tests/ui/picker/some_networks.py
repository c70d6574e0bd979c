"""Networks for the library's table, of no library."""

from cnnviz_desktop.core.network_catalogue import LibraryNetwork
from cnnviz_desktop.core.official_weights import OfficialWeights


def some_weights(network: str, *names: str) -> tuple[OfficialWeights, ...]:
    return tuple(
        OfficialWeights(
            network=f"torchvision:{network}@{name}",
            name=name,
            url=f"https://example.org/{network}-{name}.pth",
            file_name=f"{network}-{name}.pth",
            bytes=50 << 20,
            recipe="80.9 % top-1",
        )
        for name in names
    )


NETWORKS = (
    LibraryNetwork(
        library="torchvision",
        name="resnet18",
        family="ResNet",
        task="classification",
        parameters=11_689_512,
        macs=1_814_073_344,
        weights=some_weights("resnet18", "IMAGENET1K_V1"),
    ),
    LibraryNetwork(
        library="torchvision",
        name="resnet50",
        family="ResNet",
        task="classification",
        parameters=25_557_032,
        macs=4_089_184_256,
        weights=some_weights("resnet50", "IMAGENET1K_V2", "IMAGENET1K_V1"),
        here=frozenset({"IMAGENET1K_V1"}),
    ),
    LibraryNetwork(library="torchvision", name="vgg16", family="VGG", task="classification", parameters=138_357_544),
    LibraryNetwork(
        library="torchvision",
        name="deeplabv3_resnet50",
        family="DeepLab",
        task="segmentation",
        parameters=42_004_074,
    ),
    LibraryNetwork(library="timm", name="vit_tiny", family="ViT", task="classification"),
)


def many_networks(count: int) -> tuple[LibraryNetwork, ...]:
    """As many as that, with names that differ."""
    return tuple(
        LibraryNetwork(
            library="timm",
            name=f"vit_model_{number}",
            family=f"Family {number % 90}",
            task="classification",
            parameters=number,
        )
        for number in range(count)
    )
