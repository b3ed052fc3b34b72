"""Certificate status: asked for once, kept while it is fresh, told when it cannot be had."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from releve.domain.anomaly import AnomalyKind
from releve.domain.certificates import CertificateStatus, StatusQuestion, StatusSource
from releve.domain.ids import DEFAULT_OPERATOR
from releve.domain.trusted_authority import AuthorityUse
from releve.services.flags import Flags
from releve.services.live import Inbound
from releve.services.revocation import NoAnswer, Revocations, WebAnswer, WebRequest
from releve.storage.ids import SystemIds
from tests.support.console import Console, opened
from tests.support.responder import REVOKED, UNKNOWN, Responder
from tests.support.v2g_pki import Entity, Pki


class Wire:
    """Implements OcspClient over a responder in memory. down: nobody answers."""

    def __init__(self, responder: Responder) -> None:
        self.responder = responder
        self.down = False
        self.asked = 0

    async def fetch(self, requests: Sequence[WebRequest]) -> list[WebAnswer]:
        """Answer."""
        self.asked += len(requests)
        if self.down:
            return [WebAnswer(problem="nobody answered") for _ in requests]
        return [
            WebAnswer(body=self.responder.answer(r.body) if r.body else self.list_at(r))
            for r in requests
        ]

    def list_at(self, request: WebRequest) -> bytes:
        return self.responder.lists["/" + request.urls[0].rsplit("/", 1)[1]]


@pytest.fixture(scope="module")
def pki() -> Pki:
    return Pki()


@pytest.fixture
async def console(tmp_path: Path) -> AsyncIterator[Console]:
    async with opened(tmp_path) as made:
        yield made


@pytest.fixture
async def inbound(console: Console) -> Inbound:
    return await console.connected("CS-1")


@pytest.fixture
def wire(pki: Pki) -> Wire:
    return Wire(Responder(pki.authorities, url="http://crl.example"))


def service(console: Console, wire: Wire, *, believe: bool = False) -> Revocations:
    ids = SystemIds()
    return Revocations(
        console.store,
        ids,
        wire,
        console.desk.services.authorities,
        Flags(ids),
        believe_unverified=believe,
    )


async def trusted(console: Console, *entities: Entity) -> None:
    for entity in entities:
        await console.desk.services.authorities.add(
            DEFAULT_OPERATOR, entity.pem, [AuthorityUse.SUB_CA]
        )


def about(entity: Entity) -> StatusQuestion:
    return StatusQuestion(certificate=entity.hash(), urls=("http://ocsp.example",))


async def test_an_answer_is_kept_until_a_newer_one_is_due(
    console: Console, inbound: Inbound, wire: Wire, pki: Pki
) -> None:
    """C07.FR.05: cached data will do."""
    await trusted(console, pki.mo_sub2)
    asking, question = service(console, wire), about(pki.contract("NLTNM000122045"))
    for _ in range(2):
        (standing,) = await asking.ask(inbound, [question])
        assert not isinstance(standing, NoAnswer)
        assert standing.status is CertificateStatus.GOOD
    assert wire.asked == 1
    assert asking.forget() == 1
    await asking.ask(inbound, [question])
    assert wire.asked == 2
    inbound.at += timedelta(days=2)
    (standing,) = await asking.ask(inbound, [question])
    assert wire.asked == 3
    assert isinstance(standing, NoAnswer), "what the responder says is a day old by then"


async def test_what_is_unknown_or_undated_is_asked_about_again(
    console: Console, inbound: Inbound, wire: Wire, pki: Pki
) -> None:
    await trusted(console, pki.mo_sub2)
    asking = service(console, wire)
    fresh, undated = pki.contract("NLTNM000122045"), pki.contract("NLTNM000122046")
    wire.responder.state[fresh.certificate.serial_number] = UNKNOWN
    for _ in range(2):
        await asking.ask(inbound, [about(fresh)])
    assert wire.asked == 2
    wire.responder.no_next_update = True
    for _ in range(2):
        await asking.ask(inbound, [about(undated)])
    assert wire.asked == 4


async def test_an_unknown_issuer_is_relayed_but_not_believed(
    console: Console, inbound: Inbound, wire: Wire, pki: Pki
) -> None:
    asking, question = service(console, wire), about(pki.contract("NLTNM000122045"))
    assert isinstance(await asking.relay(inbound, question, largest=5500), str)
    (standing,) = await asking.ask(inbound, [question])
    assert isinstance(standing, NoAnswer)
    assert "trusted authorities" in standing.reason
    lenient = service(console, wire, believe=True)
    assert not isinstance((await lenient.ask(inbound, [question]))[0], NoAnswer)


async def test_a_response_that_does_not_fit_the_message_is_kept_back(
    console: Console, inbound: Inbound, wire: Wire, pki: Pki
) -> None:
    found = await service(console, wire).relay(
        inbound, about(pki.contract("NLTNM000122045")), largest=100
    )
    assert isinstance(found, NoAnswer)
    assert "100 fit" in found.reason


async def test_what_cannot_be_found_out_is_told_once(
    console: Console, inbound: Inbound, wire: Wire, pki: Pki
) -> None:
    wire.down = True
    asking = service(console, wire)
    for _ in range(3):
        (standing,) = await asking.ask(inbound, [about(pki.contract("NLTNM000122045"))])
        assert standing == NoAnswer("nobody answered")
    async with console.store.work(DEFAULT_OPERATOR) as work:
        station = inbound.station.id
        flagged = await work.anomalies.open(station, AnomalyKind.CERTIFICATE_STATUS, None)
    assert flagged is not None
    assert flagged.detail["certificates"][0]["reason"] == "nobody answered"


async def test_a_chain_by_responder_and_by_list(
    console: Console, inbound: Inbound, wire: Wire, pki: Pki
) -> None:
    """M07.FR.03, M07.FR.06, M07.FR.07: and hash data that is none does not spoil the others."""
    await trusted(console, pki.oem_sub)
    revoked, listed, good = (pki.vehicle(f"WMI{i}") for i in range(3))
    wire.responder.state[revoked.certificate.serial_number] = REVOKED
    crl = wire.responder.publish("oem.crl", pki.oem_sub, listed)
    nonsense = StatusQuestion(
        certificate=type(good.hash())(issuer_name_hash="?", issuer_key_hash="?", serial_number="?"),
        urls=("http://ocsp.example",),
    )
    by_list = [
        StatusQuestion(certificate=e.hash(), source=StatusSource.CRL, urls=(crl,))
        for e in (listed, good)
    ]
    asked = [nonsense, about(revoked), *by_list]
    told = await service(console, wire).chain(inbound, asked)
    assert [answer.status for answer in told] == ["Failed", "Revoked", "Revoked", "Good"]
    assert all(a.next_update <= inbound.at + timedelta(days=7) for a in told)
