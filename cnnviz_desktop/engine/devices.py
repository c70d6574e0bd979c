"""Which device computes, and why."""

from dataclasses import dataclass

import torch

from cnnviz_desktop.core.errors import RequestError
from cnnviz_desktop.core.requests import Device


@dataclass(frozen=True, slots=True)
class DeviceChoice:
    """A device and the sentence that says why it was taken."""

    device: torch.device
    reason: str


def choose_device(wanted: Device) -> DeviceChoice:
    """The device for a request.

    Raises:
        RequestError: CUDA was asked for by name and cannot be used.
    """
    if wanted == "cpu":
        return DeviceChoice(torch.device("cpu"), "The CPU computes, as asked.")
    obstacle = _cuda_obstacle()
    if not obstacle:
        name = torch.cuda.get_device_name(0)
        asked = ", as asked" if wanted == "cuda" else ""
        return DeviceChoice(torch.device("cuda", 0), f"{name} computes through CUDA{asked}.")
    if wanted == "cuda":
        raise RequestError(f"CUDA was asked for, but {obstacle}. Choose “auto” or “cpu”.")
    return DeviceChoice(torch.device("cpu"), f"The CPU computes: {obstacle}.")


def _cuda_obstacle() -> str:
    """Why CUDA cannot be used, as half a sentence; empty where it can."""
    if torch.version.cuda is None:
        return "this build of PyTorch has no CUDA"
    if not torch.cuda.is_available():
        return "there is no CUDA device that this build of PyTorch can use"
    try:
        torch.zeros(1, device="cuda:0")
    except RuntimeError as error:
        return f"the CUDA device cannot be used ({str(error).splitlines()[0]})"
    return ""
