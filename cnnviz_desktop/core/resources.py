"""Where the files that ship with the program lie, and what a reference to an image means."""

from pathlib import Path

SAMPLE_PREFIX = "sample:"


def resource_path(*parts: str) -> Path:
    """Path of a shipped file or folder: inside the installed package, or beside it in a source checkout."""
    package = Path(__file__).parents[1]
    inside = package / "resources"
    root = inside if inside.is_dir() else package.parent / "resources"
    return root.joinpath(*parts)


def image_path(reference: str) -> Path:
    """Path behind an image reference: a file path, or ``sample:scene_01`` for a scene that ships."""
    if reference.startswith(SAMPLE_PREFIX):
        return resource_path("sample", "scenes", f"{reference.removeprefix(SAMPLE_PREFIX)}.png")
    return Path(reference)


def image_name(reference: str) -> str:
    """What people call an image: the name of its file, or of the scene that ships."""
    if reference.startswith(SAMPLE_PREFIX):
        return reference.removeprefix(SAMPLE_PREFIX)
    return Path(reference).name


def sample_images() -> tuple[str, ...]:
    """References of the scenes that ship, in order."""
    scenes = sorted(resource_path("sample", "scenes").glob("*.png"))
    return tuple(f"{SAMPLE_PREFIX}{scene.stem}" for scene in scenes)
