"""Image classifiers in folders that ``save_pretrained`` of transformers wrote. Nothing is downloaded."""

import hashlib
import json
import logging
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import nn

from cnnviz_desktop.core.bounded_files import read_whole
from cnnviz_desktop.core.description import NetworkDescription
from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.core.results import Progress
from cnnviz_desktop.engine.networks.checkpoints.checkpoint import read_checkpoint
from cnnviz_desktop.engine.networks.checkpoints.hashing import sha256_of
from cnnviz_desktop.engine.networks.huggingface_recipe import recipe_in
from cnnviz_desktop.engine.networks.programs.surroundings import seeded
from cnnviz_desktop.engine.networks.source import Consent, Source
from cnnviz_desktop.engine.networks.timm_models import DOWNLOADING_ARGUMENTS
from cnnviz_desktop.engine.running import is_out_of_memory

HOW_TO_GET = (
    "A folder of Hugging Face needs the package transformers. Get it with “uv sync --extra huggingface” or "
    "“pip install transformers”."
)

_WEIGHTS = (
    "model.safetensors",
    "model.safetensors.index.json",
    "pytorch_model.bin",
    "pytorch_model.bin.index.json",
)
"""In the order in which transformers looks for them."""

_ADAPTER = "adapter_config.json"
"""Of PEFT: names the network, elsewhere, that the folder's weights are added to."""

_NAMES_OF_MODELS = ("architecture", "backbone")
_FETCHING = (*DOWNLOADING_ARGUMENTS, "use_pretrained_backbone")

_LARGEST = 1 << 26  # bytes of a configuration or an index
_KEYS_SHOWN = 4


def build_source(description: NetworkDescription, consent: Consent) -> Generator[Progress, None, Source]:
    """The image classifier of a folder, with its weights in float32.

    Raises:
        NetworkError: transformers is not installed, or the folder holds no image classifier that can be opened without
            running code of its own.
    """
    del consent  # nothing of the user's runs
    folder = Path(description.architecture.given)
    configuration = _read_configuration(folder)
    files = _weights_files(folder)
    sha256 = yield from _checked(files)
    yield Progress(done=0, total=1, text=f"building {configuration.get('model_type', folder.name)}")
    with _quiet_transformers(), seeded():
        module, notes = _built(folder)
        recipe, said = recipe_in(folder)
    return Source(
        module=module.eval(),
        notes=(*notes, *said),
        preprocessing=recipe,
        class_names=_class_names(configuration),
        weights_sha256=sha256,
    )


def _read_configuration(folder: Path) -> Mapping[str, Any]:
    path = folder / "config.json"
    try:
        content = json.loads(read_whole(path, _LARGEST))
    except OSError as error:
        raise NetworkError(f"{path} cannot be read: {error.strerror or error}.") from error
    except ValueError as error:
        raise NetworkError(f"{path} is damaged: it is not JSON ({error}).") from error
    if not isinstance(content, dict):
        raise NetworkError(f"{path} is not the configuration of a network: it holds no JSON object.")
    _check_whole(folder, content)
    return content


def _check_whole(folder: Path, configuration: Mapping[str, Any]) -> None:
    """Make sure that all a network needs is in its folder, and none of it is code.

    Raises:
        NetworkError: transformers would run code, or fetch or read something from elsewhere.
    """
    if configuration.get("auto_map"):
        raise NetworkError(
            f"The network of {folder} needs Python code that comes with it (“auto_map” in config.json). Such code is "
            "not run from here: write a network description with the Python file and its factory instead."
        )
    elsewhere = [f"“{key}” in config.json" for key, value in _entries(configuration) if _leads_elsewhere(key, value)]
    if (folder / _ADAPTER).is_file():
        elsewhere.append(_ADAPTER)
    if elsewhere:
        raise NetworkError(
            f"The network of {folder} is not whole: {elsewhere[0]} names something that does not lie in the folder, "
            "and nothing is fetched or run from elsewhere. Save the network whole where it was made."
        )


def _entries(value: object) -> Iterator[tuple[str, object]]:
    """Keys and values of a configuration, with those of the configurations within it."""
    if isinstance(value, dict):
        yield from value.items()
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _entries(inner)


def _leads_elsewhere(key: str, value: object) -> bool:
    if key in _NAMES_OF_MODELS:
        return isinstance(value, str) and ":" in value  # timm takes hf_hub:OWNER/NAME and local-dir:FOLDER
    if key.endswith("_implementation"):
        return "/" in str(value)  # a kernel: compiled code of the Hugging Face Hub
    return key in _FETCHING and value not in (None, False)


def _weights_files(folder: Path) -> tuple[Path, ...]:
    """The files that transformers will read; of an index, all that it names."""
    found = next((folder / name for name in _WEIGHTS if (folder / name).is_file()), None)
    if found is None:
        raise NetworkError(f"There are no weights in {folder}: neither {_WEIGHTS[0]} nor {_WEIGHTS[2]}.")
    if found.suffix != ".json":
        return (found,)
    try:
        names = sorted(
            {Path(str(name)).name for name in json.loads(read_whole(found, _LARGEST))["weight_map"].values()}
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise NetworkError(f"{found} does not say which files the weights are in: {error}.") from error
    missing = [name for name in names if not (folder / name).is_file()]
    if missing or not names:
        raise NetworkError(f"The weights of {folder} are not whole: {', '.join(missing) or 'every file'} is missing.")
    return tuple(folder / name for name in names)


def _checked(files: tuple[Path, ...]) -> Generator[Progress, None, str]:
    """The hash of the weights; pickled ones are first read safely, so that what is unsafe is told in our words."""
    hashes = []
    for file in files:
        if file.suffix == ".safetensors":
            try:
                hashes.append((yield from sha256_of(file)))
            except OSError as error:
                raise NetworkError(f"The weights file {file} cannot be read: {error.strerror or error}.") from error
        else:
            hashes.append((yield from read_checkpoint(file)).sha256)
    return hashes[0] if len(hashes) == 1 else hashlib.sha256("".join(hashes).encode()).hexdigest()


def _built(folder: Path) -> tuple[nn.Module, tuple[str, ...]]:
    try:
        from transformers import AutoModelForImageClassification
    except ModuleNotFoundError as error:
        raise NetworkError(HOW_TO_GET) from error
    try:
        module, found = AutoModelForImageClassification.from_pretrained(
            str(folder),
            local_files_only=True,
            trust_remote_code=False,
            weights_only=True,
            dtype=torch.float32,
            output_loading_info=True,
        )
    except Exception as error:  # what transformers raises has no common type
        if is_out_of_memory(error):
            raise
        said = " ".join(str(error).split()) or type(error).__name__
        raise NetworkError(f"transformers cannot open {folder} as an image classifier: {said[:300]}.") from error
    missing = sorted(map(str, found["missing_keys"]))
    if missing:
        raise NetworkError(
            f"The weights of {folder} lack {_list(missing)}: they were saved without a classifier, or for another "
            "network. Train or copy those, or open the network through a Python file."
        )
    unexpected = sorted(map(str, found["unexpected_keys"]))
    return module, (f"Left out of the weights, which the network has no place for: {_list(unexpected)}.",) * bool(
        unexpected
    )


def _class_names(configuration: Mapping[str, Any]) -> tuple[str, ...]:
    """One name a class; empty where they are the numbers that transformers puts there itself."""
    labels = configuration.get("id2label")
    if not isinstance(labels, dict):
        return ()
    try:
        names = tuple(str(labels[str(index)]) for index in range(len(labels)))
    except KeyError:
        return ()
    return () if names == tuple(f"LABEL_{index}" for index in range(len(names))) else names


@contextmanager
def _quiet_transformers() -> Iterator[None]:
    """Inside, transformers writes no warnings and no bars to the terminal."""
    try:
        from transformers.utils import logging as words
    except ModuleNotFoundError as error:
        raise NetworkError(HOW_TO_GET) from error
    verbosity, bars = words.get_verbosity(), words.is_progress_bar_enabled()
    words.set_verbosity(logging.CRITICAL)
    words.disable_progress_bar()  # type: ignore[no-untyped-call]  # transformers gives it no types
    try:
        yield
    finally:
        words.set_verbosity(verbosity)
        if bars:
            words.enable_progress_bar()  # type: ignore[no-untyped-call]  # as above


def _list(keys: list[str]) -> str:
    more = len(keys) - _KEYS_SHOWN
    return ", ".join(keys[:_KEYS_SHOWN]) + (f" and {more} more" if more > 0 else "")
