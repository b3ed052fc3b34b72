"""A: security of 2.0.1 and 2.1 stations, case by case."""

from __future__ import annotations

import ssl
import warnings
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from websockets.exceptions import InvalidStatus

from tests.support.pki import NOW, ORGANISATION, authority, csr, ec_key, rsa_key
from tests.support.rig import VERSIONS, Rig, ScriptedStation, case, now
from tests.support.tls_rig import TlsRig, refused_plain, tls_rig
from tests.support.visitor import basic

BOTH = pytest.mark.parametrize("version", VERSIONS)
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
    """The last steps of most cases: boot, and the state of all connectors."""
    assert (await station.boot())["status"] == "Accepted"
    await station.status("Available")


@BOTH
@case("TC_A_01_CSMS")
async def test_valid_basic_credentials_are_accepted(rig: Rig, version: str) -> None:
    station = await rig.station(version, connect=False)  # A00.FR.207
    await station.connect()
    await booted(station)


@BOTH
@case("TC_A_02_CSMS")
async def test_another_user_name_than_the_identity_is_refused(rig: Rig, version: str) -> None:
    station = await rig.station(version, connect=False)
    headers = {"Authorization": basic(f"{station.identity}Invalid", station.password or "")}
    assert await refusal(station, additional_headers=headers) == 401


@BOTH
@case("TC_A_03_CSMS")
async def test_a_wrong_password_is_refused(rig: Rig, version: str) -> None:
    station = await rig.station(version, connect=False)
    headers = {"Authorization": basic(station.identity, "0123456789abcdef-wrong")}
    assert await refusal(station, additional_headers=headers) == 401
    events = await rig.get("/security-events", station=station.id)
    assert [e["kind"] for e in events["items"]] == ["FailedToAuthenticateAtCsms"]


@BOTH
@case("TC_A_04_CSMS")
async def test_the_servers_certificate_and_the_four_suites(tls: TlsRig, version: str) -> None:
    """A00.FR.306, A00.FR.307, A00.FR.318: as TLS server, with our certificates, in all four suites."""
    station = await tls.station(version, security_profile=2)
    for suite in SUITES:
        client = tls.client()
        client.maximum_version = ssl.TLSVersion.TLSv1_2  # 1.3 has suites of its own
        client.set_ciphers(suite)
        await station.connect(ssl=client, host="127.0.0.1")
        line = station.socket.transport.get_extra_info("ssl_object")
        assert line.cipher()[0] == suite
        assert line.version() == "TLSv1.2"
        assert line.compression() is None
        certificate = x509.load_der_x509_certificate(line.getpeercert(binary_form=True))
        key = certificate.public_key()
        assert isinstance(key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey)
        assert key.key_size >= (2048 if isinstance(key, rsa.RSAPublicKey) else 224)
        assert certificate.serial_number > 0
        (name,) = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        assert name.value == "localhost"
        await booted(station)
        await station.close()


@BOTH
@case("TC_A_06_CSMS")
async def test_tls_below_1_2_is_cut_off_and_1_2_is_let_in(tls: TlsRig, version: str) -> None:
    """A00.FR.313, A00.FR.315, A00.FR.416, A00.FR.418."""
    station = await tls.station(version, security_profile=2)
    old = tls.client()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.raises((ssl.SSLError, ConnectionError)):
        await station.connect(ssl=old, host="127.0.0.1")
    await tls.arrive(station)
    await booted(station)


@BOTH
@case("TC_A_07_CSMS")
async def test_a_station_with_its_own_certificate_is_let_in(tls: TlsRig, version: str) -> None:
    """A00.FR.403, A00.FR.404, A00.FR.405, A00.FR.409, A00.FR.410, A00.FR.421."""
    ca = await tls.trusted()
    station = await tls.station(version, password=None, security_profile=3)
    for suite in SUITES:
        client = tls.client(
            ca.issue(station.identity, key=rsa_key() if "ECDSA" not in suite else None)
        )
        client.maximum_version = ssl.TLSVersion.TLSv1_2
        client.set_ciphers(suite)
        await station.connect(ssl=client, host="127.0.0.1")
        await booted(station)
        await station.close()


@BOTH
@case("TC_A_08_CSMS")
async def test_certificates_that_are_not_the_stations_are_refused(
    tls: TlsRig, version: str
) -> None:
    """A00.FR.405, A00.FR.407: unknown, expired, or another's; then its own is let in."""
    ca = await tls.trusted()
    station = await tls.station(version, password=None, security_profile=3)
    foreign = authority().issue(station.identity)
    assert await tls.refused(station, foreign) == 0, "TLS knows no way from it to an anchor"
    expired = ca.issue(station.identity, at=NOW - timedelta(days=100), days=90)
    assert await tls.refused(station, expired) == 403
    assert await tls.refused(station, ca.issue("ANOTHER-1")) == 403
    told = await tls.rig.get("/security-events", station=station.id, alarm=True)
    assert {e["kind"] for e in told["items"]} == {"InvalidChargingStationCertificate"}
    assert len(told["items"]) == 2, told  # the foreign one never said whose it is
    await tls.arrive(station, ca.issue(station.identity))
    await booted(station)


@BOTH
@case("TC_A_09_CSMS")
async def test_after_a_password_change_only_the_new_one_is_accepted(rig: Rig, version: str) -> None:
    station = await rig.station(version)
    old = station.password or ""
    station.answers("SetVariables", accepted)
    changed = await rig.post(f"/stations/{station.id}/password/change")
    assert changed["operation"]["state"] == "done"
    (asked,) = station.asked("SetVariables")  # A01.FR.02
    (data,) = asked["setVariableData"]
    assert data["component"]["name"] == "SecurityCtrlr"
    assert data["variable"]["name"] == "BasicAuthPassword"
    assert data["attributeValue"] == changed["password"]
    await station.close()
    station.password = changed["password"]
    await station.connect()
    await booted(station)
    await station.close()
    station.password = old
    assert await refusal(station) == 401  # A01.FR.03


@BOTH
@case("TC_A_10_CSMS")
async def test_a_rejected_password_change_keeps_the_old_one(rig: Rig, version: str) -> None:
    station = await rig.station(version)
    station.answers("SetVariables", rejected)
    changed = await rig.post(f"/stations/{station.id}/password/change")
    assert changed["operation"]["state"] == "failed"
    assert not changed["password_open"]
    await station.reconnect()  # A01.FR.04
    await booted(station)
    await station.close()
    station.password = changed["password"]
    assert await refusal(station) == 401


@BOTH
@case("TC_A_11_CSMS")
async def test_a_certificate_is_renewed_by_request_of_the_csms(tls: TlsRig, version: str) -> None:
    """Its new certificate comes from the built-in authority, and lets the station in."""
    await tls.rig.post("/certificate-authorities", {"organisation": ORGANISATION})
    station = await tls.station(version, security_profile=2)
    await tls.arrive(station)
    await booted(station)
    key = ec_key()
    chain = await renewed(tls.rig, station, key)
    await station.close()
    await tls.rig.patch(f"/stations/{station.id}/security", {"security_profile": 3})
    await tls.arrive(station, Signed(chain, key))
    await booted(station)


async def renewed(rig: Rig, station: ScriptedStation, key: Any) -> list[x509.Certificate]:
    """The memory state RenewChargingStationCertificate; the chain that the station was sent."""
    station.answers("TriggerMessage", {"status": "Accepted"})
    station.answers("CertificateSigned", {"status": "Accepted"})
    operation = await rig.post(f"/stations/{station.id}/certificate/renew")
    asked = await station.expect("TriggerMessage")
    assert asked["requestedMessage"] == "SignChargingStationCertificate"
    request = csr(station.identity, ORGANISATION, key)
    answer = await station.call(
        "SignCertificate", {"csr": request, "certificateType": "ChargingStationCertificate"}
    )
    assert answer["status"] == "Accepted"  # A02.FR.11
    sent = await station.expect("CertificateSigned")
    assert sent["certificateType"] == "ChargingStationCertificate"
    chain = x509.load_pem_x509_certificates(sent["certificateChain"].encode())
    assert chain[0].public_key() == key.public_key()
    chain[0].verify_directly_issued_by(chain[1])
    (authority,) = [
        a
        for a in (await rig.get("/certificate-authorities"))["items"]
        if a["issuing"].strip() in sent["certificateChain"]
    ]
    chain[1].verify_directly_issued_by(x509.load_pem_x509_certificate(authority["root"].encode()))
    assert (await rig.ended(operation))["state"] == "done"
    return chain


class Signed:
    """A chain that the CSMS signed, with the station's key; like `pki.Issued`."""

    def __init__(self, chain: list[x509.Certificate], key: Any) -> None:
        from tests.support.pki import Issued

        self.leaf = chain[0]
        self.files = Issued(chain[0], key, tuple(chain[1:])).files


@BOTH
async def test_a_certificate_that_is_discarded_is_renewed_again(rig: Rig, version: str) -> None:
    """A02.FR.29, A03.FR.25; but not again and again."""
    await authority_at(rig)
    station = await rig.station(version)
    await renewed(rig, station, ec_key())
    told = {"type": "DiscardedRenewedClientCertificate", "timestamp": now()}
    assert await station.call("SecurityEventNotification", told) == {}
    asked = await station.expect("TriggerMessage")
    assert asked["requestedMessage"] == "SignChargingStationCertificate"
    again = await rig.get("/operations", station=station.id, kind="certificate")
    assert [o["state"] for o in again["items"]] == ["running", "done"]

    body = {
        "csr": csr(station.identity, ORGANISATION),
        "certificateType": "ChargingStationCertificate",
    }
    assert (await station.call("SignCertificate", body))["status"] == "Accepted"
    await station.expect("CertificateSigned")
    assert (await rig.ended(again["items"][0]))["state"] == "done"
    for _ in range(2):  # the second is the first one sent again
        later = {**told, "techInfo": "again"}
        assert await station.call("SecurityEventNotification", later) == {}
    operations = await rig.get("/operations", station=station.id, kind="certificate")
    assert len(operations["items"]) == 2
    assert len(station.asked("TriggerMessage")) == 2


@BOTH
@case("TC_A_14_CSMS")
async def test_a_certificate_that_the_station_rejects(rig: Rig, version: str) -> None:
    await authority_at(rig)
    station = await rig.station(version)
    station.answers("TriggerMessage", {"status": "Accepted"})
    station.answers("CertificateSigned", {"status": "Rejected"})
    operation = await rig.post(f"/stations/{station.id}/certificate/renew")
    asked = await station.expect("TriggerMessage")
    assert asked["requestedMessage"] == "SignChargingStationCertificate"
    body = {"csr": csr(station.identity), "certificateType": "ChargingStationCertificate"}
    assert (await station.call("SignCertificate", body))["status"] == "Accepted"
    await station.expect("CertificateSigned")
    told = {"type": "InvalidChargingStationCertificate", "timestamp": now()}
    assert await station.call("SecurityEventNotification", told) == {}  # A04.FR.03
    assert (await rig.ended(operation))["state"] == "failed"
    security = await rig.get(f"/stations/{station.id}/security")
    assert [c["state"] for c in security["certificates"]] == ["rejected"]
    events = await rig.get("/security-events", station=station.id, alarm=True)
    assert [e["kind"] for e in events["items"]] == ["InvalidChargingStationCertificate"]


@BOTH
@case("TC_A_19_CSMS")
async def test_a_station_is_moved_to_a_higher_security_profile(tls: TlsRig, version: str) -> None:
    rig = tls.rig
    station = await rig.station(version)  # profile 1
    station.answers("SetNetworkProfile", {"status": "Accepted"})
    station.answers("SetVariables", accepted)
    station.answers("Reset", {"status": "Accepted"})
    operation = await rig.post(
        f"/stations/{station.id}/security-profile", {"security_profile": 2, "slot": 2}
    )
    profile = await station.expect("SetNetworkProfile")
    assert profile["configurationSlot"] == 2
    data = profile["connectionData"]
    assert data["securityProfile"] == 2
    assert data["ocppCsmsUrl"].startswith("wss://")
    assert data["ocppTransport"] == "JSON"
    assert data["messageTimeout"] == 30
    assert data["ocppInterface"] == "Wired0"
    if version == "2.0.1":
        assert data["ocppVersion"] == "OCPP20"
    (priority,) = (await station.expect("SetVariables"))["setVariableData"]
    assert priority["component"]["name"] == "OCPPCommCtrlr"
    assert priority["variable"]["name"] == "NetworkConfigurationPriority"
    assert priority["attributeValue"].split(",")[0] == "2"
    assert await station.expect("Reset") == {"type": "OnIdle"}
    plain = station.url
    await station.close()
    station.url = tls.url
    await tls.arrive(station)
    await booted(station)
    assert (await rig.ended(operation))["state"] == "done"
    assert (await rig.get(f"/stations/{station.id}/security"))["security_profile"] == 2
    await station.close()
    assert await refused_plain(station, plain) == 403  # A05.FR.07, A00.FR.002


@BOTH
async def test_a_station_is_moved_step_by_step(tls: TlsRig, version: str) -> None:
    """A05.FR.07: a network profile, its place, a reset, each by itself; what was not asked for stays refused."""
    rig = tls.rig
    station = await rig.station(version)  # profile 1
    plain = station.url
    station.answers("SetNetworkProfile", [{"status": "Rejected"}, {"status": "Accepted"}])
    station.answers("SetVariables", accepted)
    station.answers("Reset", {"status": "Accepted"})
    path = f"/stations/{station.id}/network-profiles/2"
    body = {"url": tls.url, "security_profile": 2}
    assert not (await rig.put(path, body))["accepted"]
    station.url = tls.url
    assert await tls.refused(station) == 403, "the station did not take it"

    assert (await rig.put(path, body))["accepted"]
    order = await rig.put(f"/stations/{station.id}/network-priority", {"slots": [2, 1]})
    assert order["accepted"]
    await rig.post(f"/stations/{station.id}/reset", {"kind": "OnIdle"})
    await station.close()
    station.url = plain
    await station.connect()  # it falls back: not locked out
    await station.close()
    station.url = tls.url
    await tls.arrive(station)
    await booted(station)
    assert (await rig.get(f"/stations/{station.id}/security"))["security_profile"] == 2
    await station.close()
    assert await refused_plain(station, plain) == 403


async def authority_at(rig: Rig) -> None:
    """The built-in authority, made by whichever case comes first."""
    if not (await rig.get("/certificate-authorities"))["items"]:
        await rig.post("/certificate-authorities", {"organisation": ORGANISATION})


def accepted(request: dict[str, Any], status: str = "Accepted") -> dict[str, Any]:
    """A station's answer to SetVariables."""
    results = [
        {
            "attributeStatus": status,
            "component": one["component"],
            "variable": one["variable"],
        }
        for one in request["setVariableData"]
    ]
    return {"setVariableResult": results}


def rejected(request: dict[str, Any]) -> dict[str, Any]:
    """The same, refusing."""
    return accepted(request, "Rejected")
