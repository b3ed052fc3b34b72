"""M06, M07, C07: whether certificates are revoked. Answers are believed with reason, and kept while they are fresh."""

from __future__ import annotations

import base64
from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

import msgspec
from cryptography import x509

from releve.domain.anomaly import AnomalyKind
from releve.domain.certificates import CertificateStatus, StatusQuestion, StatusSource
from releve.services.certificates.status import (
    NotBelieved,
    Standing,
    ocsp_request,
    read_crl,
    read_ocsp,
)
from releve.services.flags import Flags
from releve.services.live import Inbound
from releve.services.ports import Ids, Store
from releve.services.trusted_authorities import TrustedAuthorities

NONCE_LENGTH = 32
"""RFC 9654: responders take 1 to 128 bytes, 32 are enough."""
LONGEST_KEPT = timedelta(days=7)
"""M07: results may be cached for at most one week, as ISO 15118-20 allows."""
KEPT = 10_000
LARGEST_RESPONSE = 64 * 1024
LARGEST_LIST = 16 * 1024 * 1024


class WebRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Something to be fetched from other people's servers. urls: tried in their order until one answers.

    body empty: GET, else POST with that media type. largest: an answer of more bytes is refused.
    """

    urls: tuple[str, ...]
    body: bytes = b""
    media_type: str = ""
    largest: int = LARGEST_RESPONSE


class WebAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What came back. problem: why nothing usable did, in an operator's words; empty when something did."""

    body: bytes = b""
    problem: str = ""


class OcspClient(Protocol):
    """The way to OCSP responders and CRL distribution points. Never raises for what they do."""

    async def fetch(self, requests: Sequence[WebRequest]) -> list[WebAnswer]:
        """All at the same time, each with retries, all of them within one bound of time; answers in the given order.

        Only http and https, only to addresses that are not in a private range unless the operator allows it.
        """


class NoAnswer(msgspec.Struct, frozen=True):
    """A status that could not be found out; the reason is in an operator's words."""

    reason: str


class StatusAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What M07 tells a station about one certificate."""

    question: StatusQuestion
    status: CertificateStatus
    next_update: datetime


class Revocations:
    """believe_unverified: take answers whose issuer's certificate is not known here (laboratories)."""

    def __init__(
        self,
        store: Store,
        ids: Ids,
        client: OcspClient,
        trust: TrustedAuthorities,
        flags: Flags,
        *,
        believe_unverified: bool = False,
    ) -> None:
        self._store = store
        self._ids = ids
        self._client = client
        self._trust = trust
        self._flags = flags
        self._believe = believe_unverified
        self._kept: OrderedDict[tuple[str, ...], tuple[datetime, Standing]] = OrderedDict()

    async def relay(
        self, inbound: Inbound, question: StatusQuestion, *, largest: int
    ) -> str | NoAnswer:
        """The OCSPResponse for a certificate of a station: DER, base64 (M06.FR.02, FR.03, FR.08).

        Whether the certificate is good is not our matter here: the car reads it from the response, and verifies it. So
        an issuer that is not known here is no reason to keep it back; a wrong signature is. largest: characters that
        fit the version's message.
        """
        (found,) = await self.ask(inbound, [question], relayed=True)
        if isinstance(found, NoAnswer):
            return found  # M06.FR.04
        text = base64.b64encode(found.der).decode("ascii")
        if len(text) > largest:
            reason = NoAnswer(f"the response has {len(text)} characters; {largest} fit the message")
            await self._tell(inbound, [question], [reason])
            return reason
        return text

    async def chain(
        self, inbound: Inbound, questions: Sequence[StatusQuestion]
    ) -> list[StatusAnswer]:
        """The status of each certificate of a vehicle's chain (M07.FR.08), in the order in which they were asked."""
        standings = await self.ask(inbound, questions)
        return [_told(q, s, inbound.at) for q, s in zip(questions, standings, strict=True)]

    async def ask(
        self,
        inbound: Inbound,
        questions: Sequence[StatusQuestion],
        *,
        also: Sequence[x509.Certificate] = (),
        relayed: bool = False,
    ) -> list[Standing | NoAnswer]:
        """What is known of each certificate now; what cannot be found out is flagged for the operator.

        also: authorities that were verified just now, beside those that the operator keeps.
        """
        found: list[Standing | NoAnswer | None] = [
            self._fresh(q, inbound.at, relayed=relayed) for q in questions
        ]
        missing = [i for i, standing in enumerate(found) if standing is None]
        if missing:
            known = [*await self._trust.authorities(inbound.station.operator), *also]
            answers = await self._fetch([questions[i] for i in missing], known, inbound.at)
            for i, answer in zip(missing, answers, strict=True):
                found[i] = answer
        results = [self._believed(standing, relayed=relayed) for standing in found]
        await self._tell(inbound, questions, results)
        return results

    def known(
        self, questions: Sequence[StatusQuestion], at: datetime
    ) -> list[CertificateStatus | None]:
        """What is known now without asking anybody; None: nothing, or no longer."""
        kept = [self._fresh(question, at, relayed=False) for question in questions]
        return [standing.status if standing is not None else None for standing in kept]

    def _believed(
        self, standing: Standing | NoAnswer | None, *, relayed: bool
    ) -> Standing | NoAnswer:
        assert standing is not None
        if isinstance(standing, NoAnswer) or standing.verified or relayed or self._believe:
            return standing
        return NoAnswer(
            "nobody here knows the authority that issued the certificate: its signature cannot be verified; "
            "add its certificate to the trusted authorities"
        )

    # --- what is kept -------------------------------------------------------------------------------------------

    def _fresh(self, question: StatusQuestion, at: datetime, *, relayed: bool) -> Standing | None:
        key = (str(question.source), *question.certificate.alike)
        until, standing = self._kept.get(key, (at, None))
        if standing is None or until <= at:
            self._kept.pop(key, None)
            return None
        return standing if standing.verified or relayed or self._believe else None

    def _keep(self, question: StatusQuestion, standing: Standing, at: datetime) -> None:
        """C07.FR.05: cached data will do, until a newer status is due. Unknown ones may be known in a minute."""
        if standing.next_update is None or standing.status is CertificateStatus.UNKNOWN:
            return
        until = min(standing.next_update, at + LONGEST_KEPT)
        self._kept[(str(question.source), *question.certificate.alike)] = (until, standing)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)

    def forget(self) -> int:
        """Throw away what is kept, so that the next question goes out; how many answers that were."""
        count = len(self._kept)
        self._kept.clear()
        return count

    # --- asking -------------------------------------------------------------------------------------------------

    async def _fetch(
        self,
        questions: Sequence[StatusQuestion],
        known: Sequence[x509.Certificate],
        at: datetime,
    ) -> list[Standing | NoAnswer]:
        results: list[Standing | NoAnswer | None] = []
        requests: list[WebRequest] = []
        nonces = [self._ids.secret(NONCE_LENGTH).encode("ascii") for _ in questions]
        for question, nonce in zip(questions, nonces, strict=True):
            try:
                requests.append(_request(question, nonce))
                results.append(None)
            except (
                NotBelieved
            ) as error:  # hash data that cannot be asked about: nobody is bothered with it
                results.append(NoAnswer(str(error)))
        answers = iter(await self._client.fetch(requests) if requests else ())
        return [
            result or self._read(question, nonce, next(answers), known, at)
            for question, nonce, result in zip(questions, nonces, results, strict=True)
        ]

    def _read(
        self,
        question: StatusQuestion,
        nonce: bytes,
        answer: WebAnswer,
        known: Sequence[x509.Certificate],
        at: datetime,
    ) -> Standing | NoAnswer:
        if answer.problem:
            return NoAnswer(answer.problem)  # M06.FR.04, M07.FR.02, M07.FR.05
        try:
            if question.source is StatusSource.CRL:
                standing = read_crl(answer.body, question.certificate, known, at)
            else:
                standing = read_ocsp(answer.body, question.certificate, nonce, known, at)
        except NotBelieved as error:
            return NoAnswer(str(error))
        self._keep(question, standing, at)
        return standing

    async def _tell(
        self,
        inbound: Inbound,
        questions: Sequence[StatusQuestion],
        results: Sequence[Standing | NoAnswer],
    ) -> None:
        """A status that nobody can find out makes plug and charge fail silently: the operator is told, once."""
        failed = [
            {"serial": q.certificate.serial_number, "asked": list(q.urls), "reason": r.reason}
            for q, r in zip(questions, results, strict=True)
            if isinstance(r, NoAnswer)
        ]
        if failed:
            async with self._store.work(inbound.station.operator) as work:
                await self._flags.raise_(
                    work, inbound, AnomalyKind.CERTIFICATE_STATUS, certificates=failed
                )


def _request(question: StatusQuestion, nonce: bytes) -> WebRequest:
    if question.source is StatusSource.CRL:
        return WebRequest(urls=question.urls, largest=LARGEST_LIST)  # M07.FR.04
    return WebRequest(  # M07.FR.01
        urls=question.urls,
        body=ocsp_request(question.certificate, nonce),
        media_type="application/ocsp-request",
    )


def _told(question: StatusQuestion, standing: Standing | NoAnswer, at: datetime) -> StatusAnswer:
    """M07.FR.02, FR.03, FR.05, FR.06, FR.07. nextUpdate is required: without one it may be asked again at once."""
    if isinstance(standing, NoAnswer):
        return StatusAnswer(question=question, status=CertificateStatus.FAILED, next_update=at)
    until = min(standing.next_update or at, at + LONGEST_KEPT)
    return StatusAnswer(question=question, status=standing.status, next_update=until)
