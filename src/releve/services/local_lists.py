"""D: the local authorization lists of stations, kept in step with the register of tokens."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import msgspec

from releve.domain.commands import Outcome
from releve.domain.ids import OperatorId, StationId
from releve.domain.local_list import (
    GetLocalListVersion,
    ListContent,
    ListEntry,
    ListRule,
    ListState,
    LocalList,
    UpdateKind,
    changes,
    entry_key,
    wanted_entries,
)
from releve.domain.operation import Operation
from releve.domain.station import Station
from releve.domain.token import IdToken, Token
from releve.services.commands import Commands
from releve.services.errors import Invalid, NotFound, NotNow
from releve.services.limits import Limits
from releve.services.local_list_sending import KEY, Sending, place_of
from releve.services.operations import Operations
from releve.services.ports import Clock, Presence, Store

REST = timedelta(seconds=1)
"""How long the register rests before lists follow it: a file of cards is one change, not a thousand."""
MOST_ENTRIES = 10_000
"""On a list of a station that does not tell how many it can hold."""


class LocalLists:
    """Lists are sent by hand, and by `keep_up`, which a chore of the node calls every few seconds."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        commands: Commands,
        operations: Operations,
        presence: Presence,
        limits: Limits,
        *,
        rest: timedelta = REST,
    ) -> None:
        self._store = store
        self._clock = clock
        self._commands = commands
        self._presence = presence
        self._rest = rest
        self._sending = Sending(store, clock, commands, operations, presence, limits)
        self._busy: set[StationId] = set()
        self._touched: dict[OperatorId, datetime] = {}
        """When lists of an operator are looked at again."""

    # --- what is wanted -----------------------------------------------------------------------------------------

    async def look(self, operator: OperatorId, station: StationId) -> LocalList:
        """How a station's list stands."""
        async with self._store.work(operator) as work:
            return await work.holdings.get(station, LocalList, KEY) or LocalList()

    async def configure(
        self,
        operator: OperatorId,
        station: StationId,
        *,
        automatic: bool,
        rule: ListRule = ListRule.ALL,
        groups: Sequence[str] = (),
        chosen: Sequence[str] = (),
    ) -> LocalList:
        """Say whether a station's list is kept in step, and which tokens belong on it; it is sent by `keep_up`."""
        groups = tuple(dict.fromkeys(g.strip() for g in groups if g.strip()))
        chosen = tuple(dict.fromkeys(c.strip() for c in chosen if c.strip()))
        if rule is ListRule.GROUPS and not groups:
            raise Invalid("Name at least one group.", field="groups")
        if rule is ListRule.CHOSEN and not chosen:
            raise Invalid("Name at least one token.", field="chosen")
        await self._commands.station(operator, station)
        async with self._store.work(operator) as work:
            for value in chosen:
                if await work.tokens.find(IdToken(value, "")) is None:
                    raise Invalid(f"There is no token {value}.", field="chosen")
            before = await work.holdings.get(station, LocalList, KEY) or LocalList()
            changed = msgspec.structs.replace(
                before,
                state=ListState.WAITING if automatic else ListState.OFF,
                rule=rule,
                groups=groups,
                chosen=chosen,
                detail="",
            )
            work.holdings.save(station, changed)
        self._touched[operator] = self._clock.now()
        return changed

    # --- by hand ------------------------------------------------------------------------------------------------

    async def send(
        self,
        operator: OperatorId,
        station: StationId,
        kind: UpdateKind,
        *,
        tokens: Sequence[str] | None = None,
        remove: Sequence[str] = (),
        by: str = "",
    ) -> Operation:
        """Send a list now. tokens None: those that the rule wants, or of a differential what has changed.

        tokens, remove: values of registered tokens. A differential that the station refuses is followed by the full
        list where the list is kept in step (D01.FR.03). NotNow when there is nothing to send.
        """
        async with self._alone(station):
            found = await self._commands.station(operator, station)
            held = await self.look(operator, station)
            chosen = None if tokens is None else await self._named(found, tokens)
            gone = [ListEntry(token) for token in await self._off(operator, station, remove)]
            if kind is UpdateKind.FULL:
                entries: Iterable[ListEntry] = (
                    (await self._wanted(found, held))[0].values() if chosen is None else chosen
                )
                return await self._sending.full(found, held, tuple(entries), by=by)
            held = await self._sending.compare(found, held, again=True)
            if chosen is None and not gone:
                if not held.certain:
                    raise NotNow("What the station has is not known: send the full list.")
                todo = changes(
                    await self._marks(operator, station), (await self._wanted(found, held))[0]
                )
            else:
                todo = (*gone, *(chosen or ()))
            if not todo:
                raise NotNow("The list is in step: there is nothing to send.")
            operation, healable = await self._sending.differential(found, held, todo, by=by)
            if healable and held.automatic:
                return await self._fill(found, by=by)
            return operation

    async def clear(self, operator: OperatorId, station: StationId, *, by: str = "") -> Operation:
        """Take all tokens off a station's list (D01.FR.04), and stop keeping it in step."""
        async with self._alone(station):
            found = await self._commands.station(operator, station)
            held = msgspec.structs.replace(
                await self.look(operator, station), state=ListState.OFF, detail=""
            )
            async with self._store.work(operator) as work:
                work.holdings.save(station, held)
            return await self._sending.full(found, held, (), by=by)

    async def ask_version(
        self,
        operator: OperatorId,
        station: StationId,
        *,
        by: str = "",
        timeout: float | None = None,
    ) -> Outcome:
        """Ask for the version of the list (D02); `details` of the outcome has it. What it tells is noted."""
        found = await self._commands.station(operator, station)
        outcome = await self._commands.perform(
            operator, station, GetLocalListVersion(), by=by, timeout=timeout
        )
        await self._sending.told_version(found, outcome)
        return outcome

    async def removed(
        self, operator: OperatorId, station: StationId, token: IdToken, *, by: str = ""
    ) -> Operation | None:
        """Take a token off a station's list, as when a customer's data was cleared there (N10.FR.02; TC_N_46).

        None when the station has no list, or one that is known not to have the token.
        """
        held = await self.look(operator, station)
        marks = await self._marks(operator, station)
        if not held.version or (held.certain and entry_key(token) not in marks):
            return None
        async with self._alone(station):
            found = await self._commands.station(operator, station)
            operation, _ = await self._sending.differential(found, held, (ListEntry(token),), by=by)
            return operation

    # --- by itself ----------------------------------------------------------------------------------------------

    def touched(self, operator: OperatorId) -> None:
        """The register has changed: its lists are looked at once it has rested."""
        self._touched[operator] = self._clock.now() + self._rest

    def rested(self) -> list[OperatorId]:
        """Operators whose lists are to be looked at now; each is told once."""
        now = self._clock.now()
        due = [operator for operator, at in self._touched.items() if at <= now]
        for operator in due:
            del self._touched[operator]
        return due

    async def kept(self, operator: OperatorId) -> dict[StationId, LocalList]:
        """The lists that are kept in step."""
        async with self._store.work(operator) as work:
            found = await work.holdings.of_all(LocalList)
        return {station: held for station, held in found if held.automatic}

    async def sync(
        self, operator: OperatorId, station: StationId, *, by: str = ""
    ) -> Operation | None:
        """Bring a station's list into step: what has changed, or all when what it has is not known.

        None when there was nothing to send. The last operation when there were several.
        """
        async with self._alone(station):
            found = await self._commands.station(operator, station)
            held = await self._sending.compare(found, await self.look(operator, station))
            if held.state in (ListState.OFF, ListState.NOT_SUPPORTED):
                return None
            if not held.certain:
                return await self._fill(found, by=by)
            wanted, left_out = await self._wanted(found, held)
            todo = changes(await self._marks(operator, station), wanted)
            if not todo:
                await self._sending.note(found, state=ListState.IN_STEP, left_out=left_out)
                return None
            operation, healable = await self._sending.differential(found, held, todo, by=by)
            if healable:
                return await self._fill(found, by=by)  # D01.FR.03
            await self._sending.note(found, left_out=left_out)
            return operation

    async def look_over(self, operator: OperatorId, station: StationId) -> LocalList:
        """Whether a list is still what it should be, without asking the station: WAITING when it is not."""
        found = await self._commands.station(operator, station)
        held = await self.look(operator, station)
        if held.state is not ListState.IN_STEP:
            return held
        wanted, _ = await self._wanted(found, held)
        if changes(await self._marks(operator, station), wanted):
            return await self._sending.note(found, state=ListState.WAITING)
        return held

    async def _fill(self, station: Station, *, by: str) -> Operation:
        held = await self.look(station.operator, station.id)
        wanted, left_out = await self._wanted(station, held)
        operation = await self._sending.full(station, held, tuple(wanted.values()), by=by)
        await self._sending.note(station, left_out=left_out)
        return operation

    async def _wanted(self, station: Station, held: LocalList) -> tuple[dict[str, ListEntry], int]:
        """The entries that belong on a list, and how many more there would be than the station can hold."""
        limits = await self._sending.limits(station)
        most = limits.entries or MOST_ENTRIES
        now = self._clock.now()
        async with self._store.work(station.operator) as work:
            if held.rule is ListRule.CHOSEN:
                found = [await work.tokens.find(IdToken(value, "")) for value in held.chosen]
                tokens: list[Token] = [token for token in found if token is not None]
            else:
                groups = held.groups if held.rule is ListRule.GROUPS else None
                tokens = await work.tokens.all(groups=groups)
            wanted = wanted_entries(tokens, await place_of(work, station, tokens), now)
        if len(wanted) <= most:
            return wanted, 0
        kept = dict(list(wanted.items())[:most])
        return kept, len(wanted) - most

    async def _named(self, station: Station, values: Sequence[str]) -> tuple[ListEntry, ...]:
        async with self._store.work(station.operator) as work:
            tokens = []
            for value in values:
                token = await work.tokens.find(IdToken(value.strip(), ""))
                if token is None:
                    raise Invalid(f"There is no token {value}.", field="tokens")
                tokens.append(token)
            place = await place_of(work, station, tokens)
        wanted = wanted_entries(tokens, place, self._clock.now())
        if len(wanted) < len(tokens):
            raise Invalid("Prepaid tokens cannot be on a list: each use must ask.", field="tokens")
        return tuple(wanted.values())

    async def _off(
        self, operator: OperatorId, station: StationId, values: Sequence[str]
    ) -> list[IdToken]:
        """The tokens to take off, as they stand on the list, else as they are registered."""
        if not values:
            return []
        marks = await self._marks(operator, station)
        found: list[IdToken] = []
        async with self._store.work(operator) as work:
            for value in values:
                folded = value.strip().casefold()
                listed = [key for key in marks if key.partition(":")[2] == folded]
                known = await work.tokens.find(IdToken(value.strip(), ""))
                if listed:
                    found += [ListContent(marks=marks).token(key) for key in listed]
                elif known is not None:
                    found.append(IdToken(known.value, known.type))
                else:
                    raise NotFound(f"The token {value} is neither on the list nor registered.")
        return found

    async def _marks(self, operator: OperatorId, station: StationId) -> dict[str, str]:
        async with self._store.work(operator) as work:
            content = await work.holdings.get(station, ListContent, KEY)
        return content.marks if content is not None else {}

    @asynccontextmanager
    async def _alone(self, station: StationId) -> AsyncIterator[None]:
        """Two lists on their way to one station at the same time would contradict each other."""
        if station in self._busy:
            raise NotNow("A list is on its way to this station already.")
        self._busy.add(station)
        try:
            yield
        finally:
            self._busy.discard(station)

    def busy(self, station: StationId) -> bool:
        """A list is on its way to it."""
        return station in self._busy
