"""A recipe for an input of another size."""

from msgspec.structs import replace

from cnnviz_desktop.core.description import Preprocessing


def resized(recipe: Preprocessing, size: tuple[int, int]) -> Preprocessing:
    """The recipe for an input of that (height, width), which shows as much of the picture."""
    if size == recipe.size:
        return recipe
    short_side = None if recipe.short_side is None else round(recipe.short_side * min(size) / min(recipe.size))
    return replace(recipe, size=size, short_side=short_side)
