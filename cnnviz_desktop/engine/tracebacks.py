"""Where in the user's own code an error came up."""

import sysconfig
import traceback
from pathlib import Path

import torch

_INSTALLED = frozenset({"site-packages", "dist-packages"})


def user_line(error: BaseException) -> str:
    """The last line of a network's own code before the error, as in “line 3 of net.py, in build”.

    That is a line outside of PyTorch, Python's library and this engine, and outside of installed packages too unless
    the network itself is in one. Of a syntax error it is the line that has it. Empty where there is none.
    """
    if isinstance(error, SyntaxError) and error.filename:
        return f"line {error.lineno} of {Path(error.filename).name}"
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _may_be_the_users(Path(frame.filename))]
    own = [frame for frame in frames if _INSTALLED.isdisjoint(Path(frame.filename).parts)] or frames
    if not own:
        return ""
    return f"line {own[-1].lineno} of {Path(own[-1].filename).name}, in {own[-1].name}"


def _may_be_the_users(file: Path) -> bool:
    if not file.is_absolute():  # “<string>”, “<frozen importlib._bootstrap>”
        return False
    if file.is_relative_to(Path(torch.__file__).parent) or file.is_relative_to(Path(__file__).parent):
        return False
    in_library = file.is_relative_to(sysconfig.get_path("stdlib"))  # which on some systems holds the packages too
    return not in_library or not _INSTALLED.isdisjoint(file.parts)
