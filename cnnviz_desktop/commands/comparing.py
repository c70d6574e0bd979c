"""What a manifest tells of the files that it was made from, compared with those found when it is run again."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.core.resources import SAMPLE_PREFIX
from cnnviz_desktop.figures.manifest import Manifest


class _Network(msgspec.Struct, frozen=True):
    weights_sha256: str = ""


class _Result(msgspec.Struct, frozen=True):
    image: str = ""
    image_sha256: str = ""


class Asked(msgspec.Struct, frozen=True):
    """What matters of a manifest to run it again.

    Attributes:
        requests: What to answer.
        network: Hash of the weights that answered.
        results: Hashes of the images, by the name they were given then.
    """

    requests: tuple[Request, ...]
    network: _Network = _Network()
    results: tuple[_Result, ...] = ()


def differences(asked: Asked, now: Manifest) -> Iterator[str]:
    """A sentence for the weights and for every image that are not the bytes that the manifest was made from."""
    weights = asked.network.weights_sha256
    if weights and weights != now.network.weights_sha256:
        yield (
            f"The weights are not those of the manifest: SHA-256 {now.network.weights_sha256[:16]}… now, "
            f"{weights[:16]}… then. The results may differ."
        )
    for image, sha256 in {entry.image: entry.image_sha256 for entry in now.results if entry.image}.items():
        then = [each.image_sha256 for each in asked.results if _may_be(each.image, image)]
        if then and sha256 not in then:
            yield (
                f"{image} is not the image of the manifest: SHA-256 {sha256[:16]}… now, {then[0][:16]}… then. "
                "Its results may differ."
            )


def _may_be(given: str, image: str) -> bool:
    """Whether an image that was named so, from a folder that nobody knows any more, may be this one."""
    if given.startswith(SAMPLE_PREFIX) or image.startswith(SAMPLE_PREFIX):
        return given == image
    parts = tuple(part for part in Path(given).parts if part != "..")
    return bool(parts) and Path(image).parts[-len(parts) :] == parts
