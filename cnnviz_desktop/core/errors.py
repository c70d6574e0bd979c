"""Every failure that a user can cause or meet.

A message is one or two plain sentences: what happened, to what, and what to do about it. The window shows it in its
message list, the command line prints it and exits 2. Any other exception is a bug of this program.
"""

from cnnviz_desktop.core.covered import CALLED_AS
from cnnviz_desktop.core.official_weights import OfficialWeights, in_mebibytes

_FILES_NAMED = 5


class CnnvizError(Exception):
    """A failure that a user can cause or meet; its text is shown as it stands.

    Attributes:
        of_image: Whether it hangs on the image, so that the same may be asked of another one.
    """

    of_image = False


class RequestError(CnnvizError):
    """A request that asks for something that does not exist or does not fit together.

    Args:
        message: What is told.
        of_image: Whether it does not fit together with this image alone: with its size, or with what the network makes
            of it.
    """

    def __init__(self, message: str, *, of_image: bool = False) -> None:
        super().__init__(message)
        self.of_image = of_image


class ImageError(CnnvizError):
    """A file that cannot be read as a picture."""

    of_image = True


class NetworkError(CnnvizError):
    """A network that cannot be found or built, or cannot be run on an image."""

    of_image = True


class ConsentNeeded(NetworkError):
    """A network whose program may run only after the user has agreed to it.

    Attributes:
        file: Absolute path of the program: a Python file, or one that torch.export or torch.jit has saved.
        sha256: Hash of exactly the bytes that would be run, as 64 hexadecimal digits: the file's own, or where it
            imports others beside it that of all of them.
        beside: Those other files, by their paths relative to the file's folder; or how an installed module is called
            (see `core.covered`).
    """

    of_image = False

    def __init__(self, file: str, sha256: str, beside: tuple[str, ...] = (), *, what: str = "a Python program") -> None:
        """`what` the file is, for the sentence."""
        calls = [each for each in beside if each.startswith(CALLED_AS)]
        files = [each for each in beside if each not in calls]
        named = ", ".join(files[:_FILES_NAMED]) + (", …" if len(files) > _FILES_NAMED else "")
        is_program = (
            f"with {len(files)} more that it imports beside it ({named}) is {what} (SHA-256 of all {sha256})"
            if files
            else f"is {', '.join((what, *calls))} (SHA-256 {sha256})"
        )
        imports = "; the installed modules it imports run with it" if file.endswith(".py") else ""
        super().__init__(
            f"{file} {is_program} and has not been run. Run it only if you trust whoever wrote it{imports}."
        )
        self.file = file
        self.sha256 = sha256
        self.beside = beside


class WeightsMismatch(NetworkError):
    """Weights that do not fit the network they are loaded into.

    Attributes:
        table: One row for each key that does not fit: (key, problem, shape in the file, shape in the network), where
            problem is ``missing``, ``unexpected`` or ``shape``; an absent shape is the empty string.
        parts: The dictionaries of the file that fit equally well, as ``weights_part`` of a description names them, the
            one in the table first.
    """

    of_image = False

    def __init__(self, message: str, table: tuple[tuple[str, str, str, str], ...], parts: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.table = table
        self.parts = parts


class WeightsNeeded(NetworkError):
    """Official weights that are not on this machine: nothing is downloaded unasked.

    Attributes:
        weights: What is needed.
        folder: Where it is looked for: torch's own cache.
    """

    of_image = False

    def __init__(self, weights: OfficialWeights, folder: str) -> None:
        size = f", {in_mebibytes(weights.bytes)}" if weights.bytes is not None else ""
        super().__init__(
            f"The weights {weights.name} of {weights.network.partition('@')[0]} are not on this machine, and nothing "
            f"is downloaded unasked. “cnnviz weights download {weights.network}” downloads {weights.url}{size} into "
            f"{folder}. Without a network, fetch that file elsewhere, then “cnnviz weights import FILE "
            f"{weights.network}”."
        )
        self.weights = weights
        self.folder = folder


class LayerError(RequestError):
    """A layer that does not exist or cannot be shown in the way that was asked."""


class TargetError(RequestError):
    """A class that the network does not have."""


class OutOfMemory(CnnvizError):
    """The device's memory ran out; what the session held there has been freed."""

    of_image = True


class OutputError(CnnvizError):
    """A file or folder that cannot be written."""
