"""From the start of the process to the window and to the sample's first heat map, against what torch alone costs."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

from tests.benchmarks.limits import at_most

ROUNDS = 5
ROOT = Path(__file__).parents[2]
SCRIPT = "tests.benchmarks.heat_map_script"
LIMITS = {
    "window_to_import_torch_ratio": at_most(0.3),
    "heat_map_to_import_torch_ratio": at_most(1.6),
    "heat_map_to_script_ratio": at_most(0.5),
}


def run() -> dict[str, float]:
    """Medians of seconds, each process started in turn so that a slow minute hits all of them, and their ratios."""
    taken: dict[str, list[float]] = {}
    for _ in range(ROUNDS + 1):
        taken.setdefault("import_torch_s", []).append(_wall([sys.executable, "-c", "import torch"]))
        taken.setdefault("script_s", []).append(_wall([sys.executable, "-m", SCRIPT]))
        milestones = _milestones()
        taken.setdefault("window_s", []).append(milestones["first-window"])
        taken.setdefault("heat_map_s", []).append(milestones["first-heat-map"])
    figures = {name: median(seconds[1:]) for name, seconds in taken.items()}  # the first round warms the disk cache
    figures["window_to_import_torch_ratio"] = figures["window_s"] / figures["import_torch_s"]
    figures["heat_map_to_import_torch_ratio"] = figures["heat_map_s"] / figures["import_torch_s"]
    figures["heat_map_to_script_ratio"] = figures["heat_map_s"] / figures["script_s"]
    return figures


def _wall(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT, env=_environment(MPLBACKEND="Agg"))
    return time.perf_counter() - start


def _milestones() -> dict[str, float]:
    """When window and heat map were painted, in seconds since the process was started, as the program tells."""
    environment = _environment(CNNVIZ_EXIT_AFTER="first-heat-map")
    command = [sys.executable, "-m", "cnnviz_desktop"]
    answer = subprocess.run(command, check=True, capture_output=True, cwd=ROOT, env=environment, text=True)
    milestones: dict[str, float] = json.loads(answer.stdout.splitlines()[-1])
    return milestones


def _environment(**more: str) -> dict[str, str]:
    """This process's, with bytecode written as Python does unless told not to: the first round is the only cold one."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, **more}
