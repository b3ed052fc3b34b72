"""Guessing passwords is slowed down: a few wrong ones per person and address, then waiting."""

from __future__ import annotations

from collections import OrderedDict

from releve.services.ports import Clock

PER_NAME = 5
PER_ADDRESS = 20
WINDOW_S = 900.0
REMEMBERED = 10_000


class Throttle:
    """Counts failures by (address, name) and by address in windows of 15 minutes.

    Bounded memory: the oldest are forgotten first. Not by name alone: a stranger must not be able to lock an
    administrator out.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failures: OrderedDict[tuple[str, str], tuple[int, float]] = OrderedDict()

    def wait_s(self, address: str, name: str) -> float:
        """Seconds until this address may try this name again; 0 when now."""
        now = self._clock.monotonic()
        waits = [
            begun + WINDOW_S - now
            for key, limit in self._keys(address, name)
            for count, begun in [self._failures.get(key, (0, now))]
            if count >= limit
        ]
        return max(0.0, *waits) if waits else 0.0

    def failed(self, address: str, name: str) -> None:
        """Count a wrong password, before it is checked: parallel guesses count too."""
        now = self._clock.monotonic()
        for key, _ in self._keys(address, name):
            count, begun = self._failures.pop(key, (0, now))
            if now - begun >= WINDOW_S:
                count, begun = 0, now
            self._failures[key] = (count + 1, begun)
        while len(self._failures) > REMEMBERED:
            self._failures.popitem(last=False)

    def succeeded(self, address: str, name: str) -> None:
        """Forget the failures of this name, and the attempt that was counted for the address."""
        (name_key, _), (address_key, _) = self._keys(address, name)
        self._failures.pop(name_key, None)
        count, begun = self._failures.get(address_key, (0, 0.0))
        if count:
            self._failures[address_key] = (count - 1, begun)

    def _keys(self, address: str, name: str) -> tuple[tuple[tuple[str, str], int], ...]:
        return (
            ((address, name.strip().casefold()[:100]), PER_NAME),
            ((address, ""), PER_ADDRESS),
        )
