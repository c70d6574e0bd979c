"""Every method there is, told without torch: for the window's menus, the command line and the help."""

from collections.abc import Iterable

from cnnviz_desktop.core.catalog.activation_maps import ACTIVATION_MAPS
from cnnviz_desktop.core.catalog.errands import ERRANDS
from cnnviz_desktop.core.catalog.gradient_pictures import GRADIENT_PICTURES
from cnnviz_desktop.core.catalog.looking import LOOKING
from cnnviz_desktop.core.catalog.method import Method
from cnnviz_desktop.core.catalog.pattern_maps import PATTERN_MAPS
from cnnviz_desktop.core.errors import RequestError
from cnnviz_desktop.core.near_names import did_you_mean, nearest
from cnnviz_desktop.core.requests import ParameterValue

__all__ = ["METHODS", "Method", "method", "nearest_method", "parameter_values"]

METHODS: tuple[Method, ...] = (*ERRANDS, *LOOKING, *ACTIVATION_MAPS, *PATTERN_MAPS, *GRADIENT_PICTURES)


def method(method_id: str) -> Method:
    """The method of that id.

    Raises:
        RequestError: There is none.
    """
    for candidate in METHODS:
        if candidate.id == method_id:
            return candidate
    near, known = nearest_method(method_id), ", ".join(candidate.id for candidate in METHODS)
    hint = f"Did you mean {near}?" if near else f"There are: {known}."
    raise RequestError(f"There is no method “{method_id}”. {hint}")


def nearest_method(text: str) -> str:
    """The id of the method whose id or title is spelt most nearly so; empty where none is near."""
    ids = {name: each.id for each in METHODS for name in (each.title, each.id)}
    return ids.get(nearest(text, ids), "")


def parameter_values(
    methods: Iterable[Method], given: dict[str, ParameterValue]
) -> dict[str, dict[str, ParameterValue]]:
    """Every method's parameters by its id: those given, checked, for each method that has them, and the defaults.

    Raises:
        RequestError: A key that none of the methods has, or a value that a parameter cannot take.
    """
    asked = tuple(methods)
    strange = sorted(set(given).difference(*({parameter.key for parameter in each.parameters} for each in asked)))
    if strange and len(asked) == 1:
        asked[0].values(given)  # says so in the words of one method
    if strange:
        known = tuple(dict.fromkeys(parameter.key for each in asked for parameter in each.parameters))
        raise RequestError(
            f"None of {', '.join(each.title for each in asked)} has a parameter “{strange[0]}”; "
            f"they have {', '.join(known) or 'none'}.{did_you_mean(strange[0], known)}"
        )
    return {each.id: each.values(each.known(given)) for each in asked}
