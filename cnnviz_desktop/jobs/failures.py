"""Errors as text that can cross threads: an exception object would pin its traceback and every tensor in it."""

import traceback

from cnnviz_desktop.core.errors import CnnvizError, ConsentNeeded, WeightsMismatch, WeightsNeeded
from cnnviz_desktop.core.results import Failure


def failure_of(error: BaseException) -> Failure:
    """What is told about an error: its sentence, or its traceback too where the program is at fault."""
    kind = type(error).__name__
    if not isinstance(error, CnnvizError):
        summary = "".join(traceback.format_exception_only(error)).strip()
        return Failure(
            message=f"The program is at fault here: {summary}",
            details="".join(traceback.format_exception(error)),
            kind=kind,
        )
    return Failure(
        message=str(error),
        kind=kind,
        consent=(error.file, error.sha256, error.beside) if isinstance(error, ConsentNeeded) else None,
        key_table=error.table if isinstance(error, WeightsMismatch) else (),
        weights_parts=error.parts if isinstance(error, WeightsMismatch) else (),
        weights=(error.weights, error.folder) if isinstance(error, WeightsNeeded) else None,
    )
