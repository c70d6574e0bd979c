"""What has come for a comparison, cell by cell; plain data without widgets."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Literal

from cnnviz_desktop.core.description import NetworkRef
from cnnviz_desktop.core.errors import RequestError
from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.core.results import Attribution, Picture
from cnnviz_desktop.ui.comparison.asking import asked_by
from cnnviz_desktop.ui.comparison.comparison import Comparison, Place, Question

State = Literal["waiting", "shown", "refused", "cancelled", "unanswered"]


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """What a cell has to show; a new one whenever that changes.

    Attributes:
        state: ``shown`` has a result, ``refused`` a sentence that says why not; nothing comes for ``cancelled``, and
            for ``unanswered``, which was asked and passed over.
        result: What is shown, preliminary where its `done` is below 1.
        why: The sentence.
    """

    state: State = "waiting"
    result: Attribution | None = None
    why: str = ""


class Answers:
    """The answers to a comparison's questions.

    Attributes:
        comparison: The questions.
        version: Counts up with every change.
    """

    def __init__(self, comparison: Comparison) -> None:
        self.comparison = comparison
        self.version = 0
        self._open = set(comparison.all_questions)
        self._contents: dict[str, str] = {}  # hash of each image's file
        self._found: dict[Question, Attribution] = {}
        self._refused: dict[Question, str] = {}
        self._unanswered: set[Question] = set()
        self._stopped = False
        self._cells: dict[Place, Cell] = {}
        self._asked_in: dict[Question, list[Place]] = {}
        for place in comparison.places:
            for question in comparison.questions(place):
                self._asked_in.setdefault(question, []).append(place)

    @property
    def open(self) -> AbstractSet[Question]:
        """The questions without a final answer, as they are now."""
        return self._open

    def cell(self, place: Place) -> Cell:
        """What a cell has to show."""
        if place not in self._cells:
            self._cells[place] = self._made(place)
        return self._cells[place]

    def take(self, result: Attribution, network: NetworkRef | None = None) -> set[Place]:
        """Take a result in, of that network or of the comparison's own; the cells that changed."""
        questions = self.comparison.answered_by(result, network)
        for question in questions:
            self._found[question] = result
            self._refused.pop(question, None)
        self._unanswered.difference_update(questions)
        if result.done >= 1:
            self._open.difference_update(questions)
        else:
            self._open.update(questions)
        return self._touched(questions)

    def finish(self, request: Request) -> set[Place]:
        """Take in that a request has given all that it gives; the cells that changed."""
        questions = asked_by(request, self._open)
        self._unanswered |= questions
        return self._touched(questions)

    def refuse(self, request: Request, why: str) -> set[Place]:
        """Take in that a request failed, and why; the cells that changed."""
        if request.method == "picture":
            images = set(request.images)
            questions = {question for question in self._open if question.image in images}
        else:
            questions = asked_by(request, self._open)
        for question in questions:
            self._refused[question] = why
            self._found.pop(question, None)
        self._open -= questions
        return self._touched(questions)

    def show(self, picture: Picture) -> set[Place]:
        """Take in what an image is now: answers about another content of it are let go; the cells that changed."""
        before = self._contents.get(picture.image)
        self._contents[picture.image] = picture.sha256
        if before in (None, picture.sha256):
            return set()
        questions = {question for question in self.comparison.all_questions if question.image == picture.image}
        for question in questions:
            self._found.pop(question, None)
            self._refused.pop(question, None)
        self._unanswered -= questions
        self._open |= questions
        return self._touched(questions)

    def stop(self) -> set[Place]:
        """Take in that nothing comes any more; the cells that changed."""
        self._stopped = True
        return self._touched(self._open)

    def resume(self) -> set[Place]:
        """Take in that what is open is asked again."""
        self._stopped = False
        self._open.update(self._refused)
        self._refused.clear()
        self._unanswered.clear()
        return self._touched(self.comparison.all_questions)

    def _touched(self, questions: Iterable[Question]) -> set[Place]:
        changed = {place for question in questions for place in self._asked_in.get(question, ())}
        for place in changed:
            self._cells.pop(place, None)
        self.version += 1
        return changed

    def _made(self, place: Place) -> Cell:
        questions = self.comparison.questions(place)
        whys = [self._refused[question] for question in questions if question in self._refused]
        if whys:
            return Cell("refused", why=whys[0])
        found = [self._found[question] for question in questions if question in self._found]
        if len(found) < len(questions):
            if any(question in self._unanswered and question not in self._found for question in questions):
                return Cell("unanswered")
            return Cell("cancelled" if self._stopped else "waiting")
        return self._combined(place, found)

    def _combined(self, place: Place, found: list[Attribution]) -> Cell:
        try:
            return Cell("shown", self.comparison.combined(place, found))
        except RequestError as error:
            return Cell("refused", why=str(error))
