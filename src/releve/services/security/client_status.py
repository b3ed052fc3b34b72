"""A00.FR.702, A00.FR.705: whether a station's certificate that another authority issued has been revoked meanwhile.

What we have signed is looked up in our own rows, and lists that the operator uploaded count as well (`trust.py`). This
asks the responder, or fetches the list, that the certificate itself names. Answers are kept until their nextUpdate
(`services.revocation`), so a station that comes back costs no question.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from cryptography import x509

from releve.domain.certificates import CertificateStatus, StatusQuestion
from releve.domain.ids import StationId
from releve.domain.security import REJECTED_CERTIFICATE
from releve.domain.station import Station
from releve.services.certificates.questions import path_questions
from releve.services.live import Inbound, LiveStation
from releve.services.ports import Caller, Clock
from releve.services.revocation import NoAnswer, Revocations
from releve.services.security.events import SecurityEventDesk
from releve.services.security.ports import Errands

REVOKED = "Its certificate has been revoked, as its authority says."
TRIES, PAUSE_S = 10, 1.0
"""A station that is found out while it comes in is not there yet to be turned away."""


class AskStatus(StrEnum):
    OFF = "off"
    """Only our own rows and uploaded lists count."""
    SOFT = "soft"
    """A station comes in on what is known; what is not is asked meanwhile, and a revoked one is turned away then."""
    HARD = "hard"
    """It comes in when its certificate is known to be good, and waits at the door while it is asked about."""


class ClientStatus:
    def __init__(
        self,
        revocations: Revocations,
        clock: Clock,
        events: SecurityEventDesk,
        caller: Caller,
        errands: Errands,
        ask: AskStatus,
    ) -> None:
        self._revocations = revocations
        self._clock = clock
        self._events = events
        self._caller = caller
        self._errands = errands
        self._ask = ask
        self._under_way: set[StationId] = set()

    async def problem(self, station: Station, path: Sequence[x509.Certificate]) -> str:
        """Why the station is refused with this verified path (anchor last); empty: it is not."""
        questions = [] if self._ask is AskStatus.OFF else path_questions(path)
        if not questions:
            return ""
        known = self._revocations.known(questions, self._clock.now())
        if CertificateStatus.REVOKED in known:
            return REVOKED
        if all(status is CertificateStatus.GOOD for status in known):
            return ""
        if self._ask is AskStatus.HARD:
            return await self._answer(station, questions, path)
        if station.id not in self._under_way:
            self._under_way.add(station.id)
            self._errands.start(self._look(station, questions, path))
        return ""

    async def _answer(
        self,
        station: Station,
        questions: Sequence[StatusQuestion],
        path: Sequence[x509.Certificate],
    ) -> str:
        """Asks; what cannot be found out is flagged for the operator by `Revocations`."""
        inbound = Inbound(LiveStation(station), self._clock.now(), "connect", "", b"{}")
        standings = await self._revocations.ask(inbound, questions, also=path[1:])
        problem = ""
        for standing in standings:
            if isinstance(standing, NoAnswer):
                problem = (
                    f"Whether its certificate has been revoked is not known: {standing.reason}."
                )
            elif standing.status is CertificateStatus.REVOKED:
                return REVOKED
            elif standing.status is not CertificateStatus.GOOD:
                problem = "Its authority does not know its certificate, or one above it."
        return problem

    async def _look(
        self,
        station: Station,
        questions: Sequence[StatusQuestion],
        path: Sequence[x509.Certificate],
    ) -> None:
        try:
            if await self._answer(station, questions, path) != REVOKED:
                return
            await self._events.noticed(station, REJECTED_CERTIFICATE, REVOKED)
            for _ in range(TRIES):
                if await self._caller.disconnect(station.id, "its certificate has been revoked"):
                    return
                await self._errands.pause(PAUSE_S)
        finally:
            self._under_way.discard(station.id)
