"""The map over the input, against pytorch-grad-cam's own scaling and torch's interpolation."""

import numpy as np
import pytest
import torch
from pytorch_grad_cam.utils.image import scale_cam_image

from cnnviz_desktop.core.rendering import cam_input, resample, upsample


@pytest.mark.parametrize("cells", [(7, 7), (4, 9), (1, 1), (1, 5), (40, 30)])
@pytest.mark.parametrize("size", [(32, 32), (50, 31)])
def test_that_the_map_over_the_input_is_what_grad_cam_returns(cells: tuple[int, int], size: tuple[int, int]) -> None:
    raw = np.random.default_rng(3).normal(size=cells).astype(np.float32)
    scaled = scale_cam_image(np.maximum(raw, 0)[None], size[::-1])
    expected = scale_cam_image(np.maximum(scaled, 0))[0]
    result = cam_input(raw, *size)
    assert result.dtype == np.float32
    np.testing.assert_allclose(result, expected, atol=2e-6)


def test_that_upsampling_equals_torch() -> None:
    raw = np.random.default_rng(4).normal(size=(5, 8)).astype(np.float32)
    expected = torch.nn.functional.interpolate(torch.from_numpy(raw)[None, None], (33, 21), mode="bilinear")[0, 0]
    np.testing.assert_allclose(upsample(raw, 33, 21), expected.numpy(), atol=4e-6)


def test_that_positions_beyond_the_edge_take_the_edge() -> None:
    raw = np.array([[1.0, 3.0], [5.0, 7.0]], dtype=np.float32)
    assert resample(raw, np.array([-9.0, 1.0, 99.0]), np.array([0.5, 1.5])).tolist() == [[1, 3], [3, 5], [5, 7]]
