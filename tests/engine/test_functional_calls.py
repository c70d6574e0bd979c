"""What modules' own code calls between the modules: found where it runs, and found again in modules' tensors."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cnnviz_desktop.core.operations import Operation
from cnnviz_desktop.core.requests import LayerRef
from cnnviz_desktop.engine.capture import capture
from tests.engine.networks_for_tests import Functional, outlined, seeded


def told(operations: tuple[Operation, ...], owner: str = "") -> list[tuple[str, str]]:
    return [(each.name, each.after) for each in operations if each.owner == owner]


class Block(nn.Module):
    """Adds what it was given, in place, and halves it by an operator."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 3, padding=1)
        self.inner = nn.Sequential(nn.ReLU())

    def forward(self, x: Tensor) -> Tensor:
        out = self.inner(self.conv(x) * 2)
        out += x
        return F.relu_(out)


class Net(nn.Module):
    """Has constants, choices that depend on values, and a module that runs twice."""

    def __init__(self) -> None:
        super().__init__()
        self.block = Block()
        self.attention = nn.MultiheadAttention(3, 1, batch_first=True)
        self.head = nn.Linear(6, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = self.block(self.block(x))
        if float(x.sum()) > -1e9:  # no tracer follows this
            x = torch.cat([x, x + torch.ones(3, 1, 1)], dim=1)
        tokens = x[:, :3].flatten(2).transpose(1, 2)
        attended, _ = self.attention(tokens, tokens, tokens)
        logits: Tensor = self.head(torch.cat([attended, attended], dim=2).mean(1))
        return logits


def test_that_functions_and_operators_stand_in_the_module_that_calls_them_after_the_one_that_returned_last() -> None:
    operations = outlined(seeded(Net)).operations
    block = [("mul", "block.conv"), ("add", "block.inner"), ("relu", "block.inner")]
    assert told(operations, "block") == block, "of its last run alone"
    assert told(operations) == [
        ("sum", "block"),
        ("add", "block"),
        ("cat", "block"),
        ("index", "block"),
        ("flatten", "block"),
        ("transpose", "block"),
        ("cat", "attention"),
        ("mean", "attention"),
    ]
    assert {each.owner for each in operations} == {"", "block"}, "what attention calls inside is its own affair"


def test_that_their_shapes_are_those_of_what_they_give() -> None:
    shapes = {(each.name, each.outputs) for each in outlined(seeded(Functional)).operations}
    assert {
        ("relu", ((4, 16, 24),)),
        ("pad", ((4, 17, 25),)),
        ("cat", ((8, 16, 24),)),
        ("avg_pool2d", ((6, 4, 6),)),
        ("mean", ((6,),)),
    } <= shapes


def test_that_the_tensor_of_a_module_that_holds_the_same_values_holds_them() -> None:
    module = seeded(Net)
    same = {(each.owner, each.name): each.same_as for each in outlined(module).operations if each.same_as}
    assert same["block", "mul"] == "block.inner:input"
    assert same["block", "relu"] == "block"
    assert same["", "mean"] == "head:input"
    assert ("block", "add") not in same, "the ReLU after it works in place: no module sees the sum"
    x = torch.rand(1, 3, 32, 24)
    with torch.no_grad(), capture(module, layers=[LayerRef.parse("block.inner:input")]) as recording:
        module(x)
    with torch.no_grad():
        once = F.relu(module.block.inner(module.block.conv(x) * 2) + x)
        twice = module.block.conv(once) * 2
    torch.testing.assert_close(recording.tensors[LayerRef.parse("block.inner:input")], twice)


def test_that_a_module_whose_failure_is_caught_does_not_stay_at_work() -> None:
    class Failing(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            raise ValueError("not today")

    class Catching(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.failing = Failing()
            self.head = nn.Linear(3, 5)

        def forward(self, x: Tensor) -> Tensor:
            try:
                x = self.failing(x)
            except ValueError:
                x = self.head(F.relu(x.mean((2, 3))))
            return x

    outline = outlined(seeded(Catching))
    assert outline.layer("head").own_macs == 15
    assert outline.layer("failing").runs == 0
    # The function's call is told of while the module is still thought to be at work; the next return mends that.
    assert {each.name for each in outline.operations} == {"mean", "relu"}
