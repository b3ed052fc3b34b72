"""What every part of the catalogue has."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Executable

from releve.services.ports import Clock
from releve.storage.backend import Backend


class Part:
    """Reads through the backend."""

    _backend: Backend
    _clock: Clock

    async def _rows(self, statement: Executable) -> list[tuple[Any, ...]]:
        return await self._backend.select(statement)

    async def _row(self, statement: Executable) -> tuple[Any, ...] | None:
        rows = await self._backend.select(statement)
        return rows[0] if rows else None


def row_id(text: str | None) -> int | None:
    """A row id from its decimal text; None when it is none, so that nothing is found."""
    if text is None or not text.isascii() or not text.isdigit() or len(text) > 19:
        return None
    number = int(text)
    return number if number < 1 << 63 else None
