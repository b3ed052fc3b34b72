"""Anomalies."""

from __future__ import annotations

from sqlalchemy import select

from releve.domain.anomaly import Anomaly, AnomalyKind
from releve.domain.ids import AnomalyId, StationId, TransactionId
from releve.storage.mapping import Mapper
from releve.storage.queries import Query, value
from releve.storage.repositories.base import Repository
from releve.storage.tables import anomalies
from releve.storage.unit import BASE_BYTES
from releve.storage.writes import insert, update

ANOMALY = Mapper(Anomaly)
ADD = insert(anomalies, ANOMALY.columns)
_OWN = ("id", "operator_id")
SAVE = update(
    anomalies, _OWN, tuple(name for name in ANOMALY.columns if name not in (*_OWN, "station_id"))
)
_PLACES = tuple(ANOMALY.columns.index(name) for name in SAVE.columns)

a = anomalies.c
_ANOMALIES = select(*(a[name] for name in ANOMALY.columns)).where(
    a.operator_id == value("operator")
)
GET = Query(_ANOMALIES.where(a.id == value("anomaly")))
_OPEN = _ANOMALIES.where(
    a.resolved_at.is_(None), a.station_id == value("station"), a.kind == value("kind")
).order_by(a.id.desc())
OPEN_AT_STATION = Query(_OPEN.where(a.transaction_id.is_(None)).limit(1))
OPEN_IN_TRANSACTION = Query(_OPEN.where(a.transaction_id == value("transaction")).limit(1))
OPEN_OF = Query(
    _ANOMALIES.where(a.resolved_at.is_(None), a.transaction_id == value("transaction")).order_by(
        a.id
    )
)


class StoredAnomalies(Repository):
    """Implements `services.ports.Anomalies`."""

    __slots__ = ()

    def add(self, anomaly: Anomaly) -> None:
        """Add one."""
        self._own(anomaly.operator)
        row = ANOMALY.encode(anomaly)
        self._unit.write(ADD, row, anomaly.id, 2 * BASE_BYTES)

    async def get(self, anomaly: AnomalyId) -> Anomaly | None:
        """The anomaly with this row id."""
        row = await self._row(GET, anomaly=anomaly)
        return ANOMALY.decode(row) if row else None

    def save(self, anomaly: Anomaly) -> None:
        """Replace all but id, operator and station."""
        self._own(anomaly.operator)
        row = ANOMALY.encode(anomaly)
        self._unit.write(SAVE, tuple(row[place] for place in _PLACES), anomaly.id)

    async def open(
        self, station: StationId, kind: AnomalyKind, transaction: TransactionId | None
    ) -> Anomaly | None:
        """The latest unresolved one of this kind about this transaction; None: about none."""
        if transaction is None:
            row = await self._row(OPEN_AT_STATION, station=station, kind=kind.value)
        else:
            row = await self._row(
                OPEN_IN_TRANSACTION, station=station, kind=kind.value, transaction=transaction
            )
        return ANOMALY.decode(row) if row else None

    async def open_of(self, transaction: TransactionId) -> list[Anomaly]:
        """Unresolved ones about this transaction, oldest first."""
        rows = await self._rows(OPEN_OF, transaction=transaction)
        return [ANOMALY.decode(row) for row in rows]
