"""``cnnviz list networks``: what the installed libraries can build, and how it is opened."""

from itertools import groupby

from cnnviz_desktop.commands.console import Console, table
from cnnviz_desktop.commands.engine import Engine
from cnnviz_desktop.core.description import SUFFIX
from cnnviz_desktop.core.errors import RequestError
from cnnviz_desktop.core.near_names import did_you_mean
from cnnviz_desktop.core.network_catalogue import LibraryNetwork, NetworkCatalogue
from cnnviz_desktop.core.references import SAMPLE
from cnnviz_desktop.core.requests import Request

_SAMPLE_WORDS = "the sample network that ships"
_WEIGHTS_SHOWN = 3
_BESIDES = f"""\
A name alone takes the first weights, which its library recommends, or @random or others after it:
torchvision:resnet50@IMAGENET1K_V1. * marks weights that are on this machine.
And every network that a file *{SUFFIX} describes; the README shows an example."""


def networks(search: str | None, console: Console) -> tuple[list[dict[str, object]], str]:
    """The sample and the libraries' networks: as plain values, and as a text.

    Args:
        search: Words that each occur in a network's name, family, library or task; None for all.
        console: Is told how far the listing is.

    Raises:
        RequestError: Nothing is found.
    """
    answers = Engine(console).answers(Request(method="networks"))
    catalogue = next(each for each in answers if isinstance(each, NetworkCatalogue))
    found = [network for network in catalogue.networks if network.is_found_by(search or "")]
    if search and not found:
        meant = did_you_mean(search, [network.name for network in catalogue.networks])
        raise RequestError(" ".join((f"No network is found by “{search}”.{meant}", *catalogue.missing)))
    sample: dict[str, object] = {"reference": SAMPLE, "description": _SAMPLE_WORDS}
    blocks = [table([(SAMPLE, _SAMPLE_WORDS)])] if not search else []
    for (task, library), members in groupby(found, key=lambda network: (network.task, network.library)):
        blocks.append(f"{task} ({library})\n{table([_HEADING, *map(_row, members)])}")
    blocks += [*catalogue.missing, _BESIDES]
    return [*([] if search else [sample]), *map(_plain, found)], "\n\n".join(blocks)


_HEADING = ("  network", "family", "parameters", "GMACs", "weights")


def _row(network: LibraryNetwork) -> tuple[str, ...]:
    parameters = "" if network.parameters is None else f"{network.parameters / 1e6:.1f} M"
    macs = "" if network.macs is None else f"{network.macs / 1e9:.2f}"
    names = [f"{each.name}{'*' if each.name in network.here else ''}" for each in network.weights]
    more = len(names) - _WEIGHTS_SHOWN
    shown = ", ".join(names[:_WEIGHTS_SHOWN]) + (f" and {more} more" if more > 0 else "")
    return f"  {network.library}:{network.name}", network.family, parameters, macs, shown or "random alone"


def _plain(network: LibraryNetwork) -> dict[str, object]:
    """A network as its JSON has it."""
    return {
        "reference": network.reference,
        "description": f"{network.family}, {network.task}",
        "library": network.library,
        "name": network.name,
        "family": network.family,
        "task": network.task,
        "parameters": network.parameters,
        "macs": network.macs,
        "weights": network.weights,
        "here": sorted(network.here),
    }
