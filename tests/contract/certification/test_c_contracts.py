"""C07, C08: contract certificates in Authorize, with an OCSP responder on this machine."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.support.ecosystem import EMAID, Ecosystem, trust
from tests.support.responder import REVOKED
from tests.support.rig import VERSIONS, Rig, ScriptedStation, case, now, rigged
from tests.support.v2g_pki import Entity, Pki, questions


@pytest_asyncio.fixture(loop_scope="session")
async def rig(ecosystem: Ecosystem) -> AsyncIterator[Rig]:
    ecosystem.afresh()
    async with rigged(ecosystem.node) as made:
        yield made


# --- C07: contract certificates in Authorize ---------------------------------------------------------------------


def authorize(contract: Entity, emaid: str = EMAID, **more: Any) -> dict[str, Any]:
    return {"idToken": {"idToken": emaid, "type": "eMAID"}, **more}


async def start(station: ScriptedStation, emaid: str, version: str) -> dict[str, Any]:
    """TransactionEvent with triggerReason Authorized."""
    return await station.call(
        "TransactionEvent",
        {
            "eventType": "Started",
            "timestamp": now(),
            "triggerReason": "Authorized",
            "seqNo": 0,
            "transactionInfo": {"transactionId": f"tx-{station.identity}"},
            "evse": {"id": 1, "connectorId": 1},
            "idToken": {"idToken": emaid, "type": "eMAID"},
        },
    )


async def contract_known(rig: Rig, emaid: str = "NL-TNM-000122045-U", **about: Any) -> None:
    """The operator has the contract in its register, in the spelling with hyphens and check digit."""
    if any(t["value"] == emaid for t in (await rig.get("/tokens", search=emaid))["items"]):
        return
    await rig.post("/tokens", {"value": emaid, "type": "eMAID", "concurrent": True, **about})


@case("TC_C_50_CSMS")
@pytest.mark.parametrize("version", VERSIONS)
async def test_a_contract_that_the_station_has_validated(
    rig: Rig, ecosystem: Ecosystem, version: str
) -> None:
    """C07.FR.05, C07.FR.14: OCSP for each certificate of the chain; then the token."""
    station, pki, responder = await rig.station(version), ecosystem.pki, ecosystem.responder
    await contract_known(rig)
    for authority in (pki.mo_root, pki.mo_sub1, pki.mo_sub2):
        await trust(
            rig, authority, "MORootCertificate" if authority is pki.mo_root else "SubCACertificate"
        )
    contract = pki.contract(EMAID)
    hashes = questions(contract, pki.mo_sub2, pki.mo_sub1, url=responder.url)
    answer = await station.call(
        "Authorize", authorize(contract, iso15118CertificateHashData=hashes)
    )
    assert answer["idTokenInfo"]["status"] == "Accepted"
    assert answer["certificateStatus"] == "Accepted"
    assert contract.certificate.serial_number in responder.asked
    started = await start(station, EMAID, version)
    assert started["idTokenInfo"]["status"] == "Accepted"


@case("TC_C_51_CSMS")
@pytest.mark.parametrize("version", VERSIONS)
async def test_a_revoked_contract(rig: Rig, ecosystem: Ecosystem, version: str) -> None:
    """C07.FR.16."""
    station, pki, responder = await rig.station(version), ecosystem.pki, ecosystem.responder
    await contract_known(rig)
    await trust(rig, pki.mo_sub2, "SubCACertificate")
    contract = pki.contract(EMAID)
    responder.state[contract.certificate.serial_number] = REVOKED
    hashes = questions(contract, url=responder.url)
    answer = await station.call(
        "Authorize", authorize(contract, iso15118CertificateHashData=hashes)
    )
    assert answer["certificateStatus"] == "CertificateRevoked"
    assert answer["idTokenInfo"]["status"] == "Invalid"


@case("TC_C_52_CSMS")
@pytest.mark.parametrize("version", VERSIONS)
async def test_a_contract_that_is_validated_here(
    rig: Rig, ecosystem: Ecosystem, version: str
) -> None:
    """C07.FR.05, C07.FR.14: the chain in PEM, the hash data reckoned here, the responder found in the certificate."""
    station, pki, responder = await rig.station(version), ecosystem.pki, ecosystem.responder
    await contract_known(rig)
    await trust(rig, pki.mo_root, "MORootCertificate")
    contract = pki.contract(EMAID)
    answer = await station.call("Authorize", authorize(contract, certificate=contract.chain))
    assert answer["idTokenInfo"]["status"] == "Accepted"
    assert answer["certificateStatus"] == "Accepted"
    assert contract.certificate.serial_number in responder.asked
    started = await start(station, EMAID, version)
    assert started["idTokenInfo"]["status"] == "Accepted"


@pytest.mark.parametrize("version", VERSIONS)
async def test_what_is_wrong_with_a_contract_is_told(
    rig: Rig, ecosystem: Ecosystem, version: str
) -> None:
    """C07.FR.13, C07.FR.15, C07.FR.17."""
    station, pki = await rig.station(version), ecosystem.pki
    await contract_known(rig)
    await trust(rig, pki.mo_root, "MORootCertificate")

    async def told(chain: str, emaid: str = EMAID) -> tuple[str, str]:
        answer = await station.call(
            "Authorize",
            {"idToken": {"idToken": emaid, "type": "eMAID"}, "certificate": chain},
        )
        return answer["certificateStatus"], answer["idTokenInfo"]["status"]

    assert await told(pki.contract(EMAID, expired=True).chain) == ("CertificateExpired", "Expired")
    assert await told(pki.contract(EMAID, forged=True).chain) == ("SignatureError", "Invalid")
    assert await told(Pki().contract(EMAID).chain) == ("SignatureError", "Invalid")
    assert await told(pki.contract(EMAID, silent=True).chain) == ("CertChainError", "Invalid")
    assert await told("no certificate at all") == ("CertChainError", "Invalid")
    assert await told(pki.contract("DE8AA001234567").chain) == ("CertChainError", "Invalid")
    stranger = pki.contract("FRXYZ123456789")
    assert await told(stranger.chain, "FRXYZ123456789") == ("ContractCancelled", "Unknown")
    found = await rig.get("/anomalies", station=station.id)
    assert "contract-refused" in {a["kind"] for a in found["items"]}


@pytest.mark.parametrize("version", VERSIONS)
async def test_an_emaid_alone_is_a_token_like_any_other(rig: Rig, version: str) -> None:
    """C08: external identification, no certificate: nothing is said of one."""
    station = await rig.station(version)
    await contract_known(rig)
    answer = await station.call("Authorize", {"idToken": {"idToken": EMAID, "type": "eMAID"}})
    assert answer["idTokenInfo"]["status"] == "Accepted"
    assert "certificateStatus" not in answer
