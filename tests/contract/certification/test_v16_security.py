"""1.6 with its security extension, case by case."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from cryptography import x509
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from tests.support.pki import ORGANISATION, csr, ec_key
from tests.support.rig import Rig, ScriptedStation, case, now
from tests.support.tls_rig import TlsRig, refused_plain, tls_rig
from tests.support.visitor import basic

SUITES = (
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "AES128-GCM-SHA256",
    "AES256-GCM-SHA384",
)


@pytest_asyncio.fixture(loop_scope="session")
async def tls(own_rig: Any, tmp_path: Path) -> AsyncIterator[TlsRig]:
    """A node with TLS on a port of its own."""
    async with tls_rig(own_rig, tmp_path) as made:
        yield made


async def refusal(station: ScriptedStation, **options: Any) -> int:
    """The HTTP status that a connection is refused with."""
    with pytest.raises(InvalidStatus) as refused:
        await station.connect(**options)
    return int(refused.value.response.status_code)


async def booted(station: ScriptedStation) -> None:
    """Boot, and the state of the connectors."""
    assert (await station.boot())["status"] == "Accepted"
    await station.status("Available", 0)
    await station.status("Available", 1)


@case("TC_073_CSMS")
async def test_the_authorization_key_is_changed_and_used(rig: Rig) -> None:
    station = await rig.station("1.6")
    old = station.password or ""
    station.answers("ChangeConfiguration", {"status": "Accepted"})
    changed = await rig.post(f"/stations/{station.id}/password/change")
    assert changed["operation"]["state"] == "done"
    (asked,) = station.asked("ChangeConfiguration")
    assert asked["key"] == "AuthorizationKey"
    raw = bytes.fromhex(asked["value"])
    assert 16 <= len(raw) <= 20
    assert len(asked["value"]) <= 40
    await station.close()
    # A 1.6 station presents the bytes that the hexadecimal digits stand for.
    headers = {"Authorization": basic(station.identity, raw)}
    await station.connect(additional_headers=headers)
    await booted(station)
    await station.close()
    station.password = old
    assert await refusal(station) == 401


@case("TC_074_CSMS")
async def test_the_certificate_is_renewed_by_extended_trigger_message(tls: TlsRig) -> None:
    rig = tls.rig
    await rig.post("/certificate-authorities", {"organisation": ORGANISATION})
    station = await tls.station("1.6", security_profile=2)
    await tls.arrive(station)
    await booted(station)
    station.answers("ExtendedTriggerMessage", {"status": "Accepted"})
    station.answers("CertificateSigned", {"status": "Accepted"})
    operation = await rig.post(f"/stations/{station.id}/certificate/renew")
    asked = await station.expect("ExtendedTriggerMessage")
    assert asked["requestedMessage"] == "SignChargePointCertificate"
    key = ec_key()
    request = {"csr": csr(station.identity, ORGANISATION, key)}
    assert (await station.call("SignCertificate", request))["status"] == "Accepted"
    sent = await station.expect("CertificateSigned")
    chain = x509.load_pem_x509_certificates(sent["certificateChain"].encode())
    assert chain[0].public_key() == key.public_key()
    chain[0].verify_directly_issued_by(chain[1])
    ended = await rig.ended(operation)
    assert (ended["state"], ended["result"]["serial"]) == (
        "done",
        f"{chain[0].serial_number:x}",
    )


@case("TC_077_CSMS")
async def test_an_invalid_certificate_is_rejected_and_told(tls: TlsRig) -> None:
    rig = tls.rig
    await rig.post("/certificate-authorities", {"organisation": ORGANISATION})
    station = await rig.station("1.6")
    station.answers("ExtendedTriggerMessage", {"status": "Accepted"})
    station.answers("CertificateSigned", {"status": "Rejected"})
    operation = await rig.post(f"/stations/{station.id}/certificate/renew")
    await station.expect("ExtendedTriggerMessage")
    body = {"csr": csr(station.identity)}
    assert (await station.call("SignCertificate", body))["status"] == "Accepted"
    await station.expect("CertificateSigned")
    told = {"type": "InvalidChargePointCertificate", "timestamp": now()}
    assert await station.call("SecurityEventNotification", told) == {}
    assert (await rig.ended(operation))["state"] == "failed"
    (event,) = (await rig.get("/security-events", station=station.id))["items"]
    assert (event["kind"], event["alarm"]) == ("InvalidChargingStationCertificate", True)


@case("TC_083_CSMS")
async def test_the_security_profile_is_raised_and_the_old_one_refused(tls: TlsRig) -> None:
    rig = tls.rig
    station = await rig.station("1.6")
    station.answers("ChangeConfiguration", {"status": "Accepted"})
    station.answers("Reset", {"status": "Accepted"})
    operation = await rig.post(f"/stations/{station.id}/security-profile", {"security_profile": 2})
    asked = await station.expect("ChangeConfiguration")
    assert asked == {"key": "SecurityProfile", "value": "2"}
    assert await station.expect("Reset") == {"type": "Hard"}
    plain = station.url
    await station.close()
    station.url = tls.url
    await tls.arrive(station)
    await booted(station)
    assert (await rig.ended(operation))["state"] == "done"
    await station.close()
    assert await refused_plain(station, plain) == 403  # A05.FR.09 of 1.6


async def test_the_key_of_the_security_profile_is_set_by_hand(tls: TlsRig) -> None:
    """A05.FR.07: the station comes back with what was written; what nobody wrote is refused."""
    rig = tls.rig
    station = await rig.station("1.6")
    plain = station.url
    station.answers("ChangeConfiguration", {"status": "RebootRequired"})
    values = [{"variable": "SecurityProfile", "value": "2"}]
    station.url = tls.url
    assert await tls.refused(station) == 403
    written = await rig.post(f"/stations/{station.id}/variables/write", {"values": values})
    assert written["accepted"]
    await station.close()
    await tls.arrive(station)
    await booted(station)
    assert (await rig.get(f"/stations/{station.id}/security"))["security_profile"] == 2
    await station.close()
    assert await refused_plain(station, plain) == 403


@case("TC_085_CSMS")
async def test_without_credentials_a_station_is_refused(rig: Rig) -> None:
    station = await rig.station("1.6", connect=False)
    password, station.password = station.password, None
    assert await refusal(station) == 401
    station.password = password
    await station.connect()
    await booted(station)


@case("TC_086_CSMS")
async def test_the_servers_certificate_and_the_four_suites(tls: TlsRig) -> None:
    station = await tls.station("1.6", security_profile=2)
    for suite in SUITES:
        client = tls.client()
        client.maximum_version = ssl.TLSVersion.TLSv1_2
        client.set_ciphers(suite)
        await station.connect(ssl=client, host="127.0.0.1")
        line = station.socket.transport.get_extra_info("ssl_object")
        assert (line.cipher()[0], line.version()) == (suite, "TLSv1.2")
        certificate = x509.load_der_x509_certificate(line.getpeercert(binary_form=True))
        assert "CN=localhost" in certificate.subject.rfc4514_string()
        assert certificate.serial_number > 0
        await booted(station)
        await station.close()


@case("TC_087_CSMS")
async def test_a_station_with_its_own_certificate_is_let_in(tls: TlsRig) -> None:
    ca = await tls.trusted()
    station = await tls.station("1.6", password=None, security_profile=3)
    await tls.arrive(station, ca.issue(station.identity))
    await booted(station)


@case("TC_088_CSMS")
async def test_the_subprotocol_is_chosen_among_those_offered(rig: Rig) -> None:
    station = await rig.station("1.6", connect=False)
    offers = [Subprotocol(p) for p in ("ocpp1.2", "ocpp1.5", "ocpp1.6")]
    await station.connect(subprotocols=offers)
    assert station.socket.subprotocol == "ocpp1.6"
    assert station.socket.response is not None
    assert station.socket.response.headers.get_all("Sec-WebSocket-Protocol") == ["ocpp1.6"]
    await booted(station)
