import pytest

from cnnviz_desktop.core.geometry import Size
from cnnviz_desktop.core.token_grids import Shape, TokenGrid, grid_of, why_no_grid

IMAGENET = Size(224, 224)


def tokens(channels: int, rows: int, columns: int, leading: int = 0) -> TokenGrid:
    return TokenGrid(form="tokens", channels=channels, rows=rows, columns=columns, leading=leading)


@pytest.mark.parametrize(
    ("shape", "size", "expected", "words"),
    [
        ((197, 768), IMAGENET, tokens(768, 14, 14, 1), "197 tokens: 1 class token, then 14 × 14 patches of 16 px"),
        ((196, 768), IMAGENET, tokens(768, 14, 14), "196 tokens: 14 × 14 patches of 16 px"),
        (
            (261, 384),
            IMAGENET,
            tokens(384, 16, 16, 5),
            "261 tokens: 5 class and register tokens, then 16 × 16 patches of 14 px",
        ),
        (
            (281, 192),
            Size(224, 320),
            tokens(192, 14, 20, 1),
            "281 tokens: 1 class token, then 14 × 20 patches of 16 px",
        ),
        (
            (226, 192),
            Size(250, 250),
            tokens(192, 15, 15, 1),
            "226 tokens: 1 class token, then 15 × 15 patches of 16 px",
        ),
        ((65, 192), Size(32, 32), tokens(192, 8, 8, 1), "65 tokens: 1 class token, then 8 × 8 patches of 4 px"),
    ],
)
def test_that_a_grid_is_found_with_as_few_leading_tokens_as_possible(
    shape: Shape, size: Size, expected: TokenGrid, words: str
) -> None:
    assert grid_of(shape, size) == expected
    assert expected.words(size) == words


@pytest.mark.parametrize("shape", [(56, 56, 96), (7, 7, 768), (28, 28, 192)])
def test_that_channels_that_come_last_are_found(shape: tuple[int, int, int]) -> None:
    rows, columns, channels = shape
    expected = TokenGrid(form="channels_last", rows=rows, columns=columns, channels=channels)
    assert grid_of(shape, IMAGENET) == expected
    assert expected.map_shape == (channels, rows, columns)
    assert expected.words(IMAGENET) == f"{rows} × {columns} cells with {channels} channels last"


@pytest.mark.parametrize("size", [Size(447, 670), Size(299, 299), Size(33, 1000), IMAGENET])
@pytest.mark.parametrize("channels", [3, 14, 15, 21, 64, 112, 512])
def test_that_maps_of_any_size_are_maps(size: Size, channels: int) -> None:
    for stride in (1, 2, 4, 8, 16, 32):
        for cells in (
            Size(size.height // stride, size.width // stride),
            Size(-(-size.height // stride), -(-size.width // stride)),
        ):
            shape = (channels, *cells)
            grid = grid_of(shape, size)
            assert grid is not None
            assert (grid.form, grid.map_shape) == ("maps", shape)


def test_that_what_is_known_of_the_rows_goes_before_the_shape() -> None:
    odd = (149, 149, 147)  # as it would be read without: channels last
    assert grid_of(odd, Size(299, 299)).form == "channels_last"  # type: ignore[union-attr]
    assert grid_of(odd, Size(299, 299), rows_at=1).form == "maps"  # type: ignore[union-attr]
    assert grid_of((14, 14, 14), IMAGENET).form == "maps"  # type: ignore[union-attr]
    assert grid_of((14, 14, 14), IMAGENET, rows_at=0).form == "channels_last"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "shape", [(12, 197, 197), (3, 50, 50), (197, 197), (16, 196, 196), (1, 768), (10,), (), (5, 8)]
)
def test_that_attention_weights_and_values_without_places_are_no_maps(shape: Shape) -> None:
    assert grid_of(shape, IMAGENET) is None


def test_that_cells_known_elsewhere_in_the_network_decide_between_tokens_and_channels() -> None:
    known = [Size(14, 14)]
    assert grid_of((256, 196), IMAGENET, known=known) is None  # (C, places), as a mixer's token-mixing layers give
    assert grid_of((197, 196), IMAGENET, known=known) == tokens(196, 14, 14, 1)


def test_that_the_same_reading_holds_for_another_input() -> None:
    grid = tokens(384, 16, 16, 5)
    assert grid.at((5 + 12 * 20, 384), Size(168, 280)) == tokens(384, 12, 20, 5)
    assert grid.at((5 + 12 * 20 + 1, 384), Size(168, 280)) is None
    last = TokenGrid(form="channels_last", rows=7, columns=7, channels=768)
    assert last.at((8, 14, 768), Size(250, 447)) == TokenGrid(form="channels_last", rows=8, columns=14, channels=768)


def test_that_a_refusal_says_the_count_and_what_would_fit() -> None:
    why = why_no_grid((180, 768), IMAGENET)
    assert "180 tokens" in why
    assert "14 × 14 patches of 16 px: 196 tokens" in why
    assert "(T, N, C)" in why_no_grid((1, 768), IMAGENET)
    assert "attention" in why_no_grid((197, 197), IMAGENET)


def test_that_no_refusal_says_that_what_it_refuses_would_fit() -> None:
    windows = why_no_grid((49, 96), IMAGENET, batch_first=False)
    assert windows == why_no_grid((7, 7, 96), IMAGENET, batch_first=False)
    assert "more of these than there are images" in windows
    assert "attention weights" in why_no_grid((3, 49, 49), IMAGENET, batch_first=False)
    mixed = why_no_grid((256, 196), IMAGENET)
    assert "channels before places" in mixed
    assert "nearest" not in windows + mixed
