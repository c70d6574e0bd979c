"""What the project promises about a figure."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limit:
    """A bound that a figure keeps, at most or at least."""

    bound: float
    at_least: bool = False

    def holds(self, figure: float) -> bool:
        """Whether the figure keeps to it; NaN does not."""
        return figure >= self.bound if self.at_least else figure <= self.bound

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {self.bound:g}"

    def to_json(self) -> dict[str, float]:
        """``{"at_most": …}`` or ``{"at_least": …}``."""
        return {"at_least" if self.at_least else "at_most": self.bound}


def at_most(bound: float) -> Limit:
    """A figure that must not be greater."""
    return Limit(bound)


def at_least(bound: float) -> Limit:
    """A figure that must not be smaller."""
    return Limit(bound, at_least=True)
