"""How many inputs go through at once, and in which layout and precision."""

import pytest
import torch
from torch import nn

from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.core.geometry import Size
from cnnviz_desktop.engine import chunks, folding
from cnnviz_desktop.engine.arrays import channels_last
from cnnviz_desktop.engine.chunks import Precision, parts, precision_of, rows_at_once, score_rows
from cnnviz_desktop.engine.folding import ManyScores, folded
from cnnviz_desktop.engine.objectives import ClassObjective
from cnnviz_desktop.engine.passes import Wanted
from cnnviz_desktop.engine.workbench import Workbench
from tests.engine.folding_for_tests import Watched, with_statistics
from tests.engine.methods.maps_for_tests import Joined
from tests.engine.networks_for_tests import InPlace, bench_of, fingerprint, seeded
from tests.engine.networks_with_tails import Careless, Dense, MixesRows, Residual

SIZE = Size(32, 24)


def objective_for(bench: Workbench) -> ClassObjective:
    return ClassObjective((2,), None, None, bench.outline)


def test_that_slices_cover_everything_once() -> None:
    assert [(part.start, part.stop) for part in parts(7, 3)] == [(0, 3), (3, 6), (6, 7)]
    assert list(parts(0, 3)) == []


def test_that_the_users_number_is_taken_and_a_network_that_mixes_rows_gets_one() -> None:
    assert rows_at_once(bench_of(seeded(InPlace)), 7, SIZE) == 7
    assert rows_at_once(bench_of(seeded(MixesRows)), 7, SIZE) == 1


def test_that_rows_follow_the_budget_the_size_and_the_graph() -> None:
    module = seeded(InPlace)
    roomy, tight = bench_of(module), bench_of(module, memory_budget=1 << 20)
    assert rows_at_once(roomy, 0, SIZE) > rows_at_once(tight, 0, SIZE) >= 1
    assert rows_at_once(tight, 0, SIZE) > rows_at_once(tight, 0, Size(64, 48)) >= 1
    assert rows_at_once(bench_of(module, memory_budget=1), 0, SIZE) == 1
    deep = nn.Sequential(*(nn.Conv2d(3, 3, 3, padding=1) for _ in range(12)), nn.Flatten())
    bench = bench_of(deep, memory_budget=1 << 20)
    assert rows_at_once(bench, 0, SIZE) > rows_at_once(bench, 0, SIZE, keeping=Wanted(of_input=True))


def test_that_more_rows_fit_where_only_the_end_of_the_network_runs() -> None:
    bench = bench_of(seeded(InPlace), memory_budget=1 << 20)
    assert rows_at_once(bench, 0, SIZE, after="last") > rows_at_once(bench, 0, SIZE)


@pytest.mark.parametrize("network", [InPlace, Joined, Careless, Dense, MixesRows])
def test_that_scores_are_those_of_each_row_alone_and_the_batch_is_left_as_it_is(network: type[nn.Module]) -> None:
    module = seeded(network)
    bench, batch = bench_of(module), torch.randn(5, 3, 32, 24)
    for given in (batch, channels_last(batch)):
        kept = given.clone()
        with torch.no_grad():
            found = score_rows(bench, given, objective_for(bench), Precision())
            expected = torch.cat([module(row[None].clone())[:, 2] for row in batch])
        assert torch.allclose(found, expected, atol=1e-5)
        assert torch.equal(given, kept)


def test_that_a_network_that_views_its_maps_is_given_the_usual_layout_from_then_on() -> None:
    module = seeded(Careless)
    bench, batch = bench_of(module), torch.randn(2, 3, 32, 24)
    assert bench.rows_are_apart
    runs: list[bool] = []
    module.register_forward_pre_hook(
        lambda _, args: runs.append(args[0].is_contiguous(memory_format=torch.channels_last))
    )
    for _ in range(2):
        with torch.no_grad():
            score_rows(bench, batch.clone(), objective_for(bench), Precision())
    assert runs == [True, False, False]


def test_that_scores_have_a_graph_where_one_is_wanted() -> None:
    bench = bench_of(seeded(Joined))
    batch = torch.randn(2, 3, 32, 24, requires_grad=True)
    scores = score_rows(bench, batch.clone(), objective_for(bench), Precision())
    (gradient,) = torch.autograd.grad(scores.sum(), batch)
    assert gradient.abs().max() > 0


def test_that_a_failure_in_every_layout_is_told() -> None:
    bench = bench_of(seeded(Careless))
    with torch.no_grad(), pytest.raises(NetworkError, match="failed on an input"):
        score_rows(bench, torch.randn(2, 3, 40, 40), objective_for(bench), Precision())


def test_that_reduced_precision_is_taken_where_the_device_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = bench_of(seeded(Joined))
    assert precision_of(bench, "full") == Precision()
    monkeypatch.setattr(chunks, "computes_bfloat16", lambda: True)
    reduced = precision_of(bench, "reduced")
    assert reduced.dtype is torch.bfloat16
    with reduced.computing():
        assert torch.is_autocast_enabled("cpu")
    assert not torch.is_autocast_enabled("cpu")
    monkeypatch.setattr(chunks, "computes_bfloat16", lambda: False)
    assert precision_of(bench, "reduced").dtype is None


def normalisations(module: nn.Module) -> int:
    return sum(isinstance(part, nn.BatchNorm2d) for part in module.modules())


@pytest.mark.parametrize("network", [Joined, Residual])
def test_that_the_folded_twin_gives_the_same_and_the_network_stays_as_it_is(network: type[nn.Module]) -> None:
    module = seeded(network)
    for part in module.modules():
        if isinstance(part, nn.BatchNorm2d):
            torch.nn.init.uniform_(part.get_buffer("running_mean"))
            torch.nn.init.uniform_(part.get_buffer("running_var"), 0.5, 2)
    before, batch = fingerprint(module), torch.randn(2, 3, 32, 24, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        found = folded(module, batch[:1])
        assert found is not None
        twin, expected = found
        assert normalisations(module) > 0 == normalisations(twin)
        assert torch.allclose(twin(batch), module(batch), atol=1e-5)
        assert torch.allclose(expected[0], module(batch)[0], atol=1e-5)
    assert fingerprint(module) == before


@pytest.mark.parametrize(
    ("network", "by_twin"), [(Joined, True), (Residual, True), (Watched, False), (Careless, False), (MixesRows, False)]
)
def test_that_many_scores_are_the_networks_own_whether_or_not_a_twin_gives_them(
    network: type[nn.Module],
    by_twin: bool,
) -> None:
    module = with_statistics(seeded(network))
    bench = bench_of(module)
    scores = ManyScores(bench, objective_for(bench), Precision(), chunks=20)
    runs: list[int] = []
    batches = [torch.randn(4, 3, 32, 24) for _ in range(3)]
    with torch.no_grad():
        expected = [torch.cat([module(row[None].clone())[:, 2] for row in batch]) for batch in batches]
    assert torch.allclose(scores.of(batches[0]), expected[0], atol=1e-5)
    module.register_forward_pre_hook(lambda _, args: runs.append(len(args[0])))
    for batch, own in zip(batches[1:], expected[1:], strict=True):
        assert torch.allclose(scores.of(batch), own, atol=1e-5)
    assert bool(runs) is not by_twin


def test_that_few_chunks_and_reduced_precision_get_no_twin(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    monkeypatch.setattr(folding, "quicker_twin", made.append)
    bench = bench_of(seeded(Joined))
    for precision, chunks_expected in ((Precision(), 2), (Precision("cpu", torch.bfloat16), 40)):
        ManyScores(bench, objective_for(bench), precision, chunks_expected).of(torch.randn(2, 3, 32, 24))
    assert made == []
