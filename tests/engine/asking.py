"""How tests ask a session, and what the network then takes in, made by hand."""

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.core.results import Result
from cnnviz_desktop.engine.session import EngineSession


def ask(method: str, image: str, **fields: object) -> Request:
    return Request(method=method, network="test", images=(image,), **fields)  # type: ignore[arg-type]


def results(session: EngineSession, request: Request) -> list[Result]:
    return list(session.run(request))


def input_of(image: str) -> Tensor:
    """The image as the test network takes it, made by hand."""
    pixels = torch.from_numpy(np.asarray(Image.open(image)).copy()).permute(2, 0, 1)[None].float() / 255
    return (pixels - 0.5) / 0.25
