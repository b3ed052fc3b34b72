"""How long a station waits before it tries to connect again (OCPP 2.0.1 part 4, 5.3; used for 1.6 as well)."""

import random
from dataclasses import dataclass


@dataclass(slots=True)
class BackOff:
    """RetryBackOffWaitMinimum + random(RetryBackOffRandomRange), doubled RetryBackOffRepeatTimes times."""

    wait_minimum_s: float
    random_range_s: float
    repeat_times: int
    rng: random.Random
    _attempt: int = 0

    def next_wait_s(self) -> float:
        """Seconds until the next attempt. The random part is drawn anew each time."""
        doublings = min(self._attempt, self.repeat_times)
        self._attempt += 1
        return self.wait_minimum_s * float(2**doublings) + self.rng.uniform(0, self.random_range_s)

    def reset(self) -> None:
        """A connection succeeded: start from the minimum next time."""
        self._attempt = 0
