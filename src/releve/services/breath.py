"""Letting others speak in the middle of long work, without knowing who runs it."""

from __future__ import annotations

from collections.abc import Generator


class Breath:
    """Awaited, it gives the event loop one turn; `gateway.drive` and asyncio both know a bare yield."""

    __slots__ = ()

    def __await__(self) -> Generator[None, None, None]:
        yield


BREATH = Breath()
