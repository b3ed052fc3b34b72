"""C: may this token charge here, now? One answer for every version."""

from __future__ import annotations

from datetime import datetime

import msgspec

from releve.domain.anomaly import AnomalyKind
from releve.domain.emaid import EMAID, spellings
from releve.domain.ids import StationId, TransactionId
from releve.domain.token import (
    DIRECT_PAYMENT,
    IdToken,
    Judgement,
    Place,
    Token,
    Verdict,
    judge,
)
from releve.services.flags import Flags
from releve.services.guesses import Guesses
from releve.services.live import Inbound, LiveStation
from releve.services.ports import Store, Work


class AuthorizationPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """What an operator may choose.

    accept_unknown: tokens that nobody registered may charge (laboratories). direct_payments: payments that a station's
    own terminal has had authorised may charge, though nobody registered them (C18).
    """

    accept_unknown: bool = False
    direct_payments: bool = True


class Authorization:
    """Judges tokens; keeps nothing of its own."""

    def __init__(self, store: Store, policy: AuthorizationPolicy, flags: Flags) -> None:
        self._store = store
        self._policy = policy
        self._flags = flags

    async def authorize(self, inbound: Inbound, token: IdToken) -> Judgement:
        """Answer Authorize. Concurrent use is not judged here: the same card is shown to stop (1.6 5.1, C01).

        A station where one unknown token after the other is shown learns nothing more for a while, and its operator
        is told: somebody tries out numbers.
        """
        live = inbound.live
        async with self._store.work(inbound.station.operator) as work:
            if live.guesses is not None and live.guesses.too_many(inbound.at):
                await self._flags.raise_(work, inbound, AnomalyKind.GUESSES)
                return Judgement(Verdict.INVALID)
            judgement, _ = await self.judge(work, live, token, inbound.at)
            if judgement.verdict in NOBODYS:
                live.guesses = live.guesses or Guesses(inbound.at)
                live.guesses.note(inbound.at)
            return judgement

    async def judge(
        self, work: Work, live: LiveStation, token: IdToken, at: datetime
    ) -> tuple[Judgement, Token | None]:
        """Judge a token at a station; also what the operator knows of it.

        Called for each message with a token, whatever the station's cache or list said: C12.FR.03.
        """
        known = await self._registered(work, token)
        judgement = judge(token, known, at, await self._place(work, live, known))
        if judgement.verdict in NOBODYS and self._welcome(live, token, at):
            asks = token.type == DIRECT_PAYMENT  # each payment is for one session: nothing to cache
            judgement = Judgement(Verdict.ACCEPTED, cache_until=at if asks else None)
        return judgement, known

    async def _place(self, work: Work, live: LiveStation, known: Token | None) -> Place | None:
        """Where it was presented. The device model is read only for the few tokens that are bound to connectors."""
        if known is None or not (known.places or known.connector_types):
            return None
        types = await connector_types(work, live.station.id) if known.connector_types else None
        return Place(live.station.identity, live.station.site, types)

    async def _registered(self, work: Work, token: IdToken) -> Token | None:
        """The token in the register. A contract's number may be written there in another spelling than in its car."""
        if token.type.casefold() != EMAID.casefold():
            return await work.tokens.find(token)
        for spelling in spellings(token.value):
            if (found := await work.tokens.find(IdToken(spelling, token.type))) is not None:
                return found
        return None

    def _welcome(self, live: LiveStation, token: IdToken, at: datetime) -> bool:
        """Unknown tokens may charge by policy, or because the operator himself asked for this start (F01, F02)."""
        if self._policy.accept_unknown:
            return True
        if token.type == DIRECT_PAYMENT and self._policy.direct_payments:
            return True
        return any(
            start.token == token.key and start.expires_at >= at
            for start in live.remote_starts or ()
        )

    async def may_begin(
        self,
        work: Work,
        live: LiveStation,
        token: IdToken,
        at: datetime,
        own: TransactionId | None,
        evse: int | None = None,
    ) -> Judgement:
        """Judge a token for starting or carrying on the transaction `own` at an EVSE (None: not known yet).

        A replay of the very same transaction is no concurrent use: a station that is told ConcurrentTx for its own
        repeated start stops charging.
        """
        judgement, known = await self.judge(work, live, token, at)
        if judgement.verdict is not Verdict.ACCEPTED or known is None:
            return judgement
        if known.master:
            return refused(judgement, Verdict.INVALID)  # C16.FR.03: stops, never starts
        if evse and judgement.evses and evse not in judgement.evses:
            return refused(judgement, Verdict.NOT_AT_THIS_LOCATION)  # C01.FR.21
        if known.concurrent:
            return judgement
        others = [
            t
            for t in await work.transactions.active_with(token)
            if t.id != own
            and t.verdict in (None, Verdict.ACCEPTED)  # a refused one charges nothing
        ]
        if others:
            return refused(judgement, Verdict.CONCURRENT_TX)  # E02, 1.6 4.8
        return judgement


async def connector_types(work: Work, station: StationId) -> frozenset[str]:
    """The types of a station's connectors, as its device model tells them; empty: it does not."""
    return frozenset(
        v.value
        for v in await work.variables.all(station)
        if v.value and (v.name.component, v.name.variable) == CONNECTOR_TYPE
    )


def refused(judgement: Judgement, verdict: Verdict) -> Judgement:
    """The same answer, with another verdict."""
    return msgspec.structs.replace(judgement, verdict=verdict)


NOBODYS = frozenset({Verdict.UNKNOWN, Verdict.INVALID})
"""Verdicts on tokens that nobody registered."""
CONNECTOR_TYPE = ("Connector", "ConnectorType")
