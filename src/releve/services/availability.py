"""G: what state a station, an EVSE and a connector are in, by their own account."""

from __future__ import annotations

import msgspec

from releve.domain.availability import AvailabilityWish, fulfilled
from releve.domain.events import EvseStatusChanged, TransactionUpdated
from releve.domain.ids import StationId
from releve.domain.station import ChargingState, Evse
from releve.services.live import Inbound
from releve.services.ports import Store, Work


class Availability:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def changed(self, inbound: Inbound, evse: Evse) -> None:
        """Take over a status (G01; 1.6 4.9). Transactions are never begun or ended by a status alone."""
        async with self._store.work(inbound.station.operator) as work:
            self.take(work, inbound, msgspec.structs.replace(evse, received_at=inbound.at))

    def take(self, work: Work, inbound: Inbound, evse: Evse) -> None:
        """The same inside a unit of work. An older report that arrives late does not overwrite a newer one."""
        before = inbound.live.evse(evse.evse, evse.connector)
        if _older(evse, before):
            return
        inbound.live.evses[(evse.evse, evse.connector)] = evse
        work.stations.save_evse(inbound.station.id, evse)
        if _same_state(before, evse):
            return
        work.announce(
            EvseStatusChanged(
                operator=inbound.station.operator,
                station=inbound.station.id,
                identity=inbound.station.identity,
                at=inbound.at,
                evse=evse.evse,
                connector=evse.connector,
                status=evse.status,
                charging=evse.charging,
                reported=evse.reported,
                error=evse.error,
            )
        )
        self._colour_transaction(work, inbound, evse)

    def _colour_transaction(self, work: Work, inbound: Inbound, evse: Evse) -> None:
        """A status that tells the charging state (1.6) colours the transaction that runs there."""
        live = inbound.live.active_on(evse.evse)
        if live is None or evse.charging is None or live.row.charging is evse.charging:
            return
        row = msgspec.structs.replace(live.row, charging=evse.charging)
        live.row = row
        work.transactions.save(row)
        work.announce(
            TransactionUpdated(
                operator=row.operator,
                station=row.station,
                identity=inbound.station.identity,
                at=inbound.at,
                transaction=row.id,
                reference=row.reference,
                evse=row.evse,
                token=row.token,
                state=row.state,
                charging=row.charging,
                energy_wh=row.energy_wh,
            )
        )

    def charging(
        self,
        work: Work,
        inbound: Inbound,
        evse: int,
        connector: int | None,
        state: ChargingState | None,
    ) -> None:
        """Note the charging state that a transaction event tells (2.x)."""
        number = connector or next((c for e, c in inbound.live.evses if e == evse), 1)
        known = inbound.live.evse(evse, number)
        if known.charging is state:
            return
        self.take(
            work,
            inbound,
            msgspec.structs.replace(
                known, charging=state, reported_at=None, received_at=inbound.at
            ),
        )


async def wishes(work: Work, station: StationId) -> list[tuple[AvailabilityWish, bool]]:
    """What the operator wants of a station's availability, and whether the station reports it so."""
    evses = await work.stations.evses(station)
    found = await work.holdings.all(station, AvailabilityWish)
    return [(wish, fulfilled(wish, evses)) for wish in found]


def _older(new: Evse, known: Evse) -> bool:
    return (
        new.reported_at is not None
        and known.reported_at is not None
        and known.received_at is not None
        and new.reported_at < known.reported_at <= known.received_at
    )


def _same_state(a: Evse, b: Evse) -> bool:
    return (a.status, a.charging, a.reported, a.error) == (
        b.status,
        b.charging,
        b.reported,
        b.error,
    )
