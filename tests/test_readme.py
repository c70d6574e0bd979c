"""What the README says is so: its commands, its example, its keys, its links; and the Chinese twin says the same."""

import re
import shlex
from pathlib import Path

import pytest
from PySide6.QtGui import QKeySequence
from pytestqt.qtbot import QtBot

from cnnviz_desktop import cli
from cnnviz_desktop.core.description import SUFFIX, read_description
from cnnviz_desktop.core.settings import SettingsFile
from cnnviz_desktop.jobs.runner import JobRunner
from cnnviz_desktop.ui.main_window import MainWindow
from cnnviz_desktop.ui.telling.help_panel import shortcuts_of
from tests.ui.toy import ToySession

ROOT = Path(__file__).parents[1]
READMES = ("README.md", "README.zh-CN.md")


def text_of(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def blocks(name: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text_of(name), re.DOTALL)


def commands() -> list[str]:
    lines = "".join(blocks("README.md", "bash")).splitlines()
    return [line for line in lines if line.startswith("cnnviz")]


def test_that_both_languages_have_the_same_parts() -> None:
    english, chinese = map(text_of, READMES)
    for pattern in (r"(?m)^#+ ", r"(?m)^\| ", r"(?m)^\d\. ", r"(?m)^\|---.*$", r"```[a-z]+\n.*?```"):
        counts = [len(re.findall(pattern, text, re.DOTALL)) for text in (english, chinese)]
        assert counts[0] == counts[1] > 0, pattern
    for language in ("bash", "json"):
        assert blocks("README.md", language) == blocks("README.zh-CN.md", language)


@pytest.mark.parametrize("line", commands())
def test_that_each_command_has_the_options_it_is_shown_with(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = shlex.split(line, comments=True)[1:]
    with pytest.raises(SystemExit) as ended:
        cli.main([*words[:1], "--help"] if words and words[0] in cli.COMMANDS else ["--help"])
    assert ended.value.code == 0
    offered = capsys.readouterr().out
    assert [word for word in words if word.startswith("--") and word not in offered] == []


def test_that_every_command_is_told_of() -> None:
    told = {line.split()[1] for line in commands() if len(line.split()) > 1}
    assert set(cli.COMMANDS) <= told


def test_that_the_example_is_a_network_description(tmp_path: Path) -> None:
    (example,) = blocks("README.md", "json")
    file = tmp_path / f"cifar{SUFFIX}"
    file.write_text(example)
    description = read_description(file)
    assert description.architecture.factory == "resnet20"
    assert description.preprocessing is not None
    assert description.preprocessing.size == (32, 32)


@pytest.mark.parametrize("name", [*READMES, "CHANGELOG.md"])
def test_that_every_link_to_a_file_leads_to_one(name: str) -> None:
    links = re.findall(r"\]\(([^)]+)\)|src=\"([^\"]+)\"", text_of(name))
    targets = {target for pair in links for target in pair if target and "://" not in target}
    assert [target for target in targets if not (ROOT / target).is_file()] == []


@pytest.mark.parametrize("name", READMES)
def test_that_every_shortcut_with_a_modifier_is_one_of_the_window(name: str, qtbot: QtBot, tmp_path: Path) -> None:
    window = MainWindow(JobRunner(ToySession), SettingsFile(tmp_path / "settings.json"))
    qtbot.addWidget(window)
    known = {keys for keys, _ in shortcuts_of(window)}
    written = set(re.findall(r"\bCtrl\+(?:Shift\+|Alt\+)*(?:\w\b|[/+-])|\bF\d+\b|\bEsc\b", text_of(name)))
    native = QKeySequence.SequenceFormat.NativeText
    assert len(written) > 12
    assert {keys for keys in written if QKeySequence(keys).toString(native) not in known} == set()


@pytest.mark.parametrize("name", READMES)
def test_that_the_words_of_the_scripts_are_quoted_as_they_are(name: str) -> None:
    scripts = "".join((ROOT / "packaging" / script).read_text("utf-8") for script in ("environment.sh", "start.sh"))
    scripts += (ROOT / "cnnviz_desktop/system.py").read_text("utf-8")
    quoted = re.findall(r"^\| “([^”]+)”", text_of(name), re.MULTILINE)
    assert len(quoted) == 5
    for sentence in quoted:
        assert all(part.strip() in scripts for part in sentence.split("…")), sentence
