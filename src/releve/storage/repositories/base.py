"""What every repository has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from releve.domain.ids import OperatorId
from releve.storage.queries import Query
from releve.storage.unit import Unit

if TYPE_CHECKING:
    from releve.storage.work import Shared


class Repository:
    """Reads through the backend, writes into the unit; all of it for one operator.

    Reads see what is committed, not what this unit is about to write.
    """

    __slots__ = ("_operator", "_shared", "_unit")

    def __init__(self, operator: OperatorId, unit: Unit, shared: Shared) -> None:
        self._operator = operator
        self._unit = unit
        self._shared = shared

    def _own(self, operator: OperatorId) -> None:
        """A value that names another operator is a mistake of the caller, caught before it is written."""
        if operator != self._operator:
            raise ValueError(f"operator {operator} in a unit of work of operator {self._operator}")

    async def _rows(self, query: Query, **values: Any) -> list[tuple[Any, ...]]:
        return await self._shared.backend.fetch(query, operator=self._operator, **values)

    async def _row(self, query: Query, **values: Any) -> tuple[Any, ...] | None:
        rows = await self._rows(query, **values)
        return rows[0] if rows else None
