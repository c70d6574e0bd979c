"""A Python file runs only after the user said so; weights that do not fit open only key by key."""

import hashlib
import json
import zipfile
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPlainTextEdit
from pytestqt.qtbot import QtBot

from cnnviz_desktop.core.covered import CALLED_AS, covered_sha256
from cnnviz_desktop.core.errors import ConsentNeeded
from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.ui.opening.consent_dialog import ConsentDialog
from cnnviz_desktop.ui.opening.key_table import KeyTable
from tests.ui.conftest import Desk, Seat
from tests.ui.toy import MISMATCH, ToySession

SHA = "ef" * 32


def asked(desk: Desk) -> ConsentDialog:
    (dialog,) = desk.window.findChildren(ConsentDialog)
    return dialog


def test_that_the_dialog_names_the_file_its_hash_and_its_text_and_enter_does_not_run_it(
    qtbot: QtBot, tmp_path: Path
) -> None:
    file = tmp_path / "<net> & co.py"
    file.write_text("def build():\n    return None\n")
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    dialog = ConsentDialog(str(file), sha256)
    qtbot.addWidget(dialog)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    dialog.open()
    texts = " ".join(label.text() for label in dialog.findChildren(QLabel))
    assert "&lt;net&gt; &amp; co.py" in texts
    assert sha256 in texts
    assert "def build():" in dialog.findChild(QPlainTextEdit).toPlainText()  # type: ignore[union-attr]
    with qtbot.waitSignal(dialog.rejected), qtbot.assertNotEmitted(dialog.agreed):
        QTest.keyClick(dialog, Qt.Key.Key_Return)


def test_that_the_files_that_run_with_it_are_named_and_shown_while_they_are_unchanged(
    qtbot: QtBot, tmp_path: Path
) -> None:
    names = ("blocks/stem.py", "layers.py")
    (tmp_path / "blocks").mkdir()
    for name in ("net.py", *names):
        (tmp_path / name).write_text(f"this_is = {name!r}\n")
    beside = {name: (tmp_path / name).read_bytes() for name in names}
    sha256 = covered_sha256((tmp_path / "net.py").read_bytes(), beside)

    def shown() -> tuple[str, str]:
        dialog = ConsentDialog(str(tmp_path / "net.py"), sha256, names)
        qtbot.addWidget(dialog)
        listing = dialog.findChild(QPlainTextEdit)
        assert isinstance(listing, QPlainTextEdit)
        return " ".join(label.text() for label in dialog.findChildren(QLabel)), listing.toPlainText()

    labels, text = shown()
    assert "(2): blocks/stem.py, layers.py" in labels
    assert all(f"this_is = {name!r}" in text for name in ("net.py", *names))
    (tmp_path / "layers.py").write_text("something_else = 1\n")
    labels, text = shown()
    assert "something_else" not in text
    assert "has changed" in text


def test_that_what_is_too_long_to_be_shown_is_said_to_be_cut(qtbot: QtBot, tmp_path: Path) -> None:
    names = tuple(f"part_{number}.py" for number in range(100))
    for name in ("net.py", *names):
        (tmp_path / name).write_text("x = 1  # and on\n" * 4000)
    beside = {name: (tmp_path / name).read_bytes() for name in names}
    dialog = ConsentDialog(str(tmp_path / "net.py"), covered_sha256((tmp_path / "net.py").read_bytes(), beside), names)
    qtbot.addWidget(dialog)
    text = dialog.findChild(QPlainTextEdit).toPlainText()  # type: ignore[union-attr]
    assert text.startswith("# ──── CUT: ")
    assert len(text) < 2_100_000


def test_that_a_file_that_was_changed_meanwhile_is_not_shown_as_what_would_run(qtbot: QtBot, tmp_path: Path) -> None:
    file = tmp_path / "net.py"
    file.write_text("something_else = 1\n")
    dialog = ConsentDialog(str(file), SHA)
    qtbot.addWidget(dialog)
    text = dialog.findChild(QPlainTextEdit).toPlainText()  # type: ignore[union-attr]
    assert "something_else" not in text
    assert "has changed" in text


def test_that_a_saved_program_is_told_apart_and_its_operations_are_shown(qtbot: QtBot, tmp_path: Path) -> None:
    file = tmp_path / "net.pt2"
    graph = {
        "graph": {"nodes": [{"target": "torch.ops.aten.conv2d.default"}, {"target": "torch.ops.aten.relu.default"}]}
    }
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("net/models/model.json", json.dumps(graph))
    dialog = ConsentDialog(str(file), hashlib.sha256(file.read_bytes()).hexdigest())
    qtbot.addWidget(dialog)
    texts = " ".join(label.text() for label in dialog.findChildren(QLabel))
    assert "was saved as a program, by torch.export or TorchScript" in texts
    listing = dialog.findChild(QPlainTextEdit)
    assert isinstance(listing, QPlainTextEdit)
    assert "# 1 × torch.ops.aten.conv2d.default" in listing.toPlainText()


def test_that_how_an_installed_module_is_called_is_shown_and_belongs_to_the_hash(qtbot: QtBot, tmp_path: Path) -> None:
    file = tmp_path / "library.py"
    file.write_text("def run(command): ...")
    call = f"{CALLED_AS}run(command='<rm -rf>')"
    dialog = ConsentDialog(str(file), covered_sha256(file.read_bytes(), {call: b""}), (call,))
    qtbot.addWidget(dialog)
    texts = " ".join(label.text() for label in dialog.findChildren(QLabel))
    assert "called as <code>run(command='&lt;rm -rf&gt;')</code>" in texts.replace("&#x27;", "'")
    listing = dialog.findChild(QPlainTextEdit)
    assert isinstance(listing, QPlainTextEdit)
    assert listing.toPlainText() == "def run(command): ..."


def test_that_refusing_runs_nothing_and_keeps_the_old_network(qtbot: QtBot, desk: Desk) -> None:
    desk.window.examiner.open_network("consent")
    qtbot.waitUntil(lambda: bool(desk.window.findChildren(ConsentDialog)))
    asked(desk).refuse_button.click()
    qtbot.waitUntil(desk.is_idle)
    assert desk.session.trusted == []
    assert desk.settings.settings.trusted == ()
    assert desk.window.examiner.subject.network == "sample"
    assert "was not opened" in desk.window.messages.messages[0].text


def test_that_agreeing_opens_the_network_and_is_remembered_for_those_bytes(
    qtbot: QtBot, desk: Desk, seat: Seat
) -> None:
    desk.window.examiner.open_network("consent")
    qtbot.waitUntil(lambda: bool(desk.window.findChildren(ConsentDialog)))
    asked(desk).run_button.click()
    qtbot.waitUntil(lambda: desk.window.examiner.subject.network == "consent")
    assert desk.session.trusted == [SHA]
    (kept,) = desk.settings.settings.trusted
    assert (kept.sha256, kept.file) == (SHA, "/networks/mine.py")
    desk.window.close()
    again = seat(network="consent")
    assert again.session.trusted == [SHA]
    assert again.window.examiner.subject.network == "consent"
    assert not again.window.findChildren(ConsentDialog)


def test_that_weights_that_do_not_fit_open_once_every_key_is_ticked(qtbot: QtBot, desk: Desk) -> None:
    desk.window.examiner.open_network("keys")
    qtbot.waitUntil(desk.is_idle)
    table = desk.window.findChild(KeyTable)
    assert isinstance(table, KeyTable)
    assert table.isVisible()
    assert table.model.in_sight == list(MISMATCH)
    assert not table.open_button.isEnabled()
    table.all_button.click()
    table.open_button.click()
    qtbot.waitUntil(desk.is_idle)
    assert desk.window.examiner.subject.network == "keys"
    assert {request.allowed_keys for request in desk.session.of("gradcam")[-1:]} == {tuple(row[0] for row in MISMATCH)}
    assert not table.isVisible(), "what came up by itself goes by itself once there is nothing in it"


def test_that_the_keys_stay_in_sight_where_the_user_asked_for_them(qtbot: QtBot, desk: Desk) -> None:
    table = desk.window.findChild(KeyTable)
    assert isinstance(table, KeyTable)
    desk.action("Weights' keys").trigger()
    desk.window.examiner.open_network("keys")
    qtbot.waitUntil(desk.is_idle)
    desk.window.examiner.open_network("sample")
    qtbot.waitUntil(desk.is_idle)
    qtbot.waitUntil(table.isVisible)


@pytest.mark.parametrize("network", ["keys", "consent"])
def test_that_what_is_looked_at_goes_on_while_another_network_waits(qtbot: QtBot, desk: Desk, network: str) -> None:
    desk.window.examiner.open_network(network)
    qtbot.waitUntil(desk.is_idle)
    desk.window.examiner.choose_layer("stem")
    qtbot.waitUntil(desk.is_idle)
    assert desk.session.of("gradcam")[-1].network == "sample"
    for dialog in desk.window.findChildren(ConsentDialog):
        dialog.reject()


def test_that_a_program_asked_for_meanwhile_takes_the_question_s_place(
    qtbot: QtBot, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.window.examiner.open_network("consent")
    qtbot.waitUntil(lambda: bool(desk.window.findChildren(ConsentDialog)))
    first = asked(desk)
    desk.window.examiner.open_network("consent")
    qtbot.waitUntil(desk.is_idle)
    assert asked(desk) is first, "the same program is asked about once"

    def opened(_: ToySession, request: Request) -> None:
        if request.network == "other" and "12" * 32 not in desk.session.trusted:
            raise ConsentNeeded("/networks/other.py", "12" * 32)

    monkeypatch.setattr(ToySession, "_open", opened)
    desk.window.examiner.open_network("other")
    qtbot.waitUntil(desk.is_idle)
    qtbot.waitUntil(lambda: len(desk.window.findChildren(ConsentDialog)) == 1)
    assert asked(desk).sha256 == "12" * 32
    asked(desk).accept()
    qtbot.waitUntil(desk.is_idle)
    assert desk.session.trusted == ["12" * 32]
    assert desk.window.examiner.subject.network == "other"


def test_that_what_opens_after_consent_is_computed_where_it_was_asked_for(qtbot: QtBot, desk: Desk) -> None:
    desk.window.examiner.open_network("consent", device="cpu")
    qtbot.waitUntil(lambda: bool(desk.window.findChildren(ConsentDialog)))
    asked(desk).accept()
    qtbot.waitUntil(desk.is_idle)
    assert (desk.window.examiner.subject.network, desk.window.examiner.subject.device) == ("consent", "cpu")
