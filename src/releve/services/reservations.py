"""H: reservations, from the operator's wish to their use or end, and what the station says of them meanwhile."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from releve.domain.commands import Outcome, Result
from releve.domain.events import ReservationChanged
from releve.domain.ids import OperatorId, ReservationId, StationId
from releve.domain.reservation import Reservation, ReservationState, conflict
from releve.domain.reservation_commands import CancelReservation, ReserveNow
from releve.domain.station import ConnectorStatus, Evse, Station
from releve.domain.token import IdToken, Token, Verdict, judge
from releve.domain.transaction import Transaction
from releve.services.commands import Commands
from releve.services.errors import Invalid, NotFound, NotNow
from releve.services.live import Inbound
from releve.services.ports import Clock, Ids, Presence, Store, Work
from releve.services.reports import Reports

LONGEST = timedelta(days=366)
GRACE = timedelta(minutes=2)
"""The station tells an expiry itself (H04.FR.01, 2.x); by the clock it is noted this much later."""
UNANSWERED = frozenset({Result.TIMEOUT, Result.MALFORMED})
"""After these the station may well keep the reservation: it stays open, and can be cancelled."""
TOLD = {
    "Expired": ReservationState.EXPIRED,
    "Removed": ReservationState.REMOVED,
    "NoTransaction": ReservationState.EXPIRED,
}
"""ReservationUpdateStatusEnumType; NoTransaction: the driver came, and then did not charge (2.1)."""


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What shall be reserved. group: None takes the token's own group, "" none.

    replaces: an open reservation at this station whose place the new one takes. anyway: ask the station even though
    it is known here that there is no room, or that the token may not charge.
    """

    token: IdToken
    expires_at: datetime
    evse: int | None = None
    connector_type: str | None = None
    group: str | None = None
    replaces: ReservationId | None = None
    anyway: bool = False


class Reservations:
    def __init__(
        self,
        store: Store,
        clock: Clock,
        ids: Ids,
        presence: Presence,
        commands: Commands,
        reports: Reports,
    ) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._presence = presence
        self._commands = commands
        self._reports = reports

    # --- the operator -------------------------------------------------------------------------------------------

    async def reserve(
        self,
        operator: OperatorId,
        station: StationId,
        wish: Wish,
        *,
        by: str = "",
        timeout: float | None = None,
    ) -> tuple[Reservation, Outcome]:
        """Ask the station to keep an EVSE free. The row is written first: its use may cross the answer."""
        self._check(wish)
        async with self._store.work(operator) as work:
            found = await work.stations.get(station)
            if found is None:
                raise NotFound("There is no such station.")
            known = await work.tokens.find(wish.token)
            replaced = await self._replaced(work, station, wish)
            row = self._new(found, wish, known, replaced, by)
            if not wish.anyway:
                await self._check_room(work, row, known)
            work.reservations.add(row)
            self._announce(work, found, row)
        command = ReserveNow(
            number=row.number,
            token=row.id_token,
            group=row.token_group,
            evse=row.evse,
            connector_type=row.connector_type,
            expires_at=row.expires_at,
        )
        outcome = await self._commands.perform(operator, station, command, by=by, timeout=timeout)
        return await self._answered(operator, found, row, replaced, outcome), outcome

    async def cancel(
        self,
        operator: OperatorId,
        reservation: ReservationId,
        *,
        by: str = "",
        timeout: float | None = None,
    ) -> tuple[Reservation, Outcome]:
        """Ask the station to let go of it (H02). One that it does not know is over as well (H02.FR.01)."""
        async with self._store.work(operator) as work:
            row = await work.reservations.get(reservation)
        if row is None:
            raise NotFound("There is no such reservation.")
        if not row.open:
            raise NotNow(f"This reservation is over already: {row.state}.")
        command = CancelReservation(number=row.number)
        outcome = await self._commands.perform(
            operator, row.station, command, by=by, timeout=timeout
        )
        if outcome.result is not Result.ANSWERED:
            return row, outcome
        state = ReservationState.CANCELLED if outcome.accepted else ReservationState.REMOVED
        note = "" if outcome.accepted else "The station did not know it when it was cancelled."
        async with self._store.work(operator) as work:
            row = await work.reservations.get(reservation) or row
            station = await work.stations.get(row.station)
            if row.open and station is not None:
                row = self._end(work, station, row, state, self._clock.now(), note=note)
        return row, outcome

    def _check(self, wish: Wish) -> None:
        now = self._clock.now()
        if wish.expires_at <= now:
            raise Invalid("The reservation would be over already.", field="expires_at")
        if wish.expires_at > now + LONGEST:
            raise Invalid("A reservation lasts a year at most.", field="expires_at")
        if wish.evse is not None and wish.connector_type is not None:
            raise Invalid(
                "Reserve either an EVSE or any with a type of connector.", field="connector_type"
            )

    async def _replaced(self, work: Work, station: StationId, wish: Wish) -> Reservation | None:
        if wish.replaces is None:
            return None
        row = await work.reservations.get(wish.replaces)
        if row is None or row.station != station:
            raise Invalid("There is no such reservation at this station.", field="replaces")
        if not row.open:
            raise NotNow("The reservation to replace is over already.")
        return row

    def _new(
        self,
        station: Station,
        wish: Wish,
        known: Token | None,
        replaced: Reservation | None,
        by: str,
    ) -> Reservation:
        group = wish.group if wish.group is not None else (known.group if known else None)
        return Reservation(
            id=ReservationId(self._ids.next()),
            operator=station.operator,
            station=station.id,
            number=self._ids.number() if replaced is None else replaced.number,
            evse=wish.evse,
            connector_type=wish.connector_type,
            token=wish.token.value,
            token_type=wish.token.type,
            token_group=group or None,
            expires_at=wish.expires_at,
            created_at=self._clock.now(),
            created_by=by,
        )

    async def _check_room(self, work: Work, row: Reservation, known: Token | None) -> None:
        """Refuse what cannot work, before the station is asked."""
        now = self._clock.now()
        verdict = judge(row.id_token, known, now).verdict
        if verdict is not Verdict.ACCEPTED:
            raise NotNow(f"This token may not charge: {verdict}.", field="token")
        live = self._presence.live(row.station)
        evses = (
            list(live.evses.values())
            if live is not None
            else await work.stations.evses(row.station)
        )
        rival = conflict(
            row,
            await work.reservations.open(row.station),
            {e.evse for e in evses if e.evse and _usable(e)},
            now,
        )
        if rival is not None:
            raise NotNow(
                f"It is reserved for {rival.token} until {rival.expires_at:%Y-%m-%d %H:%M} UTC.",
                field="evse",
            )
        problem = _occupied(row.evse, evses)
        if problem:
            raise NotNow(problem, field="evse")

    async def _answered(
        self,
        operator: OperatorId,
        station: Station,
        row: Reservation,
        replaced: Reservation | None,
        outcome: Outcome,
    ) -> Reservation:
        """Note the station's answer, unless a message that crossed it has told more already."""
        now = self._clock.now()
        word = outcome.status or str(outcome.result)
        async with self._store.work(operator) as work:
            row = await work.reservations.get(row.id) or row
            if row.state is not ReservationState.REQUESTED:
                return row
            if outcome.result in UNANSWERED:
                row = msgspec.structs.replace(row, status=word)
                work.reservations.save(row)
                return row
            if not outcome.accepted:
                note = outcome.description
                return self._end(
                    work, station, row, ReservationState.REFUSED, now, status=word, note=note
                )
            row = msgspec.structs.replace(row, state=ReservationState.ACTIVE, status=word)
            work.reservations.save(row)
            self._announce(work, station, row)
            if replaced is not None:
                self._end(
                    work, station, replaced, ReservationState.CANCELLED, now, note="Replaced."
                )
        return row

    # --- the station --------------------------------------------------------------------------------------------

    async def told(self, inbound: Inbound, number: int, status: str) -> None:
        """Take in a ReservationStatusUpdate (H04). One about a reservation that is not known is kept as it came."""
        station = inbound.station
        async with self._store.work(station.operator) as work:
            row = await work.reservations.numbered(station.id, number)
            if row is not None and row.open:
                state = TOLD.get(status, ReservationState.REMOVED)
                self._end(work, station, row, state, inbound.at, status=status)
        if row is None:
            await self._reports.told(
                inbound,
                "ReservationStatusUpdate",
                {"reservationId": number, "reservationUpdateStatus": status},
            )

    async def used(self, work: Work, inbound: Inbound, number: int, row: Transaction) -> None:
        """A transaction names the reservation that it began on (H03, H01.FR.15; 1.6 4.8): it is used up."""
        found = await work.reservations.numbered(inbound.station.id, number)
        if found is None or found.transaction is not None:
            return
        if not found.open and found.state is not ReservationState.EXPIRED:
            return  # an expiry by our clock may have been a little early, the rest is final
        ended = msgspec.structs.replace(found, transaction=row.id)
        self._end(work, inbound.station, ended, ReservationState.USED, inbound.at)

    # --- in the background --------------------------------------------------------------------------------------

    async def expire(self, operator: OperatorId, now: datetime) -> int:
        """End those whose time has passed and whose station did not say so (1.6 cannot); number of them."""
        async with self._store.work(operator) as work:
            due = await work.reservations.due(now - GRACE)
            for row in due:
                station = await work.stations.get(row.station)
                if station is not None:
                    self._end(work, station, row, ReservationState.EXPIRED, now)
        return len(due)

    # --- both ---------------------------------------------------------------------------------------------------

    def _end(
        self,
        work: Work,
        station: Station,
        row: Reservation,
        state: ReservationState,
        at: datetime,
        *,
        status: str = "",
        note: str = "",
    ) -> Reservation:
        row = msgspec.structs.replace(
            row, state=state, ended_at=at, status=status or row.status, note=note or row.note
        )
        work.reservations.save(row)
        self._announce(work, station, row)
        return row

    def _announce(self, work: Work, station: Station, row: Reservation) -> None:
        work.announce(
            ReservationChanged(
                operator=row.operator,
                station=row.station,
                identity=station.identity,
                at=self._clock.now(),
                reservation=row.id,
                number=row.number,
                evse=row.evse,
                token=row.token,
                state=row.state,
                status=row.status,
                expires_at=row.expires_at,
                transaction=row.transaction,
            )
        )


def _usable(evse: Evse) -> bool:
    return evse.status not in (ConnectorStatus.FAULTED, ConnectorStatus.UNAVAILABLE)


def _occupied(evse: int | None, evses: list[Evse]) -> str:
    """Why an EVSE cannot be reserved now, by what its connectors reported; empty when it can, or is not known."""
    states = [e.status for e in evses if e.evse == evse]
    if evse is None or not states:
        return ""
    if ConnectorStatus.OCCUPIED in states:
        return f"EVSE {evse} is occupied."
    if all(state is ConnectorStatus.FAULTED for state in states):
        return f"EVSE {evse} is out of order."
    if all(state is ConnectorStatus.UNAVAILABLE for state in states):
        return f"EVSE {evse} is out of service."
    return ""
