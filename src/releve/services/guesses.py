"""Unknown tokens shown at one station: many in a row are somebody who tries out numbers."""

from __future__ import annotations

from datetime import datetime

BURST = 30.0
"""So many unknown cards are looked up freely; a busy street has a few an hour."""
EVERY_S = 20.0
"""After that one more in so many seconds."""


class Guesses:
    """A leaky bucket. `now` is the system's time; a clock that goes back empties nothing."""

    __slots__ = ("_at", "_level")

    def __init__(self, now: datetime) -> None:
        self._at = now
        self._level = 0.0

    def note(self, now: datetime) -> None:
        """An unknown token was shown."""
        self._leak(now)
        self._level = min(self._level + 1.0, BURST + 1.0)

    def too_many(self, now: datetime) -> bool:
        """Whether the next token is not to be looked up."""
        self._leak(now)
        return self._level > BURST - 1.0

    def _leak(self, now: datetime) -> None:
        passed_s = max(0.0, (now - self._at).total_seconds())
        self._level = max(0.0, self._level - passed_s / EVERY_S)
        self._at = now
