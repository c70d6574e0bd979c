"""The command line itself: what it imports, prints and returns."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnnviz_desktop import app, cli, doctor
from cnnviz_desktop.commands import cam
from cnnviz_desktop.core import catalog

PICTURES_AND_QT = ("PySide6", "pyqtgraph", "PIL", "matplotlib", "torch", "torchvision", "pytorch_grad_cam", "cv2")


def modules_after(*arguments: str) -> list[str]:
    """Which of the costly packages a fresh process has imported after a command."""
    script = (
        "import sys\n"
        "from cnnviz_desktop.cli import main\n"
        "try:\n    code = main(sys.argv[1:])\n"
        "except SystemExit as leaving:\n    code = leaving.code\n"
        f"print(code, *(name for name in {PICTURES_AND_QT!r} if name in sys.modules))\n"
    )
    done = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=True)
    code, *modules = done.stdout.splitlines()[-1].split()
    assert code == "0", done.stderr
    return modules


@pytest.mark.parametrize("arguments", [("--version",), ("--help",), ("list", "methods")])
def test_that_light_commands_import_nothing_costly(arguments: tuple[str, ...]) -> None:
    assert modules_after(*arguments) == []


def test_that_a_heat_map_needs_torch_and_pillow_alone(tmp_path: Path) -> None:
    assert modules_after("cam", "sample:scene_01", "--output", str(tmp_path)) == ["PIL", "torch"]


def test_that_methods_are_listed_for_people_and_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["list", "methods"]) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if line]
    assert [line.split()[0] for line in lines if line.startswith(" ")] == [method.id for method in catalog.METHODS]
    families = dict.fromkeys(
        f"{method.family} ({'cnnviz cam --method' if method.id in cam.METHODS else 'cnnviz run, in a request'})"
        for method in catalog.METHODS
    )
    assert [line for line in lines if not line.startswith(" ")] == list(families)
    assert cli.main(["list", "methods", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [method["title"] for method in listed] == [method.title for method in catalog.METHODS]
    declared = [[parameter.key for parameter in method.parameters] for method in catalog.METHODS]
    assert [[parameter["key"] for parameter in method["parameters"]] for method in listed] == declared


def test_that_one_method_is_told_with_its_parameters(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["list", "methods", "smoothgrad"]) == 0
    said, method = capsys.readouterr().out, catalog.method("smoothgrad")
    assert all(words in said for words in (method.title, method.summary, method.formula, method.paper))
    told = [line.split()[:2] for line in said.splitlines() if line.startswith("  ")]
    assert all([each.key, str(each.default)] in told for each in method.parameters)
    assert cli.main(["list", "methods", "magic"]) == 2
    assert "no method “magic”" in capsys.readouterr().err
    for misspelt in ("smoothgrd", "Smooth Grad"):
        assert cli.main(["list", "methods", misspelt]) == 2
        assert f"no method “{misspelt}”. Did you mean smoothgrad?" in capsys.readouterr().err
    assert cli.main(["list", "layers", "smoothgrad"]) == 2
    assert "nothing more to say about “smoothgrad”" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "sentence"),
    [("cam x.png", "--output DIR is missing: folder for the files; made if missing. “cnnviz cam --help” tells more."),
     ("cam -o out", "IMAGE is missing: an image, a folder of images, or sample:scene_01. “cnnviz cam"),
     ("cam x.png --metod gradcam --outptu out", "There is no option --metod. Did you mean --method? “cnnviz cam"),
     ("cam x.png --outptu=out", "There is no option --outptu. Did you mean --output? “cnnviz cam --help” tells more."),
     ("cam x.png -o out --device gpu", "--device: “gpu” is none of auto, cpu, cuda. “cnnviz cam --help” tells more."),
     ("cam x.png -o out --chunk many", "--chunk: “many” is not a whole number. “cnnviz cam --help” tells more."),
     ("cam x.png -o", "--output/-o: expected one argument. “cnnviz cam --help” tells more."),
     ("list metods", "“metods” is none of methods, networks, layers, classes, checkpoint. Did you mean methods?"),
     ("demo twice -o out", "“twice” is more than can be given. “cnnviz demo --help” tells more."),
     ("run --output out", "REQUEST.json|MANIFEST.json is missing: what to answer. “cnnviz run --help” tells more."),
     ("doctor --jsn", "There is no option --jsn. Did you mean --json? “cnnviz doctor --help” tells more."),
     ("--netwrok sample", "There is no option --netwrok. Did you mean --network? “cnnviz --help” tells more.")],
)  # fmt: skip
def test_that_a_mistake_in_writing_a_command_is_one_line(
    capsys: pytest.CaptureFixture[str], command: str, sentence: str
) -> None:
    assert cli.main(command.split()) == 2
    (said,) = capsys.readouterr().err.splitlines()
    assert said.startswith(f"cnnviz: {sentence}")


def test_that_layers_are_listed_with_the_suggested_one_marked(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["list", "layers"]) == 0
    marked = [line.split()[1] for line in capsys.readouterr().out.splitlines() if line.startswith("*")]
    assert cli.main(["list", "layers", "--json"]) == 0
    outline = json.loads(capsys.readouterr().out)
    assert marked == [outline["suggested"]]
    assert outline["suggested"] in [layer["name"] for layer in outline["layers"]]
    assert all(layer["parameters"] >= 0 for layer in outline["layers"])


def test_that_classes_are_listed_as_targets_take_them(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert cli.main(["list", "classes"]) == 0
    listed = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert listed[8] == ["8", "star"]
    assert cli.main(["list", "classes", "--json"]) == 0
    assert [[str(each["index"]), each["name"]] for each in json.loads(capsys.readouterr().out)] == listed
    assert cli.main(["list", "classes", "--network", "torchvision:squeezenet1_1@random"]) == 0
    assert "has no class names: its classes are 0 to 999." in capsys.readouterr().out
    assert cli.main(["cam", "sample:scene_01", "--target-class", "zzz", "--output", str(tmp_path / "out")]) == 2
    assert "“cnnviz list classes”" in capsys.readouterr().err


def test_that_networks_are_listed_by_the_reference_that_opens_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["list", "networks", "--json"]) == 0
    references = [network["reference"] for network in json.loads(capsys.readouterr().out)]
    assert references[0] == "sample"
    assert "torchvision:resnet50@random" in references


@pytest.mark.parametrize(("state", "code"), [("fine", 0), ("note", 0), ("missing", 1)])
def test_that_the_doctor_tells_and_returns_whether_something_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], state: doctor.State, code: int
) -> None:
    finding = doctor.Finding("Sample", "a finding", state, "Install it.")
    monkeypatch.setattr(doctor, "report", lambda: doctor.Report((doctor.Section("Files", (finding,)),)))
    assert cli.main(["doctor"]) == code
    assert "a finding" in capsys.readouterr().out
    assert cli.main(["doctor", "--json"]) == code
    assert json.loads(capsys.readouterr().out)["fine"] == (code == 0)


def test_that_without_a_command_the_window_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[tuple[tuple[str, ...], str | None]] = []

    def run(images: tuple[str, ...], network: str | None) -> int:
        opened.append((images, network))
        return 7

    monkeypatch.setattr(app, "run", run)
    assert cli.main([]) == 7
    assert cli.main(["dog.png", "--network", "sample", "photos"]) == 7
    assert opened == [((), None), (("dog.png", "photos"), "sample")]


def test_that_a_misspelt_command_is_no_image(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["dem"]) == 2
    assert "no file and no command “dem”. Did you mean cnnviz demo?" in capsys.readouterr().err


def test_that_a_stop_from_the_keyboard_returns_130(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(cam, "run_command", stopped)
    assert cli.main(["cam"]) == 130
    assert capsys.readouterr().err == "cnnviz: stopped.\n"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send to one process")
def test_that_ctrl_c_ends_a_batch_and_keeps_what_is_done(tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(1000):
        Image.fromarray(np.full((8, 8, 3), number % 256, dtype=np.uint8)).save(folder / f"{number:04}.png")
    command = [sys.executable, "-m", "cnnviz_desktop", "cam", str(folder), "--output", str(tmp_path / "out")]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr
    for line in process.stderr:
        if line.startswith("[3/1000]"):
            process.send_signal(signal.SIGINT)
            break
    rest = process.stderr.read()
    process.stderr.close()
    assert process.wait() == 130
    assert rest.endswith("cnnviz: stopped.\n")
    assert "Traceback" not in rest
    results = json.loads((tmp_path / "out" / "manifest.json").read_bytes())["results"]
    assert 3 <= len(results) < 1000
    assert all((tmp_path / "out" / name).is_file() for result in results for name in result["files"].values())
    assert not list((tmp_path / "out").glob(".*"))
