"""E16: limits of transactions. Told to stations that keep limits themselves, watched here for those that do not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from weakref import WeakSet

import msgspec

from releve.domain.commands import GetVariables, VariableName
from releve.domain.ids import OperatorId, StationId, TokenId, TransactionId
from releve.domain.limits import REACHED, Limit, Limits, supported_kinds
from releve.domain.notice import Notice
from releve.domain.token import Token
from releve.domain.transaction import Transaction, TransactionState
from releve.services.errors import Invalid, NotFound, NotNow
from releve.services.live import Inbound, LiveStation, LiveTransaction
from releve.services.ports import Clock, Presence, Store, Work

SUPPORTED = VariableName(component="TxCtrlr", variable="SupportedLimits")
ASK_SUPPORTED = GetVariables(names=(SUPPORTED,))
LIMIT_SET = "LimitSet"


class TransactionLimits:
    """Weighs what a station says of limits against what the operator requires. Touches only rows that have limits."""

    def __init__(self, store: Store, clock: Clock, presence: Presence) -> None:
        self._store = store
        self._clock = clock
        self._presence = presence
        self.watched: dict[TransactionId, tuple[OperatorId, StationId, str]] = {}
        """Transactions with a limit that their station does not keep itself (`services.limit_watch`)."""
        self.unasked: WeakSet[LiveStation] = WeakSet()
        """Connected stations of which it is not known whether they keep limits."""
        self.silent: WeakSet[LiveStation] = WeakSet()
        """Those that were asked and have no such variable: they keep none (2.1 part 2, 2.8.1)."""

    # --- the station --------------------------------------------------------------------------------------------

    async def weigh(
        self,
        work: Work,
        inbound: Inbound,
        live: LiveTransaction,
        *,
        seq_no: int | None,
        reported: Limit | None,
        required: Limit | None,
        trigger: str,
        offline: bool,
        answers: bool,
    ) -> Limit | None:
        """Take limits of an event into the row; what of ours its answer has to tell (E16.FR.02), None for nothing.

        required: of the token or the remote start that the event names. answers: whether the version's answer can
        carry a limit.
        """
        known = live.row.limits or Limits()
        if required is not None:
            known = msgspec.structs.replace(known, wanted=required.lowest(known.wanted))
        if reported is not None:
            known = _reported(known, reported, confirms=trigger == LIMIT_SET and not offline)
        if trigger in REACHED:
            known = msgspec.structs.replace(known, reached=REACHED[trigger])
        due = _due(known, reported, offline=offline)
        told = None
        if due:
            kinds = await self._supported(work, inbound) if answers else frozenset[str]()
            if kinds is not None:
                known, told = self._tell(known, due, kinds, seq_no)
        live.row = msgspec.structs.replace(live.row, limits=known)
        self.watch(live.row)
        return told

    def again(self, live: LiveTransaction, seq_no: int) -> Limit | None:
        """What the answer to this event told when it came the first time: that answer may have been lost."""
        limits = live.row.limits
        return limits.told if limits is not None and limits.told_in == seq_no else None

    def _tell(
        self, known: Limits, due: Limit, kinds: frozenset[str], seq_no: int | None
    ) -> tuple[Limits, Limit | None]:
        """Divide what is due into what the station keeps, and what is watched here."""
        told = due.only(kinds)  # E16.FR.12: nothing that is not in TxCtrlr.SupportedLimits
        lacking = set(known.unsupported) | (due.kinds() - kinds)
        known = msgspec.structs.replace(known, unsupported=tuple(sorted(lacking)))
        if not told:
            return known, None
        known = msgspec.structs.replace(known, told=told.over(known.told), told_in=seq_no)
        return known, told

    async def _supported(self, work: Work, inbound: Inbound) -> frozenset[str] | None:
        """The kinds of limit that the station keeps; None while that is not known."""
        station = inbound.station
        found = await work.variables.get(station.id, [SUPPORTED])
        if found:
            return supported_kinds(found[0].value)
        if inbound.live in self.silent:
            return frozenset()
        self.unasked.add(inbound.live)
        return None

    def watch(self, row: Transaction) -> None:
        """Watch it here as long as it runs and has a limit that its station does not keep."""
        if row.state is not TransactionState.ENDED and row.limits is not None and row.limits.own:
            self.watched[row.id] = (row.operator, row.station, row.reference)
        else:
            self.watched.pop(row.id, None)

    # --- the operator -------------------------------------------------------------------------------------------

    async def require(
        self, operator: OperatorId, transaction: TransactionId, limit: Limit
    ) -> Transaction:
        """Set limits of a running transaction, or change those set before. The station learns them with the answer
        to its next event; a limit cannot be taken away, only raised (E16.FR.17).
        """
        _check(limit)

        def change(row: Transaction) -> Transaction:
            known = row.limits or Limits()
            told = None if known.told is None else known.told.only(_same(known.told, limit))
            wanted = limit.over(known.wanted)
            changed = msgspec.structs.replace(
                known, wanted=wanted, told=told or None, reached="", stopped=False
            )
            return msgspec.structs.replace(row, limits=changed)

        return await self._change(operator, transaction, change)

    async def require_of_token(
        self, operator: OperatorId, token: TokenId, limit: Limit | None
    ) -> Token:
        """Limit each transaction that begins with the token; None: no longer."""
        if limit is not None:
            _check(limit)
        async with self._store.work(operator) as work:
            found = await work.tokens.get(token)
            if found is None:
                raise NotFound("There is no such token.")
            changed = msgspec.structs.replace(found, charge_limit=limit)
            work.tokens.save(changed)
        return changed

    async def notice(
        self, operator: OperatorId, transaction: TransactionId, notice: Notice
    ) -> Transaction:
        """Have a text shown to the driver: it goes out with the answer to the next event."""
        if not notice.content.strip():
            raise Invalid("An empty text cannot be shown.", field="content")
        return await self._change(
            operator, transaction, lambda row: msgspec.structs.replace(row, notice=notice)
        )

    async def _change(
        self,
        operator: OperatorId,
        transaction: TransactionId,
        change: Callable[[Transaction], Transaction],
    ) -> Transaction:
        async with self._store.work(operator) as work:
            row = await work.transactions.get(transaction)
            if row is None:
                raise NotFound("There is no such transaction.")
            station = self._presence.live(row.station)
            live = station.transactions.get(row.reference) if station is not None else None
            row = live.row if live is not None else row
            if row.state is TransactionState.ENDED:
                raise NotNow("This transaction has ended already.")
            row = change(row)
            if live is not None:
                live.row = row
            work.transactions.save(row)
        self.watch(row)
        return row


def _reported(known: Limits, reported: Limit, *, confirms: bool) -> Limits:
    """The station's own word taken in. What it leaves out of a confirmation of ours it cannot keep (E16.FR.13)."""
    lacking = set(known.unsupported)
    if confirms and known.told is not None and known.told_in is not None:
        asked = known.told.kinds() - (known.station.kinds() if known.station else frozenset())
        if (
            asked & reported.kinds()
        ):  # a confirmation of ours, not something that the driver chose meanwhile
            lacking |= asked - reported.kinds()
    return msgspec.structs.replace(
        known, station=reported.over(known.station), unsupported=tuple(sorted(lacking))
    )


def _due(known: Limits, reported: Limit | None, *, offline: bool) -> Limit | None:
    """What the station has to be told: what it was not told yet, or what it has set higher since (E16.FR.07).

    Events from an offline time tell the past: they neither confirm nor contradict what we told (E16.FR.18).
    """
    if known.wanted is None:
        return None
    wanted = known.wanted.only(known.wanted.kinds() - set(known.unsupported))
    open_ = wanted.overrules(known.station)  # E16.FR.08: what is lower there already is left alone
    told = known.told or Limit()
    higher = reported.kinds() if reported is not None and not offline else frozenset[str]()
    return (
        open_.only(
            {
                kind
                for kind in open_.kinds()
                if kind in higher or getattr(told, kind) != getattr(open_, kind)
            }
        )
        or None
    )


def _same(told: Limit, limit: Limit) -> frozenset[str]:
    """The kinds of which the new limit says nothing else than what was told."""
    return frozenset(
        kind
        for kind in told.kinds()
        if getattr(limit, kind) is None or getattr(limit, kind) == getattr(told, kind)
    )


def _check(limit: Limit) -> None:
    if not limit:
        raise Invalid("Name at least one limit.")
    for kind in limit.kinds():
        if getattr(limit, kind) < 0:
            raise Invalid("A limit is not negative.", field=kind)
    if limit.soc_pct is not None and limit.soc_pct > 100:
        raise Invalid("A state of charge is 0 to 100 percent.", field="soc_pct")


def running_seconds(row: Transaction, now: datetime) -> float | None:
    """How long it has run: a limit in time counts from its start, not from the first energy (E16.FR.09)."""
    return None if row.started_at is None else (now - row.started_at).total_seconds()
