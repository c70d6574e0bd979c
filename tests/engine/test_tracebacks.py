import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

from cnnviz_desktop.engine.networks.torchvision_models import build_torchvision
from cnnviz_desktop.engine.tracebacks import user_line


def _raised(call: Callable[[], object]) -> BaseException:
    try:
        call()
    except Exception as error:
        below = error.__traceback__
        while below is not None and below.tb_frame.f_code.co_filename == __file__:
            below = below.tb_next  # the engine catches errors where this test's own frames are not among them
        return error.with_traceback(below)
    pytest.fail("nothing was raised")


def _function(folder: Path, source: str) -> Callable[[], object]:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "net.py"
    path.write_text(source)
    names: dict[str, Callable[[], object]] = {}
    exec(compile(source, path, "exec"), names)
    return names["run"]


@pytest.mark.parametrize("folder", ["plain", "torch", "my/torch/nets", "cnnviz_desktop/engine"])
def test_that_the_line_is_the_users_in_whatever_folder_and_not_the_librarys_it_calls(
    tmp_path: Path, folder: str
) -> None:
    inside_torch = "import torch\nfrom torch import nn\ndef run():\n    return nn.Linear(2, 2)(torch.zeros(1, 3))"
    assert user_line(_raised(_function(tmp_path / folder, inside_torch))) == "line 4 of net.py, in run"
    inside_python = "import json\ndef run():\n    json.loads('{')"
    assert user_line(_raised(_function(tmp_path / folder, inside_python))) == "line 3 of net.py, in run"


def test_that_of_an_installed_network_the_line_is_in_its_package() -> None:
    module = build_torchvision("resnet18", {}).eval()
    assert user_line(_raised(lambda: module(torch.zeros(1, 5, 64, 64)))).endswith("resnet.py, in _forward_impl")


def test_that_a_syntax_error_is_where_it_is_written(tmp_path: Path) -> None:
    error = _raised(lambda: compile("x = 1\ndef run(:\n", tmp_path / "net.py", "exec"))
    assert user_line(error) == "line 2 of net.py"


def test_that_libraries_alone_have_no_line_of_the_users() -> None:
    layer = nn.Linear(2, 2)
    error = _raised(lambda: layer(torch.zeros(1, 3)))
    assert user_line(error) == ""
    assert user_line(_raised(lambda: json.loads("{"))) == ""
    assert user_line(ValueError("never raised")) == ""
