"""Repositories of what is kept as typed JSON, and of operations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from releve.domain.holding import Document, Holding
from releve.domain.ids import OperationId, StationId
from releve.domain.operation import Operation, OperationPart

H = TypeVar("H", bound=Holding)
D = TypeVar("D", bound=Document)


class Holdings(Protocol):
    """What stations have, as last confirmed. One row by station, kind and key."""

    async def all(self, station: StationId, kind: type[H]) -> list[H]: ...  # by key
    async def get(self, station: StationId, kind: type[H], key: str) -> H | None: ...
    async def of_all(self, kind: type[H]) -> list[tuple[StationId, H]]: ...  # every station's
    def save(self, station: StationId, holding: Holding) -> None: ...  # add or replace
    def remove(self, station: StationId, kind: type[Holding], key: str) -> None: ...
    async def clear(self, station: StationId, kind: type[Holding]) -> None: ...  # all on disk


class Documents(Protocol):
    """What the operator has, one row by kind and key."""

    async def all(self, kind: type[D]) -> list[D]: ...  # by key
    async def get(self, kind: type[D], key: str) -> D | None: ...
    def save(self, document: Document) -> None: ...  # add or replace
    def remove(self, kind: type[Document], key: str) -> None: ...


class OperationRows(Protocol):
    async def get(self, operation: OperationId) -> Operation | None: ...
    async def requested(
        self, station: StationId, request_id: int
    ) -> list[Operation]: ...  # newest first, ended ones too
    async def unfinished(
        self, station: StationId, kinds: Sequence[str]
    ) -> list[Operation]: ...  # newest first; kinds empty: all
    async def overdue(self, at: datetime) -> list[Operation]: ...  # unfinished, deadline passed
    async def parts(self, operation: OperationId) -> list[OperationPart]: ...  # by seq_no
    def add(self, operation: Operation) -> None: ...
    def save(self, operation: Operation) -> None: ...  # all but id, operator, station, kind
    def answered(self, operation: Operation) -> None: ...

    """Save state, status, problem and result, unless it is no longer ASKED: its notifications were faster."""

    def add_part(
        self, part: OperationPart
    ) -> None: ...  # ignored when (operation, seq_no) is there
