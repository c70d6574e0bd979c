from collections.abc import Callable
from functools import cache

import pytest

from tests.correctness.subjects import SAMPLE, Subject, opened


@pytest.fixture(scope="package")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Callable[[bool], Subject]:
    """The sample with its images, in float64 or not, opened once each."""
    folder = tmp_path_factory.mktemp("scenes")
    return cache(lambda in_float64: opened(SAMPLE, folder, small=True, in_float64=in_float64))
