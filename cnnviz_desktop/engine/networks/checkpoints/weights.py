"""Puts the weights of a file into a network, and refuses those that do not fit."""

import hashlib
from collections.abc import Generator, Mapping, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import torch
from torch import Tensor, nn

from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.core.results import Progress
from cnnviz_desktop.engine.networks.checkpoints.checkpoint import read_checkpoint
from cnnviz_desktop.engine.networks.checkpoints.fitting import COUNTER, Fitting, Row, compared, list_keys
from cnnviz_desktop.engine.networks.checkpoints.key_fitting import Fit
from cnnviz_desktop.engine.networks.checkpoints.older_keys import with_versions

_HASHING_THREADS = 4


def load_weights(
    module: nn.Module, path: Path, allowed_keys: Set[str]
) -> Generator[Progress, None, tuple[str, tuple[str, ...]]]:
    """Copy the weights of a file into a network, in place; in the network's own dtype.

    Args:
        module: The network, on the CPU.
        path: A weights file.
        allowed_keys: Keys that may be missing, unexpected or of another shape; they are left as they are.

    Returns:
        The file's SHA-256 and sentences about what was found in it.

    Raises:
        WeightsMismatch: Keys that do not fit and are not allowed; the network is unchanged.
        NetworkError: The file is no weights file, or cannot be read safely.
    """
    content, sha256 = yield from read_checkpoint(path)
    fitting = compared(module, content, path)
    fitting.check(allowed_keys)
    yield Progress(done=0, total=1, text=f"loading {path.name}")
    return sha256, load_fitted(module, fitting)


def load_fitted(module: nn.Module, fitting: Fitting) -> tuple[str, ...]:
    """Copy the weights of a file that was compared with a network into it, all but those that do not fit.

    Args:
        module: The network that was compared.
        fitting: What came of that; keys that do not fit have been allowed.

    Returns:
        Sentences about what was done.

    Raises:
        NetworkError: The network's own code refuses them.
    """
    path, fit, own = fitting.path, fitting.fit, module.state_dict()
    left_out = {key for key, *_ in fitting.table}
    loaded = {name: fit.tensors[key] for name, key in fit.names.items() if name not in left_out}
    try:
        missing = module.load_state_dict(with_versions(module, loaded), strict=False).missing_keys
    except RuntimeError as error:
        raise NetworkError(f"The weights of {path} cannot be put into the network: {error}.") from error
    extra = [key for key in missing if key not in fitting.shapes]
    return (
        *fitting.notes,
        *_notes(fitting),
        *_allowed_note(fitting.table),
        *_extra_state_note(path, extra),
        *_dtype_note(path, loaded, own),
    )


def state_sha256(module: nn.Module) -> str:
    """Hash of all parameters and buffers, with their names, dtypes and shapes; 64 hexadecimal digits.

    It is the hash of each tensor's own hash, so that several cores can work at it: opening a network waits for it.
    """
    tensors = [
        (key, value)
        for key, value in module.state_dict().items()
        if isinstance(value, Tensor) and not nn.parameter.is_lazy(value)
    ]
    with ThreadPoolExecutor(_HASHING_THREADS) as pool:
        return hashlib.sha256(b"".join(pool.map(_tensor_sha256, tensors))).hexdigest()


def _tensor_sha256(named: tuple[str, Tensor]) -> bytes:
    key, value = named
    digest = hashlib.sha256(f"{key} {value.dtype} {tuple(value.shape)}\n".encode())
    digest.update(value.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().data)
    return digest.digest()


def nan_note(module: nn.Module) -> tuple[str, ...]:
    """A sentence that names parameters and buffers with NaN in them; none where there are none."""
    broken = [
        key
        for key, value in module.state_dict().items()
        if isinstance(value, Tensor) and value.is_floating_point() and not nn.parameter.is_lazy(value)
        if holds_nan(value)
    ]
    return (f"There are NaN among the values of {list_keys(broken)}.",) if broken else ()


def holds_nan(tensor: Tensor) -> bool:
    """Whether one of a floating-point tensor's values is NaN; no for a sparse one and for one without values."""
    if tensor.layout != torch.strided or tensor.is_meta:
        return False
    # NaN makes the sum NaN, and a sum is quicker; opposite infinities make it NaN too. Types of a byte have no sum.
    if tensor.itemsize > 1 and not tensor.sum().isnan():
        return False
    return bool(tensor.isnan().any())


def _notes(fitting: Fitting) -> list[str]:
    path, (fit, *others) = fitting.path, fitting.fits
    notes = []
    if fit.place:
        notes.append(f"The weights are those under {_place(fit)} in {path.name}.")
    if others:
        notes.append(
            f"Those under {', '.join(map(_place, others))} fit as well and were not used; “weights_part” chooses them."
        )
    if fit.renaming:
        notes.append(f"{fit.renaming[0].upper()}{fit.renaming[1:]} of {path.name}.")
    if any(name.rpartition(".")[2] == COUNTER and name not in fit.names for name in fitting.shapes):
        notes.append(f"{path.name} comes from an old PyTorch without {COUNTER}, which only training needs.")
    return notes


def _place(fit: Fit) -> str:
    return f"“{fit.part}”" if fit.place else "its top level"


def _allowed_note(table: Sequence[Row]) -> list[str]:
    kept = [key for key, problem, *_ in table if problem != "unexpected"]
    ignored = [key for key, problem, *_ in table if problem == "unexpected"]
    notes = (
        [f"Not loaded, as allowed: {list_keys(kept)}; they keep the random values they were built with."]
        if kept
        else []
    )
    return notes + ([f"Left out of the file, as allowed: {list_keys(ignored)}."] if ignored else [])


def _extra_state_note(path: Path, extra: list[str]) -> list[str]:
    """About what modules keep besides tensors, which the table of keys and shapes cannot show."""
    if not extra:
        return []
    return [
        f"Of {path.name} only tensors are loaded. The network also keeps other state ({list_keys(extra)}), which stays "
        "as it was built."
    ]


def _dtype_note(path: Path, loaded: Mapping[str, Tensor], own: Mapping[str, Tensor]) -> list[str]:
    changes = sorted(
        {
            f"{_dtype(tensor)} to {_dtype(own[name])}"
            for name, tensor in loaded.items()
            if tensor.dtype != own[name].dtype and (tensor.is_floating_point() or own[name].is_floating_point())
        }
    )
    return [f"The values of {path.name} were converted from {' and '.join(changes)}."] if changes else []


def _dtype(tensor: Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")
