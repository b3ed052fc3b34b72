"""Operations and the parts of their answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from releve.domain.ids import OperationId, StationId
from releve.domain.operation import Operation, OperationPart
from releve.storage.mapping import Mapper
from releve.storage.queries import Query, value
from releve.storage.repositories.base import Repository
from releve.storage.tables import operation_parts, operations
from releve.storage.tables.kept import UNFINISHED
from releve.storage.times import micros
from releve.storage.unit import BASE_BYTES
from releve.storage.writes import insert, insert_new, update

OPERATION = Mapper(Operation)
PART = Mapper(OperationPart)
_OWN = ("id", "operator_id")
_FIXED = (*_OWN, "station_id", "kind", "request_id", "by", "arguments", "created_at")
_ANSWER = ("state", "status", "problem", "result", "updated_at")
ADD = insert(operations, OPERATION.columns)
SAVE = update(operations, _OWN, tuple(n for n in OPERATION.columns if n not in _FIXED))
ANSWERED = update(operations, _OWN, _ANSWER, only="t.state = 'asked'")
ADD_PART = insert_new(operation_parts, PART.columns)
_PLACES = tuple(OPERATION.columns.index(name) for name in SAVE.columns)
_ANSWER_PLACES = tuple(OPERATION.columns.index(name) for name in ANSWERED.columns)

o, p = operations.c, operation_parts.c
_OPERATIONS = select(*(o[name] for name in OPERATION.columns)).where(
    o.operator_id == value("operator")
)
_NEWEST = _OPERATIONS.where(o.station_id == value("station")).order_by(o.id.desc())
GET = Query(_OPERATIONS.where(o.id == value("operation")))
REQUESTED = Query(_NEWEST.where(o.request_id == value("request")).limit(20))
UNENDED = Query(_NEWEST.where(UNFINISHED).limit(200))
OVERDUE = Query(
    _OPERATIONS.where(UNFINISHED, o.deadline_at <= value("at")).order_by(o.deadline_at).limit(500)
)
PARTS = Query(
    select(*(p[name] for name in PART.columns))
    .where(p.operator_id == value("operator"), p.operation_id == value("operation"))
    .order_by(p.seq_no)
)


class StoredOperations(Repository):
    """Implements `services.ports.OperationRows`."""

    __slots__ = ()

    async def get(self, operation: OperationId) -> Operation | None:
        """The operation with this row id."""
        row = await self._row(GET, operation=operation)
        return OPERATION.decode(row) if row else None

    async def requested(self, station: StationId, request_id: int) -> list[Operation]:
        """Those of a station that carry this request id, newest first."""
        rows = await self._rows(REQUESTED, station=station, request=request_id)
        return [OPERATION.decode(row) for row in rows]

    async def unfinished(self, station: StationId, kinds: Sequence[str]) -> list[Operation]:
        """Those of a station that have not ended, newest first. kinds empty: of any kind."""
        rows = await self._rows(UNENDED, station=station)
        found = [OPERATION.decode(row) for row in rows]
        return [one for one in found if not kinds or one.kind in kinds]

    async def overdue(self, at: datetime) -> list[Operation]:
        """Those that have not ended by their deadline, at most 500, the longest overdue first."""
        rows = await self._rows(OVERDUE, at=micros(at))
        return [OPERATION.decode(row) for row in rows]

    async def parts(self, operation: OperationId) -> list[OperationPart]:
        """The parts that have come, by number."""
        return [PART.decode(row) for row in await self._rows(PARTS, operation=operation)]

    def add(self, operation: Operation) -> None:
        """Add one."""
        self._own(operation.operator)
        self._unit.write(ADD, OPERATION.encode(operation), operation.id, 2 * BASE_BYTES)

    def save(self, operation: Operation) -> None:
        """Replace what moves: state, status, problem, result, parts, times."""
        self._own(operation.operator)
        row = OPERATION.encode(operation)
        self._unit.write(SAVE, tuple(row[place] for place in _PLACES), operation.id)

    def answered(self, operation: Operation) -> None:
        """Note how the request was answered, unless the station has told more in the meantime."""
        self._own(operation.operator)
        row = OPERATION.encode(operation)
        self._unit.write(ANSWERED, tuple(row[place] for place in _ANSWER_PLACES), operation.id)

    def add_part(self, part: OperationPart) -> None:
        """Keep a part, unless that number is there."""
        self._unit.write(ADD_PART, PART.encode(part), (part.operation, part.seq_no))
