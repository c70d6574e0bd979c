"""What `cnnviz doctor` finds: versions, devices, window system, folders, what is missing and how to get it."""

import os
import platform
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

import msgspec
import platformdirs
import psutil

from cnnviz_desktop import system
from cnnviz_desktop.core.resources import sample_images
from cnnviz_desktop.samples import library

DISTRIBUTION = "cnnviz-desktop"
State = Literal["fine", "note", "missing"]

_REPAIR = "Run bash packaging/start.sh again, or install cnnviz-desktop again."
_OPENCV_TWINS = ("opencv-python", "opencv-contrib-python", "opencv-contrib-python-headless")
_TORCH_TIMEOUT = 120.0  # seconds: the first import of torch from a cold disk
_MARKS: dict[State, str] = {"fine": "✓", "note": "·", "missing": "✗"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        name: What was looked at.
        value: What was found.
        state: ``missing`` keeps a part of the program from working, ``note`` is worth knowing.
        advice: What to do about it; empty where nothing is to be done.
    """

    name: str
    value: str
    state: State = "fine"
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Findings that belong together."""

    title: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that was found, in the order of reading."""

    sections: tuple[Section, ...]

    @property
    def missing(self) -> tuple[Finding, ...]:
        """What keeps a part of the program from working."""
        return tuple(each for section in self.sections for each in section.findings if each.state == "missing")

    @property
    def fine(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing

    def to_text(self) -> str:
        """The report for people: a heading a section, a line a finding, advice under what needs it."""
        width = max((len(finding.name) for section in self.sections for finding in section.findings), default=0)
        lines: list[str] = []
        for section in self.sections:
            lines.append(section.title)
            for finding in section.findings:
                lines.append(f"  {_MARKS[finding.state]} {finding.name:<{width}}  {finding.value}")
                if finding.advice:
                    lines.append(f"    {'':<{width}}  → {finding.advice}")
            lines.append("")
        count = len(self.missing)
        lines.append(f"{count} missing; the lines marked ✗ say what to do." if count else "Nothing is missing.")
        return "\n".join(lines)

    def to_json(self) -> str:
        """The report for programs: ``{"fine": …, "sections": [{"title": …, "findings": [{…}, …]}, …]}``."""
        content = {"fine": self.fine, "sections": self.sections}
        return msgspec.json.format(msgspec.json.encode(content), indent=2).decode()


def report() -> Report:
    """Look at everything. Takes as long as importing torch, which happens in a process of its own."""
    return Report(
        (
            Section("Versions", tuple(versions())),
            Section("Computing", tuple(computing())),
            Section("Window", tuple(window())),
            Section("Files", tuple(files())),
        )
    )


def versions(distribution: str = DISTRIBUTION) -> Iterator[Finding]:
    """The program, Python, every package that the program requires, and packages that are in its way."""
    yield _version(distribution)
    yield Finding("Python", f"{platform.python_version()} ({sys.executable})")
    try:
        required = metadata.requires(distribution) or []
    except metadata.PackageNotFoundError:
        required = []
    for requirement in required:
        yield _version(re.split(r"[^\w.-]", requirement, maxsplit=1)[0])
    for twin in map(_version, _OPENCV_TWINS):
        if twin.state == "fine":
            value = f"{twin.value}, beside opencv-python-headless in the same cv2 folder"
            advice = f"pip uninstall {twin.name} opencv-python-headless; pip install opencv-python-headless"
            yield Finding(twin.name, value, "missing", advice)


def _version(distribution: str) -> Finding:
    try:
        return Finding(distribution, metadata.version(distribution))
    except metadata.PackageNotFoundError:
        return Finding(distribution, "not installed", "missing", _REPAIR)


def computing() -> Iterator[Finding]:
    """Processor, memory and CUDA devices."""
    memory = psutil.virtual_memory()
    cores = len(os.sched_getaffinity(0)) if sys.platform.startswith("linux") else os.cpu_count()
    yield Finding("CPU cores", str(cores))
    yield Finding("Memory", f"{_size(memory.available)} free of {_size(memory.total)}")
    yield from _devices([sys.executable, "-P", "-m", "cnnviz_desktop.engine.device_report"])


class _Devices(msgspec.Struct, frozen=True):
    """What `engine.device_report` writes."""

    choice: str
    cuda: list[tuple[str, int, int]]


def _devices(command: list[str]) -> Iterator[Finding]:
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=_TORCH_TIMEOUT, check=True)
        devices = msgspec.json.decode(answer.stdout, type=_Devices)
    except subprocess.CalledProcessError as error:
        last = (error.stderr.strip().splitlines() or [f"it ended with code {error.returncode}"])[-1]
        yield Finding("PyTorch", f"does not start: {last}", "missing", _REPAIR)
        return
    except (OSError, subprocess.TimeoutExpired, msgspec.MsgspecError) as error:
        yield Finding("PyTorch", f"does not answer: {error}", "missing", _REPAIR)
        return
    yield Finding("PyTorch", devices.choice)
    for index, (name, free, total) in enumerate(devices.cuda):
        yield Finding(f"cuda:{index}", f"{name}, {_size(free)} free of {_size(total)}")


def window() -> Iterator[Finding]:
    """What Qt needs to show the window."""
    missing = system.missing_qt_libraries()
    if missing:
        yield Finding("Qt libraries", f"not there: {' '.join(missing)}", "missing", system.apt_line(missing))
    else:
        yield Finding("Qt libraries", "all there")
    named = {name: os.environ.get(name) for name in ("QT_QPA_PLATFORM", "WAYLAND_DISPLAY", "DISPLAY")}
    screen = ", ".join(f"{name}={value}" for name, value in named.items() if value) or "none"
    problem = "" if missing else system.display_problem()
    yield Finding("Screen", screen, "note" if problem else "fine", problem)
    for script, language, package in (("Latin", "en", "fonts-dejavu-core"), ("Chinese", "zh-cn", "fonts-wqy-microhei")):
        if system.has_font(language):
            yield Finding(f"{script} font", "there")
        else:
            advice = system.apt_line((package,))
            yield Finding(f"{script} font", "none: these characters show as boxes", "note", advice)


def files() -> Iterator[Finding]:
    """The sample that ships, and the folders that the program writes."""
    scenes = len(sample_images())
    if scenes and (library.sample_folder() / library.WEIGHTS_NAME).is_file():
        yield Finding("Sample", f"network and {scenes} images")
    else:
        yield Finding("Sample", "network or images not installed", "missing", _REPAIR)
    yield _folder("Settings", Path(platformdirs.user_config_dir(DISTRIBUTION, appauthor=False)))
    yield _folder("Cache", Path(platformdirs.user_cache_dir(DISTRIBUTION, appauthor=False)))


def _folder(name: str, folder: Path) -> Finding:
    """Where a folder lies, how much it holds, and whether it can be written to, or made."""
    there = _exists(folder)
    nearest = next(place for place in (folder, *folder.parents) if _exists(place))
    value = f"{folder} ({_size(_held(folder)) if there else 'not made yet'})"
    if nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK):
        return Finding(name, value)
    advice = (
        f"{nearest} cannot be written to: make it yours, or set XDG_CONFIG_HOME and XDG_CACHE_HOME to folders of yours."
    )
    return Finding(name, value, "missing", advice)


def _exists(place: Path) -> bool:
    """Whether something can be seen to be there; not where a folder above may not be looked into."""
    try:
        return place.exists()
    except OSError:
        return False


def _held(folder: Path) -> int:
    """Bytes in the files below a folder; what may not be looked at, or goes meanwhile, is left out."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                total += Path(place, name).lstat().st_size
    return total


def _size(count: int) -> str:
    """Bytes in the unit that reads best."""
    amount = float(count)
    for unit in ("B", "kB", "MB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}"
        amount /= 1000
    return f"{amount:.1f} GB"
