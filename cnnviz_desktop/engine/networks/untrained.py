"""What is to be known of a network that has only the values it was built with."""

from torch import nn

_KEYS_SHOWN = 4


def zero_weights(module: nn.Module) -> list[str]:
    """Names of the weights of layers that were initialised with zeros, and answer nothing until they are trained."""
    return [
        name
        for name, value in module.named_parameters()
        if name.endswith("weight")
        and not (value.is_meta or isinstance(value, nn.UninitializedParameter))
        and value.numel() > 0
        and not value.flatten()[0].any()  # most end here, and no large tensor is read
        and not value.any()
    ]


def zeros_note(module: nn.Module) -> tuple[str, ...]:
    """A sentence that names them; none where there are none."""
    names = zero_weights(module)
    if not names:
        return ()
    more = len(names) - _KEYS_SHOWN
    told = ", ".join(names[:_KEYS_SHOWN]) + (f" and {more} more" if more > 0 else "")
    return (f"Its library starts with zeros in {told}: maps that rest on them are 0 until the network is trained.",)
