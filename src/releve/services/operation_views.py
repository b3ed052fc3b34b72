"""Operations as pages and the API show them, and the port that finds them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

from releve.domain.ids import OperatorId
from releve.services.page import Page, View


class OperationView(View, frozen=True, kw_only=True):
    """See `domain.operation.Operation`."""

    id: str
    station: str
    identity: str
    kind: str
    state: str
    request_id: int
    status: str = ""
    problem: str = ""
    by: str = ""
    arguments: dict[str, Any] = {}
    result: dict[str, Any] = {}
    parts: int = 0
    created_at: datetime
    updated_at: datetime
    deadline_at: datetime


class OperationFilter(View, frozen=True, kw_only=True):
    station: str | None = None
    """Row id."""
    kind: str | None = None
    state: str | None = None
    """An OperationState, or "open": asked or running."""


class OperationReads(Protocol):
    async def operations(
        self,
        operator: OperatorId,
        filter: OperationFilter,
        *,
        after: str | None = None,
        limit: int = 50,
    ) -> Page[OperationView]: ...
    async def operation(self, operator: OperatorId, operation: str) -> OperationView | None: ...
