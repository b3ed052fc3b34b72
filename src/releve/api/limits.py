"""How often somebody may do something: token buckets, one per name, with a bound on how many are remembered."""

from __future__ import annotations

import math
from collections import OrderedDict

from releve.services.ports import Clock

MOST_NAMES = 10_000


class Limit:
    """burst: how many at once; per_second: how fast they come back. Times are the injected clock's."""

    def __init__(self, clock: Clock, *, burst: float, per_second: float) -> None:
        self._clock = clock
        self._burst = burst
        self._rate = per_second
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, name: str) -> int:
        """Use one. 0 when it was there, else the whole seconds until there is one."""
        left = self._left(name)
        if left < 1:
            return self._wait(left)
        self._keep(name, left - 1)
        return 0

    def wait(self, name: str) -> int:
        """Seconds until there is one, without using it; 0 when there is."""
        left = self._left(name)
        return 0 if left >= 1 else self._wait(left)

    def _left(self, name: str) -> float:
        left, at = self._buckets.get(name, (self._burst, 0.0))
        return min(self._burst, left + (self._clock.monotonic() - at) * self._rate)

    def _wait(self, left: float) -> int:
        return max(1, math.ceil((1 - left) / self._rate))

    def _keep(self, name: str, left: float) -> None:
        self._buckets[name] = (left, self._clock.monotonic())
        self._buckets.move_to_end(name)
        if len(self._buckets) > MOST_NAMES:
            self._buckets.popitem(last=False)
