"""A cell of the table that is shown over its image: what it shows, and how to compute that again."""

from dataclasses import dataclass, replace

from PySide6.QtCore import QCoreApplication

from cnnviz_desktop.core.requests import Request, Target
from cnnviz_desktop.core.results import Attribution
from cnnviz_desktop.ui.comparison.answers import Answers
from cnnviz_desktop.ui.comparison.asking import commands_of, requests_of
from cnnviz_desktop.ui.comparison.comparison import Comparison, Place

translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True, eq=False)
class Enlarged:
    """One cell.

    Attributes:
        cell: The comparison of that cell alone.
        result: What it shows.
        title: What the result is of where its method does not tell; empty where it does.
    """

    cell: Comparison
    result: Attribution
    title: str = ""

    @classmethod
    def of(cls, answers: Answers, place: Place, *, is_final: bool) -> "Enlarged | None":
        """A cell of a table; None where it has no result.

        Args:
            answers: The table's.
            place: The cell.
            is_final: Whether nothing more comes: a preliminary result says so.
        """
        comparison, result = answers.comparison, answers.cell(place).result
        if result is None:
            return None
        if is_final and result.done < 1:
            note = translate("Comparison", "Cancelled: this is a preliminary picture. “Fill” computes the rest.")
            result = replace(result, notes=(note, *result.notes))
        return cls(comparison.only(place), result, _title(comparison, place))

    @property
    def target(self) -> Target:
        """What was asked to be explained."""
        return self.cell.targets[0]

    @property
    def command(self) -> str:
        """The command that computes the same."""
        return commands_of(self.cell)

    @property
    def requests(self) -> tuple[Request, ...]:
        """The requests that compute the same: one, or of a difference of two networks one for each."""
        return requests_of(self.cell)

    def is_as(self, other: "Enlarged") -> bool:
        """Whether both ask the same, whatever has come of it."""
        return self.cell.is_about(other.cell)


def _title(comparison: Comparison, place: Place) -> str:
    """What a cell shows that more than one answer made; empty for one."""
    if len(comparison.questions(place)) == 1:
        return ""
    method = comparison.rows[place.row].text
    if comparison.other is None:
        return translate("Comparison", "Guided {0}").format(method)
    return f"{method}, {comparison.columns[place.column].text}: {comparison.name} − {comparison.other.name}"
