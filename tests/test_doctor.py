"""What `cnnviz doctor` says of this machine, and of machines where something is missing."""

import ctypes
import json
import os
import platform
import socket
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest

from cnnviz_desktop import doctor, system
from cnnviz_desktop.core.resources import resource_path
from cnnviz_desktop.samples import library

ROOT = Path(__file__).parents[1]


def by_name(findings: tuple[doctor.Finding, ...]) -> dict[str, doctor.Finding]:
    return {finding.name: finding for finding in findings}


@pytest.fixture
def no_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str) -> None:
        raise OSError(f"{name}: cannot open shared object file")

    monkeypatch.setattr(ctypes, "CDLL", refuse)


@pytest.fixture
def no_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)


def test_that_every_version_is_the_one_that_python_would_import() -> None:
    found = by_name(tuple(doctor.versions()))
    script = "import PySide6, numpy, msgspec; print(PySide6.__version__, numpy.__version__, msgspec.__version__)"
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert [found[name].value for name in ("pyside6-essentials", "numpy", "msgspec")] == answer
    assert found["Python"].value.startswith(platform.python_version())
    assert not doctor.Report((doctor.Section("Versions", tuple(found.values())),)).missing


def test_that_a_package_that_is_not_installed_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    installed = metadata.version

    def without_torch(name: str) -> str:
        if name == "torch":
            raise metadata.PackageNotFoundError(name)
        return installed(name)

    monkeypatch.setattr(metadata, "version", without_torch)
    found = by_name(tuple(doctor.versions()))
    assert found["torch"].state == "missing"
    assert "start.sh" in found["torch"].advice
    assert found["numpy"].state == "fine"


def test_that_opencv_python_beside_the_headless_one_is_a_conflict(monkeypatch: pytest.MonkeyPatch) -> None:
    installed = metadata.version
    monkeypatch.setattr(metadata, "version", lambda name: "4.9.0" if name == "opencv-python" else installed(name))
    found = by_name(tuple(doctor.versions()))["opencv-python"]
    assert found.state == "missing"
    assert "pip uninstall opencv-python opencv-python-headless" in found.advice


def test_that_the_devices_are_those_that_torch_names() -> None:
    found = by_name(tuple(doctor.computing()))
    script = "import torch; print(torch.cuda.device_count())"
    count = int(subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout)
    assert sum(name.startswith("cuda:") for name in found) == count
    assert ("CUDA" in found["PyTorch"].value) == (count == 0 or "computes through CUDA" in found["PyTorch"].value)
    assert found["PyTorch"].state == "fine"
    assert "GB free of" in found["Memory"].value


def test_that_a_torch_that_does_not_start_is_missing_with_its_own_words() -> None:
    script = "import sys; sys.stderr.write('libcudart.so: cannot open\\n'); sys.exit(1)"
    (found,) = doctor._devices([sys.executable, "-c", script])
    assert found.state == "missing"
    assert "libcudart.so: cannot open" in found.value


def test_that_words_in_place_of_the_device_report_are_told() -> None:
    (found,) = doctor._devices([sys.executable, "-c", "print('hello')"])
    assert found.state == "missing"
    assert "does not answer" in found.value


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="apt and xcb are Linux's")
@pytest.mark.usefixtures("no_libraries", "no_screen")
class TestABareMachine:
    def test_that_the_packages_for_x11_are_asked_for_in_one_apt_line(self) -> None:
        found = by_name(tuple(doctor.window()))["Qt libraries"]
        assert found.state == "missing"
        assert found.advice.startswith("sudo apt-get install -y libegl1 ")
        assert {"libxcb-cursor0", "libxkbcommon-x11-0", "libdbus-1-3"} <= set(found.advice.split())
        assert "libwayland-client0" not in found.advice

    def test_that_a_wayland_session_asks_for_the_smaller_set(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
        missing = system.missing_qt_libraries()
        assert "libwayland-client0" in missing
        assert "libxcb-cursor0" not in missing

    def test_that_drawing_off_screen_needs_no_window_system(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
        missing = system.missing_qt_libraries()
        assert "libfontconfig1" in missing
        assert not any("xcb" in package or "wayland" in package for package in missing)

    def test_that_there_is_no_font(self) -> None:
        found = by_name(tuple(doctor.window()))["Chinese font"]
        assert (found.state, found.advice) == ("note", "sudo apt-get install -y fonts-wqy-microhei")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads ELF files")
def test_that_the_list_names_every_library_that_qt_links_to_and_does_not_bring() -> None:
    import PySide6  # its folder alone is wanted

    qt = Path(PySide6.__file__).parent / "Qt"
    linked = set[str]()
    names = ("Core", "Gui", "Widgets", "DBus", "Svg", "Test", "XcbQpa", "WaylandClient")
    plugins = ("libqxcb.so", "libqwayland.so", "libqoffscreen.so")
    for file in [qt / f"lib/libQt6{name}.so.6" for name in names] + [
        qt / f"plugins/platforms/{each}" for each in plugins
    ]:
        linked |= needed_libraries(file)
    brought = {path.name for path in (qt / "lib").iterdir()}
    of_python = ("libc.", "libm.", "libdl.", "librt.", "libpthread.", "libstdc++.", "libgcc_s.", "ld-linux", "libz.")
    with_glib = "libgthread-2.0.so.0"
    listed = {line.split()[0] for line in resource_path("qt_libraries.txt").read_text("utf-8").splitlines()}
    unlisted = {name for name in linked - brought - listed if not name.startswith(of_python) and "zstd" not in name}
    assert unlisted <= {with_glib}


def needed_libraries(file: Path) -> set[str]:
    """The NEEDED entries of a 64-bit little-endian ELF file, read from its dynamic section."""
    data = file.read_bytes()

    def number(at: int, size: int) -> int:
        return int.from_bytes(data[at : at + size], "little")

    first, size, count = number(0x28, 8), number(0x3A, 2), number(0x3C, 2)
    headers = [first + index * size for index in range(count)]
    dynamic = next(at for at in headers if number(at + 4, 4) == 6)
    start, length = number(dynamic + 0x18, 8), number(dynamic + 0x20, 8)
    strings = number(headers[number(dynamic + 0x28, 4)] + 0x18, 8)
    entries = [(number(at, 8), number(at + 8, 8)) for at in range(start, start + length, 16)]
    texts = [data[strings + value : data.index(b"\0", strings + value)] for tag, value in entries if tag == 1]
    return {text.decode() for text in texts}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="X11 and Wayland are Linux's")
@pytest.mark.usefixtures("no_screen")
class TestTheScreen:
    def test_that_no_screen_is_said_with_the_way_out(self) -> None:
        assert "neither DISPLAY nor WAYLAND_DISPLAY is set" in system.display_problem()
        assert "cnnviz demo --output" in system.display_problem()

    def test_that_an_x_server_that_is_not_there_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DISPLAY", ":4093")
        assert "DISPLAY=:4093 names does not answer" in system.display_problem()

    def test_that_drawing_off_screen_needs_none(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
        assert system.display_problem() == ""

    def test_that_a_wayland_compositor_that_listens_is_a_screen(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
        monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-7")
        assert "WAYLAND_DISPLAY=wayland-7 names does not answer" in system.display_problem()
        with socket.socket(socket.AF_UNIX) as compositor:
            compositor.bind(str(tmp_path / "wayland-7"))
            compositor.listen()
            assert system.display_problem() == ""


@pytest.mark.parametrize("language", ["en", "zh-cn", "nqo", "am"])
def test_that_a_font_is_found_exactly_where_fontconfig_lists_one(language: str) -> None:
    command = ["fc-list", f":lang={language}", "family"]
    try:
        listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except OSError:
        pytest.skip("there is no fc-list to compare with")
    assert system.has_font(language) == bool(listed.strip())


def test_that_a_sample_without_its_weights_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(library, "sample_folder", lambda: tmp_path)
    monkeypatch.setattr(doctor, "sample_images", lambda: ("sample:scene_01", "sample:scene_02"))
    assert by_name(tuple(doctor.files()))["Sample"].state == "missing"
    (tmp_path / library.WEIGHTS_NAME).write_bytes(b"weights")
    assert by_name(tuple(doctor.files()))["Sample"] == doctor.Finding("Sample", "network and 2 images")


def test_that_a_folder_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("not a folder")
    found = doctor._folder("Settings", in_the_way / "cnnviz-desktop")
    assert found.state == "missing"
    assert str(in_the_way) in found.advice


def test_that_a_folder_is_told_with_what_it_holds(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "weights").write_bytes(bytes(2_500_000))
    assert doctor._folder("Cache", tmp_path) == doctor.Finding("Cache", f"{tmp_path} (2 MB)")
    assert not (tmp_path / "deep" / "more").exists()
    assert "not made yet" in doctor._folder("Cache", tmp_path / "deep" / "more").value


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="folders are closed in another way there")
def test_that_a_home_that_may_not_be_looked_into_is_told_and_no_crash(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "cache").mkdir(parents=True)
    home.chmod(0)
    script = (
        "import os, pathlib\n"
        "from cnnviz_desktop import doctor\n"
        "if os.geteuid() == 0: os.setgid(65534); os.setuid(65534)\n"  # root may look everywhere
        "found = doctor._folder('Cache', pathlib.Path('home', 'cache', 'cnnviz'))\n"
        "print(found.state, found.advice)\n"
    )
    tmp_path.chmod(0o755)
    try:
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=tmp_path, check=False)
    finally:
        home.chmod(0o700)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("missing home cannot be written to")


def test_that_a_file_that_goes_while_it_is_counted_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("stays", "goes"):
        (tmp_path / name).write_bytes(bytes(700))
    walk = os.walk

    def one_goes(top: Path) -> Iterator[tuple[str, list[str], list[str]]]:
        for found in walk(top):
            (tmp_path / "goes").unlink()
            yield found

    monkeypatch.setattr(os, "walk", one_goes)
    assert doctor._folder("Cache", tmp_path) == doctor.Finding("Cache", f"{tmp_path} (700 B)")


def test_that_nothing_is_asked_of_folders_that_this_program_does_not_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "taken").touch()
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "taken"))
    assert all(finding.state == "fine" for finding in doctor.files())


def test_that_text_and_json_tell_the_same_and_that_one_thing_missing_is_not_fine() -> None:
    report = doctor.Report(
        (
            doctor.Section("Versions", (doctor.Finding("numpy", "2.0"),)),
            doctor.Section("Window", (doctor.Finding("Screen", "none", "note", "Use another."),)),
        )
    )
    assert report.fine
    assert report.to_text().endswith("Nothing is missing.")
    broken = doctor.Report(
        (*report.sections, doctor.Section("Files", (doctor.Finding("Cache", "/x", "missing", "Mend."),)))
    )
    assert not broken.fine
    assert "1 missing" in broken.to_text()
    content = json.loads(broken.to_json())
    assert content["fine"] is False
    for section in content["sections"]:
        for finding in section["findings"]:
            assert all(value in broken.to_text() for key, value in finding.items() if key != "state")
    assert content["sections"][2]["findings"][0] == {
        "name": "Cache", "value": "/x", "state": "missing", "advice": "Mend."
    }  # fmt: skip


def test_that_the_doctor_needs_neither_torch_nor_qt_in_its_own_process() -> None:
    script = (
        "import sys; from cnnviz_desktop import doctor; list(doctor.versions()), list(doctor.window())\n"
        "sys.exit(' '.join({'torch', 'PySide6', 'cv2', 'matplotlib'} & set(sys.modules)) or 0)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, env=dict(os.environ)
    )
    assert answer.returncode == 0, answer.stderr
