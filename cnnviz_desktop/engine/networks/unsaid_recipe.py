"""What is said where the user's own weights come without a word on how pictures were prepared for their training."""

from pathlib import Path

from cnnviz_desktop.core.description import NetworkDescription, Preprocessing


def unsaid_recipe_note(description: NetworkDescription, preprocessing: Preprocessing) -> tuple[str, ...]:
    """A sentence on the recipe that is taken for a weights file of the user's; none where the description has one.

    Args:
        description: What the network is.
        preprocessing: The recipe that is taken.
    """
    if description.weights is None or description.preprocessing is not None:
        return ()
    architecture = description.architecture
    is_known = architecture.kind in ("torchvision", "timm")
    taken = f"as is usual for {architecture.given}" if is_known else "as for ImageNet, which is assumed"
    return (
        f"{Path(description.weights).name} does not say how pictures were prepared for its training: they are prepared "
        f"{taken} ({_words(preprocessing)}). If that was otherwise, say so under Input, with "
        "options as --resize and --size, or under “preprocessing” of the description.",
    )


def _words(recipe: Preprocessing) -> str:
    """How a recipe fits pictures to the input, in a few words."""
    height, width = recipe.size
    crop, short_side = f"centre crop {height}×{width}", recipe.short_side
    match recipe.resize:
        case "short_side_crop":
            return f"short side {short_side or min(recipe.size)}, {crop}"
        case "short_side":
            return f"short side {short_side or min(recipe.size)}, no crop"
        case "stretch":
            return f"stretched to {height}×{width}" if short_side is None else f"stretched, {crop}"
        case "letterbox":
            return f"letterbox {height}×{width}"
        case "none":
            return "at their own size"
