"""Files that leave a mark when anything of them runs, of every kind that a user may be sent."""

import io
import json
import pickle
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn

MARK = "ran"
TOUCH = "open({marker!r}, 'w').close()\n"
BUILD = "from torch import nn\ndef build(): return nn.Conv2d(3, 4, 3)\n"


class Bomb:
    """Unpickling it makes the mark."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[object, ...]:
        return exec, (TOUCH.format(marker=str(self.marker)),)


def marker_of(folder: Path) -> Path:
    return folder.parent / MARK


def saved(value: object, *, legacy: bool = False) -> bytes:
    content = io.BytesIO()
    torch.save(value, content, _use_new_zipfile_serialization=not legacy)
    return content.getvalue()


def _weights(folder: Path) -> object:
    return {"state_dict": {"weight": torch.zeros(4, 3, 3, 3)}, "more": Bomb(marker_of(folder))}


def torch_archive(folder: Path) -> bytes:
    return saved(_weights(folder))


def torch_legacy(folder: Path) -> bytes:
    return saved(_weights(folder), legacy=True)


def bare_pickle(folder: Path) -> bytes:
    return pickle.dumps(Bomb(marker_of(folder)), protocol=4)


def old_pickle(folder: Path) -> bytes:
    return pickle.dumps(Bomb(marker_of(folder)), protocol=0)


def whole_model(folder: Path) -> bytes:
    module = nn.Conv2d(3, 4, 3)
    module.bomb = Bomb(marker_of(folder))  # type: ignore[assignment]  # a module takes any attribute
    return saved(module)


def pickle_in_zip(folder: Path) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("archive/data.pkl", bare_pickle(folder))
        archive.writestr("archive/version", "3")
    return content.getvalue()


def python_text(folder: Path) -> bytes:
    return TOUCH.format(marker=str(marker_of(folder))).encode()


def lying_safetensors(folder: Path) -> bytes:
    header = json.dumps({"weight": {"dtype": "F32", "shape": [1 << 40], "data_offsets": [0, 1 << 42]}}).encode()
    return len(header).to_bytes(8, "little") + header + bare_pickle(folder)


def endless_safetensors(_: Path) -> bytes:
    return (1 << 40).to_bytes(8, "little") + b'{"weight"' + b" " * 64


WEIGHTS: dict[str, Callable[[Path], bytes]] = {
    "archive.pth": torch_archive,
    "archive.pt": torch_archive,
    "legacy.pth": torch_legacy,
    "pickle.pkl": bare_pickle,
    "pickle.ckpt": bare_pickle,
    "old.bin": old_pickle,
    "model.pt": whole_model,
    "zipped.pth": pickle_in_zip,
    "zipped.safetensors": pickle_in_zip,
    "python.pth": python_text,
    "lying.safetensors": lying_safetensors,
    "endless.safetensors": endless_safetensors,
}
"""Weights files that would run code, or lie about their size, by their name."""


class Writing(nn.Module):
    """Its TorchScript writes a file while it runs."""

    def __init__(self, marker: Path) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.marker = str(marker)

    def forward(self, x: Tensor) -> Tensor:
        torch.save(x, self.marker)
        pooled: Tensor = self.conv(x).mean(dim=(2, 3))
        return pooled


def _described(folder: Path, architecture: dict[str, object], **fields: object) -> Path:
    path = folder / "mine.cnnviz-network.json"
    path.write_text(json.dumps({"format": 1, "name": "Mine", "architecture": architecture, **fields}))
    return path


def weights_beside(folder: Path, name: str) -> Path:
    """A description of a harmless network with a weights file that is not."""
    (folder / name).write_bytes(WEIGHTS[name](folder))
    return _described(folder, {"torchvision": "resnet18"}, weights=name)


def python_file(folder: Path) -> Path:
    (folder / "net.py").write_text(TOUCH.format(marker=str(marker_of(folder))) + BUILD)
    return _described(folder, {"file": "net.py", "factory": "build"})


def package(folder: Path) -> Path:
    (folder / "mine" / "nets").mkdir(parents=True)
    for name in ("mine/__init__.py", "mine/nets/__init__.py", "mine/nets/blocks.py"):
        (folder / name).write_text(TOUCH.format(marker=str(marker_of(folder))))
    (folder / "mine" / "nets" / "net.py").write_text("from . import blocks\nfrom .. import nets\n" + BUILD)
    return _described(folder, {"file": "mine/nets/net.py", "factory": "build"})


def own_module(folder: Path) -> Path:
    package(folder)
    return _described(folder, {"module": "mine.nets.net", "factory": "build"})


def system_module(folder: Path) -> Path:
    arguments = {"command": f"touch {marker_of(folder)}"}
    return _described(folder, {"module": "os", "factory": "system", "arguments": arguments})


def shell_module(folder: Path) -> Path:
    arguments = {"args": f"touch {marker_of(folder)}", "shell": True}
    return _described(folder, {"module": "subprocess", "factory": "call", "arguments": arguments})


def installed_module(folder: Path) -> Path:
    """A function of PyTorch's that runs a command line."""
    arguments = {"command": f"touch {marker_of(folder)}"}
    return _described(folder, {"module": "torch.utils.collect_env", "factory": "run", "arguments": arguments})


def exported(folder: Path) -> Path:
    path = folder / "mine.pt2"
    torch.export.save(torch.export.export(nn.Conv2d(3, 4, 3), (torch.zeros(1, 3, 8, 8),)), path)
    return path


def exported_with_pickle(folder: Path) -> Path:
    with zipfile.ZipFile(exported(folder)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(folder / "mine.pt2", "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, bare_pickle(folder) if name.endswith("sample_inputs/model.pt") else content)
    return folder / "mine.pt2"


def torchscript(folder: Path) -> Path:
    path = folder / "mine.pt"
    with warnings.catch_warnings(action="ignore"):  # torch.jit says that it will go one day
        torch.jit.save(torch.jit.script(Writing(marker_of(folder))), path)
    return path


PROGRAMS: dict[str, Callable[[Path], Path]] = {
    "python file": python_file,
    "package": package,
    "own module": own_module,
    "installed module": installed_module,
    "exported": exported,
    "TorchScript": torchscript,
}
"""Networks that are programs, each asked about before anything of it runs."""


PYTHONS_OWN = {"os.system": system_module, "subprocess.call": shell_module}
"""Descriptions that name what is no network, and runs a command line."""


def surroundings(folder: Path) -> None:
    """What Python runs by itself when it starts, or finds in a folder, in all files that it looks for."""
    for name in ("sitecustomize.py", "usercustomize.py", "conftest.py", "torch.py", "numpy.py", "resnet18.py"):
        (folder / name).write_text(TOUCH.format(marker=str(marker_of(folder))))
    (folder / "evil.pth").write_text(f"import os; {TOUCH.format(marker=str(marker_of(folder)))}")
