"""C: may this token charge? One answer for every version."""

from __future__ import annotations

from datetime import datetime

import msgspec

from releve.domain.anomaly import AnomalyKind
from releve.domain.emaid import EMAID, spellings
from releve.domain.ids import TransactionId
from releve.domain.token import IdToken, Judgement, Token, Verdict, judge
from releve.services.flags import Flags
from releve.services.guesses import Guesses
from releve.services.live import Inbound, LiveStation
from releve.services.ports import Store, Work


class AuthorizationPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """What an operator may choose. accept_unknown: tokens that nobody registered may charge (laboratories)."""

    accept_unknown: bool = False


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
            if judgement.verdict is Verdict.UNKNOWN:
                live.guesses = live.guesses or Guesses(inbound.at)
                live.guesses.note(inbound.at)
            return judgement

    async def judge(
        self, work: Work, live: LiveStation, token: IdToken, at: datetime
    ) -> tuple[Judgement, Token | None]:
        """Judge a token at a station; also what the operator knows of it."""
        known = await self._registered(work, token)
        judgement = judge(token, known, at)
        if judgement.verdict is Verdict.UNKNOWN and self._welcome(live, token, at):
            judgement = Judgement(Verdict.ACCEPTED)
        return judgement, known

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
    ) -> Judgement:
        """Judge a token for starting or carrying on the transaction `own`.

        A replay of the very same transaction is no concurrent use: a station that is told ConcurrentTx for its own
        repeated start stops charging.
        """
        judgement, known = await self.judge(work, live, token, at)
        if judgement.verdict is not Verdict.ACCEPTED or known is None:
            return judgement
        if known.master:
            return msgspec.structs.replace(
                judgement, verdict=Verdict.INVALID
            )  # C16: stops, never starts
        if known.concurrent:
            return judgement
        others = [t for t in await work.transactions.active_with(token) if t.id != own]
        if others:
            return msgspec.structs.replace(judgement, verdict=Verdict.CONCURRENT_TX)  # E02, 1.6 4.8
        return judgement
