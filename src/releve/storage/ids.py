"""Row ids made by the application, so that rows can be written in bulk without asking for keys."""

from __future__ import annotations

import secrets
import string
import time
from collections.abc import Callable

COUNTER_BITS = 21
_COUNTER_MASK = (1 << COUNTER_BITS) - 1
_ALPHABET = string.ascii_letters + string.digits


class SystemIds:
    """Implements `services.ports.Ids`.

    An id is 42 bits of milliseconds since the epoch (until the year 2109) and 21 bits of a counter that starts at a
    random place in every millisecond's lower half: growing within the process, and two processes collide only when both
    draw the same of 2^20 places in the same millisecond. A clock that goes back does not make ids go back.
    """

    __slots__ = ("_last", "_now_ms")

    def __init__(self, now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000) -> None:
        self._now_ms = now_ms
        self._last = 0

    def next(self) -> int:
        """A new row id: positive, 63 bits, greater than every earlier one of this object."""
        made = self._now_ms() << COUNTER_BITS
        if made > self._last | _COUNTER_MASK:
            self._last = made | secrets.randbits(COUNTER_BITS - 1)
        else:  # same millisecond, or the clock went back: count on (and borrow from the next)
            self._last += 1
        return self._last

    def number(self) -> int:
        """A random positive 31-bit number."""
        return secrets.randbelow((1 << 31) - 1) + 1

    def secret(self, length: int) -> str:
        """`length` random characters of a-z, A-Z, 0-9 (5.95 bits each)."""
        return "".join(secrets.choice(_ALPHABET) for _ in range(length))
