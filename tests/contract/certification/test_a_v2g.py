"""A02 for V2G certificates: asked for, signed by a sub-CA of the ecosystem, handed over."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from releve.services.certificates.pem import load_chain, signed_by, to_pem
from tests.support.ecosystem import Ecosystem
from tests.support.rig import VERSIONS, Rig, ScriptedStation, case, rigged
from tests.support.v2g_pki import Entity, Pki


@pytest_asyncio.fixture(loop_scope="session")
async def rig(ecosystem: Ecosystem) -> AsyncIterator[Rig]:
    async with rigged(ecosystem.node) as made:
        for one in (await made.get("/v2g-authorities"))["items"]:
            await made.delete(f"/v2g-authorities/{one['id']}")
        yield made


def request_for(name: str) -> tuple[str, ec.EllipticCurvePrivateKey]:
    """A CSR with country, organization and unit, as the case has it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "NL"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Relève tests"),
        x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "V2G"),
        x509.NameAttribute(NameOID.COMMON_NAME, name),
    ]
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(subject))
    return builder.sign(key, SHA256()).public_bytes(Encoding.PEM).decode(), key


async def authority(rig: Rig, entity: Entity, **more: Any) -> Any:
    """Give the operator a sub-CA with its private key."""
    key = entity.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    chain = to_pem([entity.certificate, *(e.certificate for e in entity.above)])
    body = {"chain": chain, "private_key": key, "responder": "http://ocsp.example", **more}
    return await rig.post("/v2g-authorities", body)


async def asks(station: ScriptedStation, use: str, **more: Any) -> tuple[str, Any]:
    csr, key = request_for(station.identity)
    answer = await station.call("SignCertificate", {"csr": csr, "certificateType": use, **more})
    return answer["status"], key


@case("TC_A_12_CSMS")
@pytest.mark.parametrize("version", VERSIONS)
async def test_a_v2g_certificate_by_request_of_the_csms(
    rig: Rig, ecosystem: Ecosystem, version: str
) -> None:
    """A02.FR.04, A02.FR.11, A02.FR.14."""
    station, pki = await rig.station(version), ecosystem.pki
    added = await authority(rig, pki.cpo_sub2)
    assert "private_key" not in added
    station.answers("TriggerMessage", {"status": "Accepted"})
    station.answers("CertificateSigned", {"status": "Accepted"})
    operation = await rig.post(f"/stations/{station.id}/certificates/v2g")
    assert station.asked("TriggerMessage") == [{"requestedMessage": "SignV2GCertificate"}]
    status, key = await asks(station, "V2GCertificate")
    assert status == "Accepted"
    signed = await station.expect("CertificateSigned")
    assert signed["certificateType"] == "V2GCertificate"
    chain = load_chain(signed["certificateChain"])
    assert chain[1:] == [pki.cpo_sub2.certificate, pki.cpo_sub1.certificate]
    assert chain[0].public_key() == key.public_key()
    assert signed_by(chain[0], pki.cpo_sub2.certificate)
    assert chain[0].serial_number
    assert (await rig.ended(operation))["state"] == "done"
    (held,) = (await rig.get(f"/stations/{station.id}/certificates"))["items"]
    assert (held["use"], len(held["children"])) == ("V2GCertificateChain", 2)
    assert held["expires_at"], "its end is watched"


async def test_the_root_that_the_station_names_signs(rig: Rig, ecosystem: Ecosystem) -> None:
    """A02.FR.25, A02.FR.27 (2.1): V2G20, with a request number."""
    station, pki, other = await rig.station("2.1"), ecosystem.pki, Pki()
    await authority(rig, pki.cpo_sub2)
    await authority(rig, other.cpo_sub2)
    station.answers("CertificateSigned", {"status": "Accepted"})
    wanted = {"hashRootCertificate": pki.v2g_root.wire_hash(), "requestId": 7}
    status, _ = await asks(station, "V2G20Certificate", **wanted)
    assert status == "Accepted"
    signed = await station.expect("CertificateSigned")
    assert (signed["certificateType"], signed["requestId"]) == ("V2G20Certificate", 7)
    assert signed_by(load_chain(signed["certificateChain"])[0], pki.cpo_sub2.certificate)
    stranger = {"hashRootCertificate": pki.mo_root.wire_hash(), "requestId": 8}
    assert (await asks(station, "V2G20Certificate", **stranger))[0] == "Rejected"


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_request_that_cannot_be_taken_on(
    rig: Rig, ecosystem: Ecosystem, version: str
) -> None:
    """A02.FR.12: no authority, and a request that is none."""
    station = await rig.station(version)
    assert (await asks(station, "V2GCertificate"))[0] == "Rejected"
    problem = await rig.post(f"/stations/{station.id}/certificates/v2g", status=409)
    assert "V2G authority" in problem["detail"]
    await authority(rig, ecosystem.pki.cpo_sub2)
    nonsense = {"csr": "no request", "certificateType": "V2GCertificate"}
    assert (await station.call("SignCertificate", nonsense))["status"] == "Rejected"


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_station_that_does_not_take_it(
    rig: Rig, ecosystem: Ecosystem, version: str
) -> None:
    station = await rig.station(version)
    await authority(rig, ecosystem.pki.cpo_sub2)
    station.answers("TriggerMessage", {"status": "Accepted"})
    station.answers("CertificateSigned", {"status": "Rejected"})
    operation = await rig.post(f"/stations/{station.id}/certificates/v2g")
    assert (await asks(station, "V2GCertificate"))[0] == "Accepted"
    ended = await rig.ended(operation)
    assert ended["state"] == "failed"
    assert "Rejected" in ended["problem"]
    assert (await rig.get(f"/stations/{station.id}/certificates"))["items"] == []


async def test_a_key_has_to_fit_its_chain(rig: Rig, ecosystem: Ecosystem) -> None:
    pki = ecosystem.pki
    key = pki.cpo_sub1.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    entities = [pki.cpo_sub2, *pki.cpo_sub2.above]
    body = {
        "chain": to_pem([e.certificate for e in entities]),
        "private_key": key.decode(),
    }
    problem = await rig.post("/v2g-authorities", body, status=422)
    assert "not that of the chain" in problem["detail"]
    body["chain"] = pki.cpo_sub2.pem
    body["private_key"] = pki.cpo_sub2.key.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    ).decode()
    problem = await rig.post("/v2g-authorities", body, status=422)
    assert "V2G root" in problem["detail"]
