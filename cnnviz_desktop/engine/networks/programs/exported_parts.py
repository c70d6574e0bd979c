"""What a file of torch.export holds, looked at before it is loaded: pickles and compiled code run when they are."""

import io
import json
from pathlib import Path

import torch
from torch.serialization import get_unsafe_globals_in_checkpoint

from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.engine.networks.programs.saved_program import Archive, damaged
from cnnviz_desktop.engine.running import is_out_of_memory

_COMPILED = "data/aotinductor/"
_OBJECTS = ("data/constants/custom_obj_", "data/constants/opaque_obj_")
_CONFIGURATIONS = ("weights_config.json", "constants_config.json")
_SHOWN = 3


def check_parts(archive: Archive) -> None:
    """Refuse what could run code by being read, and what is not the graph of one network.

    Raises:
        NetworkError: There is some.
    """
    path = archive.program.path
    members = archive.members
    if any(name.startswith(_COMPILED) for name in members):
        raise NetworkError(
            f"{path} holds code that torch.compile made for one machine (AOTInductor), whose layers cannot be watched. "
            "Save the program with torch.export.save before it is compiled."
        )
    objects = [name for name in members if name.startswith(_OBJECTS)]
    if objects:
        raise NetworkError(
            f"{path} holds objects that are no tensors ({', '.join(objects[:_SHOWN])}) and could run code when opened, "
            "so that it was not."
        )
    pickled = {name for name in members if name.endswith(".pt")}
    for name in members:
        if name.endswith(_CONFIGURATIONS):
            pickled |= _pickled(archive, name)
    for name in sorted(pickled & members.keys()):
        _check_pickle(archive, name)


def _pickled(archive: Archive, configuration: str) -> set[str]:
    """Names of the parts that a table of tensors says are pickles."""
    try:
        rows = json.loads(archive.part(configuration))["config"].values()
        folder = configuration.rpartition("/")[0]
        return {f"{folder}/{row['path_name']}" for row in rows if row["use_pickle"]}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise damaged(Path(archive.program.path), error) from error


def _check_pickle(archive: Archive, name: str) -> None:
    content = archive.part(name)
    try:
        torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except Exception as error:  # what a damaged pickle makes the reader raise has no common type
        if is_out_of_memory(error):
            raise
        path = archive.program.path
        unsafe = _unsafe_globals(content)
        if not unsafe:
            raise damaged(Path(path), error) from error
        raise NetworkError(
            f"{path} holds more than tensors and plain values in {name} ({', '.join(unsafe[:_SHOWN])}) and could run "
            "code when opened, so that it was not. Export it again, with tensors alone as example inputs."
        ) from error


def _unsafe_globals(content: bytes) -> list[str]:
    try:
        return sorted(get_unsafe_globals_in_checkpoint(io.BytesIO(content)))
    except Exception:  # no archive of torch.save's at all: a bare pickle
        return ["a pickle"] if content[:1] == b"\x80" else []
