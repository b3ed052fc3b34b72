"""Message ids for the calls that we make."""

from __future__ import annotations

from itertools import count


class MessageIds:
    """Makes ids that are unique over all connections: a prefix for this process, then a counter.

    2.0.1 and 2.1 part 4, section 4.1.4, and 1.6 errata 2025-04: an id must differ from all that the
    same sender used before on any connection of the same station, so `prefix` must be new at each
    start: 16 random hexadecimal digits will do. One object may serve all sessions.
    """

    __slots__ = ("_count", "_prefix")

    def __init__(self, prefix: str) -> None:
        if not 1 <= len(prefix) <= 20:
            raise ValueError("the prefix must leave room for the counter: 1 to 20 characters")
        self._prefix = prefix
        self._count = count(1)

    def __call__(self) -> str:
        """The next id, at most 36 characters."""
        return f"{self._prefix}-{next(self._count):x}"
