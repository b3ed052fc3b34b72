"""The steps that both ways into the ledger share."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

import msgspec

from releve.domain.anomaly import AnomalyKind
from releve.domain.events import TransactionBegan, TransactionChanged, TransactionEnded
from releve.domain.ids import StationId
from releve.domain.ledger import plausible
from releve.domain.limits import Limit
from releve.domain.token import IdToken
from releve.domain.transaction import EventKind, Transaction, TransactionFact, TransactionState
from releve.services.authorization import Authorization
from releve.services.availability import Availability
from releve.services.costs import Costs
from releve.services.flags import Flags
from releve.services.live import Inbound, PendingStart
from releve.services.metering import Metering
from releve.services.ports import Ids, Store, Work
from releve.services.settlements import Settlements
from releve.services.transaction_limits import TransactionLimits


class ReservationUse(Protocol):
    async def __call__(self, work: Work, inbound: Inbound, number: int, row: Transaction) -> None:
        """Note that the transaction began on the reservation of this number."""


class Steps:
    def __init__(
        self,
        store: Store,
        ids: Ids,
        authorization: Authorization,
        availability: Availability,
        metering: Metering,
        flags: Flags,
        limits: TransactionLimits,
        reserved: ReservationUse,
        costs: Costs,
        settlements: Settlements,
    ) -> None:
        self.store = store
        self.ids = ids
        self.authorization = authorization
        self.availability = availability
        self.metering = metering
        self.flags = flags
        self.limits = limits
        self.used = reserved
        """Called for the reservation that a transaction names (H03)."""
        self.suspects: dict[tuple[StationId, str], datetime] = {}
        """Running transactions with a gap between their events, and since when (`services.gaps`)."""
        self.costs = costs
        self.settlements = settlements

    async def displace(self, work: Work, inbound: Inbound, new: Transaction) -> Transaction:
        """An EVSE has one transaction at a time: presume the older of two open ones ended.

        Its stop may have been lost for good (power loss), or still wait in the station's queue: then it ends properly.
        """
        if new.evse is None:
            return new
        open_one = inbound.live.active_on(new.evse, but=new.id)
        if open_one is None:
            return new
        old = open_one.row
        newer_first = (
            new.started_at is not None
            and old.started_at is not None
            and new.started_at < old.started_at
        )
        loser = new if newer_first else old
        await self.flags.raise_(
            work, inbound, AnomalyKind.START_WHILE_OPEN, loser.id, evse=new.evse, other=str(old.id)
        )
        if newer_first:
            return msgspec.structs.replace(new, state=TransactionState.PRESUMED_ENDED)
        open_one.row = msgspec.structs.replace(
            old, state=TransactionState.PRESUMED_ENDED, power_w=0.0
        )
        work.transactions.save(open_one.row)
        return new

    def remote_limit(self, inbound: Inbound, remote_start_id: int) -> Limit | None:
        """The limit of the remote start that a transaction names (F07.FR.02); taken once."""
        waiting = inbound.live.remote_starts or []
        for start in waiting:
            if start.remote_start_id == remote_start_id:
                limit, start.limit = start.limit, None
                return limit
        return None

    def remote_start(
        self, inbound: Inbound, token: IdToken, evse: int | None
    ) -> PendingStart | None:
        """Take the remote start that this transaction answers: same token, same EVSE or any, not expired.

        Of several, one for this very EVSE goes before one for any. Each is taken once.
        """
        waiting = inbound.live.remote_starts
        if not waiting:
            return None
        waiting[:] = [w for w in waiting if w.expires_at >= inbound.at]
        fitting = [w for w in waiting if w.token == token.key and w.evse in (None, evse)]
        fitting.sort(key=lambda w: w.evse is None)
        if not fitting:
            return None
        waiting.remove(fitting[0])
        return fitting[0]

    def ended(
        self,
        row: Transaction,
        *,
        at: datetime,
        reason: str | None,
        stop_wh: float | None,
        token: IdToken | None,
    ) -> Transaction:
        """The row with its end taken in; a register already known as the stop is not overwritten by absence."""
        return msgspec.structs.replace(
            row,
            state=TransactionState.ENDED,
            charging=None,
            ended_at=at,
            stop_reason=reason if reason is not None else row.stop_reason,
            stop_token=token.value if token is not None else row.stop_token,
            meter_stop_wh=stop_wh if stop_wh is not None else row.meter_stop_wh,
        )

    def fact(
        self,
        work: Work,
        inbound: Inbound,
        row: Transaction,
        kind: EventKind,
        at: datetime,
        content: str,
        trigger: str = "",
        *,
        seq_no: int | None = None,
        offline: bool = False,
        charging: str = "",
    ) -> None:
        """Keep a message about the transaction as it came."""
        work.transactions.add_fact(
            TransactionFact(
                transaction=row.id,
                operator=row.operator,
                station=row.station,
                kind=kind,
                seq_no=seq_no,
                digest=content,
                at=at,
                received_at=inbound.at,
                trigger=trigger,
                offline=offline,
                charging=charging,
                raw=inbound.raw.decode(),
            )
        )

    async def check_start(
        self, work: Work, inbound: Inbound, row: Transaction, at: datetime, *, offline: bool | None
    ) -> None:
        """Flag a start whose clock is wrong, or whose register is not where the last transaction left it."""
        await self.flags.check_clock(work, inbound, at, offline)
        if not plausible(at, inbound.at):
            await self.flags.raise_(
                work, inbound, AnomalyKind.CLOCK_IMPLAUSIBLE, row.id, reported=at.isoformat()
            )
        restarts = inbound.live.quirks.register_restarts
        if not row.meter_start_wh or row.evse is None or restarts:
            return  # unknown, or a meter that starts anew for each session
        last = await work.transactions.last_ended(row.station, row.evse)
        if (
            last is None
            or last.meter_stop_wh is None
            or last.ended_at is None
            or row.started_at is None
        ):
            return
        if last.ended_at <= row.started_at and abs(last.meter_stop_wh - row.meter_start_wh) >= 1:
            await self.flags.raise_(
                work,
                inbound,
                AnomalyKind.METER_GAP,
                row.id,
                previous_stop_wh=last.meter_stop_wh,
                start_wh=row.meter_start_wh,
            )

    def announce_began(self, work: Work, inbound: Inbound, row: Transaction) -> None:
        work.announce(TransactionBegan(**_common(inbound, row), verdict=row.verdict))

    def announce_ended(self, work: Work, inbound: Inbound, row: Transaction) -> None:
        work.announce(
            TransactionEnded(**_common(inbound, row), reason=row.stop_reason, held=row.held)
        )

    def announce(
        self, work: Work, inbound: Inbound, row: Transaction, kind: type[TransactionChanged]
    ) -> None:
        work.announce(kind(**_common(inbound, row)))


def _common(inbound: Inbound, row: Transaction) -> dict[str, Any]:
    return {
        "operator": row.operator,
        "station": row.station,
        "identity": inbound.station.identity,
        "at": inbound.at,
        "transaction": row.id,
        "reference": row.reference,
        "evse": row.evse,
        "token": row.token,
        "state": row.state,
        "charging": row.charging,
        "energy_wh": row.energy_wh,
    }
