"""M01, M02, M06, M07: contract certificates for cars, and whether certificates are revoked."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from cryptography.x509 import ocsp

from tests.support.ecosystem import Ecosystem, trust
from tests.support.responder import REVOKED, Responder, responding
from tests.support.rig import VERSIONS, Rig, case, rigged
from tests.support.v2g_pki import Entity, Pki, questions


@pytest_asyncio.fixture(loop_scope="session")
async def rig(ecosystem: Ecosystem) -> AsyncIterator[Rig]:
    ecosystem.afresh()
    async with rigged(ecosystem.node) as made:
        yield made


# --- M06: GetCertificateStatus -----------------------------------------------------------------------------------


@case("TC_M_24_CSMS")
@pytest.mark.parametrize("version", VERSIONS)
async def test_the_status_of_each_sub_ca_is_asked_for(
    rig: Rig, ecosystem: Ecosystem, version: str
) -> None:
    """M06.FR.01, M06.FR.02, M06.FR.03, M06.FR.08: the responder's own DER, base64."""
    station, responder = await rig.station(version), ecosystem.responder
    pki = Pki(responder.url)  # nobody has asked about these yet
    responder.authorities = [*ecosystem.pki.authorities, *pki.authorities]
    for entity in (pki.cpo_sub1, pki.cpo_sub2):
        (data,) = questions(entity, url=responder.url)
        answer = await station.call("GetCertificateStatus", {"ocspRequestData": data})
        assert answer["status"] == "Accepted"
        response = ocsp.load_der_ocsp_response(base64.b64decode(answer["ocspResult"]))
        assert response.serial_number == entity.certificate.serial_number
        assert response.certificate_status is ocsp.OCSPCertStatus.GOOD
        again = await station.call("GetCertificateStatus", {"ocspRequestData": data})
        assert again == answer, "it is kept until a newer one is due"
    asked = [entity.certificate.serial_number for entity in (pki.cpo_sub1, pki.cpo_sub2)]
    assert responder.asked == asked


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_status_that_cannot_be_had(rig: Rig, ecosystem: Ecosystem, version: str) -> None:
    """M06.FR.04, and the operator is told: else plug and charge just never works."""
    station = await rig.station(version)
    for url in ("http://127.0.0.1:9/", "ftp://127.0.0.1/", "http://169.254.169.254/latest", ""):
        (data,) = questions(ecosystem.pki.station("CS"), url=url)
        answer = await station.call("GetCertificateStatus", {"ocspRequestData": data})
        assert answer["status"] == "Failed"
        assert answer["statusInfo"]["additionalInfo"]
        assert "ocspResult" not in answer
    found = await rig.get("/anomalies", station=station.id)
    assert [a["kind"] for a in found["items"]] == ["certificate-status"]


async def test_a_forged_response_is_not_passed_on(rig: Rig, ecosystem: Ecosystem) -> None:
    station = await rig.station("2.0.1")
    liar = Responder(ecosystem.pki.authorities, wrong_signature=True, bring_issuer=True)
    async with responding(liar):
        (data,) = questions(ecosystem.pki.station("CS"), url=liar.url)
        answer = await station.call("GetCertificateStatus", {"ocspRequestData": data})
    assert answer["status"] == "Failed"
    assert "signature" in answer["statusInfo"]["additionalInfo"]


# --- M07: GetCertificateChainStatus (2.1) ------------------------------------------------------------------------


async def test_the_status_of_a_vehicles_chain(rig: Rig, ecosystem: Ecosystem) -> None:
    """M07.FR.01, M07.FR.02, M07.FR.03, M07.FR.04, M07.FR.05, M07.FR.06, M07.FR.07, M07.FR.08."""
    station, pki, responder = await rig.station("2.1"), ecosystem.pki, ecosystem.responder
    await trust(rig, pki.oem_root, "OEMRootCertificate")
    await trust(rig, pki.oem_sub, "SubCACertificate")
    good, revoked, listed, gone = (pki.vehicle(f"WMI{i}") for i in range(4))
    responder.state[revoked.certificate.serial_number] = REVOKED
    crl = responder.publish("oem.crl", pki.oem_sub, listed)

    def about(entity: Entity, source: str, *urls: str) -> dict[str, Any]:
        name = entity.wire_hash()
        return {"certificateHashData": name, "source": source, "urls": list(urls)}

    async def statuses(*wanted: dict[str, Any]) -> list[str]:
        answer = await station.call(
            "GetCertificateChainStatus", {"certificateStatusRequests": list(wanted)}
        )
        told = answer["certificateStatus"]
        assert [(t["certificateHashData"]["serialNumber"].upper(), t["source"]) for t in told] == [
            (w["certificateHashData"]["serialNumber"], w["source"]) for w in wanted
        ]
        assert all(t["nextUpdate"] for t in told)
        return [t["status"] for t in told]

    dead = "http://127.0.0.1:9/"
    assert await statuses(
        about(good, "OCSP", dead, responder.url),
        about(revoked, "OCSP", responder.url),
        about(listed, "CRL", "ftp://127.0.0.1/oem.crl", crl),
        about(good, "CRL", crl),
    ) == ["Good", "Revoked", "Revoked", "Good"]
    assert await statuses(about(gone, "OCSP", dead), about(gone, "CRL", f"{crl}x")) == [
        "Failed",
        "Failed",
    ]


# --- M01, M02: Get15118EVCertificate -----------------------------------------------------------------------------

EXI = base64.b64encode(b"\x80\x98\x02\x10CertificateInstallationReq").decode()
SCHEMA = "urn:iso:15118:2:2013:MsgDef"


@case("TC_M_26_CSMS", "TC_M_28_CSMS")
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("action", ["Install", "Update"])
async def test_a_contract_is_passed_from_the_pool_to_the_car(
    rig: Rig, ecosystem: Ecosystem, version: str, action: str
) -> None:
    """M01.FR.01, M02.FR.01: both ways byte for byte."""
    station, pool = await rig.station(version), ecosystem.pool
    answer = await station.call(
        "Get15118EVCertificate",
        {"iso15118SchemaVersion": SCHEMA, "action": action, "exiRequest": EXI},
    )
    assert answer == {
        "status": "Accepted",
        "exiResponse": base64.b64encode(pool.contracts[0]).decode(),
    }
    (asked,) = pool.asked
    assert asked.json == {"certificateInstallationReq": EXI, "xsdMsgDefNamespace": SCHEMA}


@case("TC_M_100_CSMS")
async def test_several_contracts_of_15118_20(rig: Rig, ecosystem: Ecosystem) -> None:
    """M01.FR.04, M01.FR.07: the same request again gives the next one; the pool is asked once."""
    station, pool = await rig.station("2.1"), ecosystem.pool
    pool.contracts = [b"first", b"second", b"third"]
    request = {
        "iso15118SchemaVersion": "urn:iso:std:iso:15118:-20:CommonMessages",
        "action": "Install",
        "exiRequest": base64.b64encode(b"a 15118-20 car").decode(),
        "maximumContractCertificateChains": 3,
        "prioritizedEMAIDs": ["NLTNM000122045", "NLTNM000122046"],
    }
    came = [await station.call("Get15118EVCertificate", request) for _ in range(3)]
    assert [base64.b64decode(a["exiResponse"]) for a in came] == pool.contracts
    assert [a["remainingContracts"] for a in came] == [2, 1, 0]
    (asked,) = pool.asked
    assert asked.json["maximumContractCertificateChains"] == 3
    assert asked.json["prioritizedEMAIDs"] == request["prioritizedEMAIDs"]


async def test_a_car_gets_no_more_contracts_than_it_takes(rig: Rig, ecosystem: Ecosystem) -> None:
    station, pool = await rig.station("2.1"), ecosystem.pool
    pool.contracts = [b"first", b"second", b"third"]
    request = {
        "iso15118SchemaVersion": "urn:iso:std:iso:15118:-20:CommonMessages",
        "action": "Install",
        "exiRequest": base64.b64encode(b"a small car").decode(),
        "maximumContractCertificateChains": 1,
    }
    answer = await station.call("Get15118EVCertificate", request)
    assert answer["remainingContracts"] == 0


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_pool_without_a_contract(rig: Rig, ecosystem: Ecosystem, version: str) -> None:
    station = await rig.station(version)
    ecosystem.pool.contracts = []
    answer = await station.call(
        "Get15118EVCertificate",
        {"iso15118SchemaVersion": SCHEMA, "action": "Install", "exiRequest": EXI},
    )
    assert (answer["status"], answer["exiResponse"]) == ("Failed", "")
    assert answer["statusInfo"]["reasonCode"] == "NotFound"
    found = await rig.get("/anomalies", station=station.id)
    assert [a["kind"] for a in found["items"]] == ["contract-not-installed"]
