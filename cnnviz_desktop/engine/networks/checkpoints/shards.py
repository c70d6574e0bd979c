"""Weights in several safetensors files, as their index lists them (``model.safetensors.index.json``)."""

from pathlib import Path

import msgspec

from cnnviz_desktop.core.bounded_files import read_whole
from cnnviz_desktop.core.errors import NetworkError

INDEX_SUFFIX = ".safetensors.index.json"

_LARGEST = 1 << 26  # bytes of an index


class _Index(msgspec.Struct):
    """The part of an index that is read: the file that each key is in."""

    weight_map: dict[str, str]


def read_index(path: Path) -> tuple[Path, ...]:
    """The files that an index names, each once; they lie beside it.

    Raises:
        NetworkError: It cannot be read, is no index, or names files that are elsewhere or missing.
    """
    try:
        names = dict.fromkeys(msgspec.json.decode(read_whole(path, _LARGEST), type=_Index).weight_map.values())
    except OSError as error:
        raise NetworkError(f"The weights' index {path} cannot be read: {error.strerror or error}.") from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise NetworkError(f"{path} is not an index of sharded weights: {error}.") from error
    strange = [name for name in names if Path(name).name != name]
    if strange or not names:
        said = f"names {strange[0]}, which is not beside it" if strange else "names no file"
        raise NetworkError(f"The weights' index {path} {said}. Nothing was read.")
    shards = tuple(path.parent / name for name in names)
    missing = [shard.name for shard in shards if not shard.is_file()]
    if missing:
        raise NetworkError(
            f"Of the {len(shards)} files that {path} names, {len(missing)} are missing beside it ({missing[0]}). "
            "Copy them there."
        )
    return shards
