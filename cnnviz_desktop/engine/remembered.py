"""What was made lately, kept within a budget of bytes."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Remembered(Generic[Key, Value]):
    """Values by key; the ones used longest ago are forgotten once all together exceed the budget.

    Args:
        budget: Bytes that may be held.
        size_of: Bytes that a value holds.
    """

    def __init__(self, budget: int, size_of: Callable[[Value], int]) -> None:
        self.budget = budget
        self._size_of = size_of
        self._held: OrderedDict[Key, tuple[Value, int]] = OrderedDict()

    def get(self, key: Key) -> Value | None:
        """The value of a key, which counts as used now; None where there is none."""
        if key not in self._held:
            return None
        self._held.move_to_end(key)
        return self._held[key][0]

    def put(self, key: Key, value: Value) -> None:
        """Remember a value in place of an older one of the same key; one larger than the budget is not kept at all."""
        self._held.pop(key, None)
        size = self._size_of(value)
        if size > self.budget:
            return
        self._held[key] = (value, size)
        while sum(size for _, size in self._held.values()) > self.budget:
            self._held.popitem(last=False)

    def clear(self) -> None:
        """Forget everything."""
        self._held.clear()
