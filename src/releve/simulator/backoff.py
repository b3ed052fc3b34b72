"""How long a station waits before it tries to connect again (OCPP 2.0.1 part 4, 5.3; used for 1.6 as well)."""

import random

from releve.simulator.behaviour import Behaviour


class BackOff:
    """RetryBackOffWaitMinimum + random(RetryBackOffRandomRange), doubled RetryBackOffRepeatTimes times."""

    def __init__(self, behaviour: Behaviour, rng: random.Random) -> None:
        self._behaviour = behaviour
        self._rng = rng
        self._attempt = 0

    def next_wait_s(self) -> float:
        """Seconds until the next attempt. The random part is drawn anew each time."""
        settings = self._behaviour
        doublings = min(self._attempt, settings.back_off_repeats)
        self._attempt += 1
        base_s = settings.back_off_minimum_s * float(2**doublings)
        return base_s + self._rng.uniform(0, settings.back_off_random_s)

    def reset(self) -> None:
        """A connection succeeded: start from the minimum next time."""
        self._attempt = 0
