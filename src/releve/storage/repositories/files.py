"""Files that stations hand in and fetch, and their passes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from releve.domain.file import FileId, Pass, PassId, StoredFile
from releve.domain.ids import StationId
from releve.storage.mapping import Mapper
from releve.storage.queries import Query, value
from releve.storage.repositories.base import Repository
from releve.storage.tables import file_passes, files
from releve.storage.times import micros
from releve.storage.writes import delete, insert, update

FILE = Mapper(StoredFile)
PASS = Mapper(Pass)
_OWN = ("id", "operator_id")
ADD = insert(files, FILE.columns)
REMOVE = delete(files, _OWN)
ADD_PASS = insert(file_passes, PASS.columns)
USE_PASS = update(file_passes, _OWN, ("used_at",))
END_PASSES = update(file_passes, ("station_id", "operation_id", "operator_id"), ("expires_at",))

f, p = files.c, file_passes.c
_FILES = select(*(f[name] for name in FILE.columns)).where(f.operator_id == value("operator"))
GET = Query(_FILES.where(f.id == value("file")))
OF_OPERATION = Query(
    _FILES.where(f.operation_id == value("operation")).order_by(f.id.desc()).limit(100)
)
OLDER = Query(
    _FILES.where(f.kind == value("kind"), f.created_at < value("before"))
    .order_by(f.created_at)
    .limit(200)
)
TOTAL = Query(select(func.sum(f.size)).where(f.operator_id == value("operator")))
# A station that hands in is known by nothing but its pass: it names the operator.
PASS_BY_ID = Query(select(*(p[name] for name in PASS.columns)).where(p.id == value("number")))


class StoredFiles(Repository):
    """Implements `services.ports.Files`."""

    __slots__ = ()

    async def get(self, file: FileId) -> StoredFile | None:
        """The file with this row id."""
        row = await self._row(GET, file=file)
        return FILE.decode(row) if row else None

    async def of_operation(self, operation: int) -> list[StoredFile]:
        """Those that came with an operation, newest first."""
        return [FILE.decode(row) for row in await self._rows(OF_OPERATION, operation=operation)]

    async def older(self, kind: str, before: datetime) -> list[StoredFile]:
        """Those of a kind from before a moment, oldest first, at most 200."""
        rows = await self._rows(OLDER, kind=kind, before=micros(before))
        return [FILE.decode(row) for row in rows]

    async def total(self) -> int:
        """Bytes of all files of the operator."""
        row = await self._row(TOTAL)
        return int(row[0]) if row and row[0] is not None else 0

    def add(self, file: StoredFile) -> None:
        """Add one."""
        self._own(file.operator)
        self._unit.write(ADD, FILE.encode(file), file.id)

    def remove(self, file: FileId) -> None:
        """Forget one; its content is another matter."""
        self._unit.write(REMOVE, (file, self._operator), file)

    async def find_pass(self, number: PassId) -> Pass | None:
        """The pass with this row id, of any operator, expired or not."""
        row = await self._row(PASS_BY_ID, number=number)
        return PASS.decode(row) if row else None

    def add_pass(self, leave: Pass) -> None:
        """Add one."""
        self._own(leave.operator)
        self._unit.write(ADD_PASS, PASS.encode(leave), leave.id)

    def use_pass(self, leave: Pass, at: datetime) -> None:
        """Note that it was used."""
        self._unit.write(USE_PASS, (leave.id, self._operator, micros(at)), leave.id)

    def end_passes(self, station: StationId, operation: int) -> None:
        """Those of an operation serve no more."""
        key = (station, operation, self._operator)
        self._unit.write(END_PASSES, (*key, 0), key)
