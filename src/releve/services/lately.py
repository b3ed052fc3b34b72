"""What happened lately, by key: remembered for a span of time, then forgotten by itself."""

from __future__ import annotations

from collections import OrderedDict, deque
from datetime import datetime, timedelta
from typing import Generic, TypeVar

K = TypeVar("K")


class Lately(Generic[K]):
    """The latest moments of each key, `most` of them at the most, as long as the last is younger than `span`.

    Moments are noted as they come; so the keys at the front are the oldest, and leave when another one is noted.
    """

    def __init__(self, span: timedelta, most: int = 1) -> None:
        self._span = span
        self._most = most
        self._moments: OrderedDict[K, deque[datetime]] = OrderedDict()

    def note(self, key: K, at: datetime) -> None:
        """It happened."""
        self._moments.setdefault(key, deque(maxlen=self._most)).append(at)
        self._moments.move_to_end(key)
        while self._moments:
            oldest = next(iter(self._moments))
            if at - self._moments[oldest][-1] < self._span:
                return
            del self._moments[oldest]

    def count(self, key: K, at: datetime) -> int:
        """How often it happened within the span before `at`, as far as that is remembered."""
        return sum(at - moment < self._span for moment in self._moments.get(key, ()))

    def forget(self, key: K) -> None:
        """It may happen again at once."""
        self._moments.pop(key, None)

    def __len__(self) -> int:
        """How many keys are remembered."""
        return len(self._moments)
