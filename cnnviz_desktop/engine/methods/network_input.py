"""What the network gets of an image."""

from collections.abc import Iterator

from cnnviz_desktop.core.geometry import Size
from cnnviz_desktop.core.network_input import NetworkInput
from cnnviz_desktop.core.resources import image_name
from cnnviz_desktop.core.results import Progress
from cnnviz_desktop.engine.arrays import frozen_array
from cnnviz_desktop.engine.session import Task


def network_input(task: Task) -> Iterator[NetworkInput | Progress]:
    """The network's input, an image at a time: to the number what every pass over that image begins with.

    Raises:
        NetworkError: The input would be larger than any network can be given.
    """
    recipe = task.bench.outline.preprocessing
    for number, picture in enumerate(task.pictures()):
        yield from task.progress(number, len(task.request.images), image_name(picture.image))
        raw = frozen_array(task.bench.input_of(picture)[0])
        yield NetworkInput.of(picture.image, raw, recipe.transform(Size(*picture.pixels.shape[:2])), recipe)
