"""Every method of the catalogue that explains a target is carried out, and by what its module says."""

import subprocess
import sys

import pytest

from cnnviz_desktop.core.catalog import METHODS
from cnnviz_desktop.engine.methods.explainers import explainer

EXPLAINING = tuple(method.id for method in METHODS if method.gives)


@pytest.mark.parametrize("method", EXPLAINING)
def test_that_every_method_that_explains_a_target_is_carried_out(method: str) -> None:
    found = explainer(method)
    assert callable(found.needs)
    assert callable(found.explain)


def test_that_no_method_loads_what_asks_for_it() -> None:
    code = (
        "import sys; from cnnviz_desktop.engine.methods.explainers import explainer; explainer('guided_gradcam'); "
        "print('cnnviz_desktop.engine.methods.attribution' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert ran.stdout.strip() == "False"
