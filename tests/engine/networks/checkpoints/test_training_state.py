from pathlib import Path

import pytest
import torch

from cnnviz_desktop.engine.networks.checkpoints.stand_ins import Record
from cnnviz_desktop.engine.networks.checkpoints.training_state import training_state


def _arguments(**values: object) -> Record:
    record = Record()
    record.__setstate__(values)
    return record


def test_that_what_the_usual_scripts_save_is_found() -> None:
    optimizer = {"state": {}, "param_groups": [{"lr": 0.0125, "params": [0]}]}
    content = {
        "epoch": 90,
        "arch": "resnet50",
        "best_acc1": torch.tensor(76.130001),
        "val_loss": 0.9541,
        "optimizer": optimizer,
        "loss_fn": "cross",
        "state_dict": {"w": torch.zeros(2)},
    }
    state = training_state(content)
    assert dict(state.facts) == {
        "epoch": "90", "arch": "resnet50", "best_acc1": "76.13", "val_loss": "0.9541", "lr": "0.0125",
    }  # fmt: skip
    assert state.architecture == "resnet50"
    (note,) = state.note(Path("/x/w.pth"))
    assert note == "w.pth was saved by a training run: epoch 90, best_acc1 76.13, val_loss 0.9541."


def test_that_settings_are_looked_into_whatever_they_are_called() -> None:
    arguments = _arguments(model="vit_b_16", num_classes=12, lr=0.003, output="/runs", hparams={"dropout": 0.1})
    state = training_state({"model": {"w": torch.zeros(1, 1)}, "args": arguments, "epoch": 3})
    assert (state.architecture, state.classes) == ("vit_b_16", 12)
    assert dict(state.facts) == {"model": "vit_b_16", "num_classes": "12", "lr": "0.003", "epoch": "3"}


def test_that_lightnings_files_are_understood() -> None:
    content = {
        "pytorch-lightning_version": "2.1.0",
        "epoch": 4,
        "global_step": 500,
        "hyper_parameters": {"model_name": "resnet18", "learning_rate": 0.1, "num_classes": 3},
        "callbacks": {"ModelCheckpoint": {"best_model_score": torch.tensor(0.9)}},
    }
    state = training_state(content)
    facts = dict(state.facts)
    assert (facts["PyTorch Lightning"], facts["epoch"], facts["global_step"]) == ("2.1.0", "4", "500")
    assert (state.architecture, state.classes) == ("resnet18", 3)


NAMES: dict[str, tuple[object, tuple[str, ...]]] = {
    "list": (["cat", "dog"], ("cat", "dog")),
    "by name": ({"dog": 1, "cat": 0}, ("cat", "dog")),
    "by number": ({1: "dog", 0: "cat"}, ("cat", "dog")),
    "by number as text": ({"0": "cat", "1": "dog"}, ("cat", "dog")),
    "with a gap": ({0: "cat", 2: "dog"}, ()),
    "numbers": ([1, 2], ()),
    "empty": ([], ()),
    "count": (2, ()),
}


@pytest.mark.parametrize("place", ["classes", "class_to_idx", "CLASSES"])
@pytest.mark.parametrize("case", NAMES)
def test_that_class_names_are_read_in_order_or_not_at_all(case: str, place: str) -> None:
    given, expected = NAMES[case]
    assert training_state({place: given}).class_names == expected
    assert training_state({"meta": {place: given}}).class_names == expected


@pytest.mark.parametrize(
    "content", [None, [], {}, {"w": torch.zeros(2, 2)}, {3: 4}, {"epoch": None, "acc": float("nan")}]
)
def test_that_files_that_tell_nothing_are_told_nothing_of(content: object) -> None:
    state = training_state(content)
    assert (state.architecture, state.classes, state.class_names) == ("", None, ())
    assert [name for name, _ in state.facts] in ([], ["acc"])


def test_that_a_dictionary_that_leads_back_to_itself_ends() -> None:
    content: dict[str, object] = {"epoch": 1}
    content["args"] = content
    assert dict(training_state(content).facts) == {"epoch": "1"}
