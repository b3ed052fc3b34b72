"""What was asked about transactions, and what came of it."""

from __future__ import annotations

from sqlalchemy import select

from releve.domain.ids import TransactionId
from releve.domain.transaction_check import TransactionCheck
from releve.storage.mapping import Mapper
from releve.storage.queries import Query, value
from releve.storage.repositories.base import Repository
from releve.storage.tables import transaction_checks
from releve.storage.writes import insert

CHECK = Mapper(TransactionCheck)
ADD = insert(transaction_checks, CHECK.columns)

c = transaction_checks.c
OF = Query(
    select(*(c[name] for name in CHECK.columns))
    .where(c.operator_id == value("operator"), c.transaction_id == value("transaction"))
    .order_by(c.id.desc())
    .limit(100)
)


class StoredChecks(Repository):
    """Implements `services.ports.Checks`."""

    __slots__ = ()

    def add(self, check: TransactionCheck) -> None:
        """Append one."""
        self._own(check.operator)
        self._unit.write(ADD, CHECK.encode(check), check.id)

    async def of(self, transaction: TransactionId) -> list[TransactionCheck]:
        """Those about a transaction, newest first; at most 100."""
        return [CHECK.decode(row) for row in await self._rows(OF, transaction=transaction)]
