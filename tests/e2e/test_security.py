"""Who may come in, and what happens when something is not right: profiles, certificates, passwords."""

from __future__ import annotations

import asyncio
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from releve.services.certificates.authority import make_crl
from tests.conftest import absent
from tests.contract.certification.test_a_security import accepted, booted, rejected
from tests.support.pki import NOW, ORGANISATION, authority, csr, ec_key
from tests.support.tls_rig import TlsRig, free_port, refused_plain, tls_rig


async def test_abuse_21_each_lower_profile_is_refused_at_the_handshake(tls: TlsRig) -> None:
    """A00.FR.001, A00.FR.002, A05.FR.07: from every profile to each one below."""
    plain, ca = tls.rig.url, await tls.trusted()
    one = await tls.station(security_profile=1)
    two = await tls.station(security_profile=2)
    three = await tls.station(password=None, security_profile=3)
    await tls.rig.post(f"/stations/{three.id}/password", {"password": "a-password-of-twenty"})
    three.password = "a-password-of-twenty"

    assert (
        await refused_plain(one, plain, additional_headers={"Authorization": "Basic eA=="}) == 401
    )
    assert await refused_plain(two, plain) == 403  # 1 instead of 2
    two.password = None
    assert await tls.refused(two) == 401  # nothing at all instead of 2
    assert await refused_plain(two, plain) == 401
    assert await refused_plain(three, plain) == 403  # 1 instead of 3
    assert await tls.refused(three) == 403  # 2 instead of 3
    three.password = None
    assert await tls.refused(three) == 403  # 0 instead of 3
    await tls.arrive(three, ca.issue(three.identity))
    await booted(three)
    told = await tls.rig.get("/security-events", station=three.id, alarm=True)
    assert "SecurityProfileTooLow" in {e["kind"] for e in told["items"]}


async def test_a_higher_profile_that_nobody_asked_for_is_refused_once_it_has_booted(
    tls: TlsRig,
) -> None:
    """A00.FR.002; before its first boot the station itself settles with which profile it was set up."""
    new = await tls.station(security_profile=1)
    await tls.arrive(new)
    await booted(new)
    security = await tls.rig.get(f"/stations/{new.id}/security")
    assert security["security_profile"] == 2
    known = await tls.rig.station()
    known.url = tls.url
    await known.close()
    assert await tls.refused(known) == 403
    await tls.rig.patch(f"/stations/{known.id}/security", {"security_profile": 2})
    await tls.arrive(known)
    await booted(known)


async def test_a_profile_is_lowered_by_the_operator_only_on_purpose(tls: TlsRig) -> None:
    station = await tls.station(security_profile=2)
    path = f"/stations/{station.id}/security"
    await tls.rig.patch(path, {"security_profile": 1}, status=409)
    await tls.rig.patch(path, {"security_profile": 9, "lower": True}, status=422)
    changed = await tls.rig.patch(path, {"security_profile": 1, "lower": True})
    assert changed["security_profile"] == 1


@pytest.mark.parametrize("version", ["1.6", "2.1"])
async def test_over_ocpp_only_three_to_two_may_be_lowered_and_only_if_the_station_says_so(
    tls: TlsRig, version: str
) -> None:
    """A05.FR.08: AllowSecurityProfileDowngrade, which 1.6 does not have."""
    rig, ca = tls.rig, await tls.trusted()
    station = await tls.station(version, security_profile=3)
    issued = ca.issue(station.identity)
    password, station.password = station.password, None
    await tls.arrive(station, issued)
    await booted(station)
    path = f"/stations/{station.id}/security-profile"
    await rig.post(path, {"security_profile": 2}, status=409)
    if version == "1.6":
        return
    about = {
        "component": {"name": "SecurityCtrlr"},
        "variable": {"name": "AllowSecurityProfileDowngrade"},
    }
    got = {**about, "attributeStatus": "Accepted", "attributeValue": "true"}
    station.answers("GetVariables", {"getVariableResult": [got]})
    name = {"component": "SecurityCtrlr", "variable": "AllowSecurityProfileDowngrade"}
    await rig.post(f"/stations/{station.id}/variables/read", {"names": [name]})
    await rig.post(path, {"security_profile": 1}, status=409)
    station.answers("SetNetworkProfile", {"status": "Accepted"})
    station.answers("SetVariables", accepted)
    station.answers("Reset", {"status": "Accepted"})
    operation = await rig.post(path, {"security_profile": 2})
    await station.expect("Reset")
    await station.close()
    station.password = password
    await tls.arrive(station)
    assert (await rig.ended(operation))["state"] == "done"
    await station.close()
    station.password = None
    assert await tls.refused(station, issued) == 401


async def test_a_station_that_cannot_move_up_keeps_its_profile(tls: TlsRig) -> None:
    rig = tls.rig
    station = await rig.station()
    path = f"/stations/{station.id}/security-profile"
    await rig.post(path, {"security_profile": 3}, status=409)  # no certificate yet
    station.answers("SetNetworkProfile", {"status": "Rejected"})
    assert (await rig.post(path, {"security_profile": 2}))["state"] == "failed"
    station.answers("SetNetworkProfile", {"status": "Accepted"})
    station.answers("SetVariables", rejected)  # A05.FR.02: no root certificate installed
    operation = await rig.ended(await rig.post(path, {"security_profile": 2}))
    assert operation["state"] == "failed"
    security = await rig.get(f"/stations/{station.id}/security")
    assert (security["security_profile"], security["next_profile"]) == (1, None)
    await station.reconnect()


async def test_while_a_profile_is_raised_both_are_accepted(tls: TlsRig) -> None:
    rig = tls.rig
    station = await rig.station()
    plain = station.url
    station.answers("SetNetworkProfile", {"status": "Accepted"})
    station.answers("SetVariables", accepted)
    station.answers("Reset", {"status": "Accepted"})
    await rig.post(f"/stations/{station.id}/security-profile", {"security_profile": 2})
    await station.expect("Reset")
    await station.reconnect()  # it could not reach the new address: it falls back
    await station.close()
    station.url = tls.url
    await tls.arrive(station)
    await booted(station)
    await station.close()
    station.url = plain
    assert await refused_plain(station, plain) == 403


async def test_abuse_2_another_stations_certificate_is_refused(tls: TlsRig) -> None:
    """CN and O exactly: no part of it, no other case, nobody else's."""
    ca = await tls.trusted()
    victim = await tls.station(password=None, security_profile=3, identity="CS-VICTIM")
    thief = await tls.station(password=None, security_profile=3, identity="CS-VICTIM-2")
    await tls.arrive(thief, ca.issue(thief.identity))
    for name in (thief.identity, "cs-victim", "CS-VICTIM ", "XCS-VICTIM"):
        assert await tls.refused(victim, ca.issue(name)) == 403
    await tls.arrive(victim, ca.issue(victim.identity))  # forgiven: what follows is not slowed down
    await booted(victim)
    await victim.close()
    for owner in ("Another", "test operator", f"{ORGANISATION} Ltd", None):
        assert await tls.refused(victim, ca.issue(victim.identity, owner)) == 403
    await tls.arrive(victim, ca.issue(victim.identity))


async def test_the_first_certificate_settles_which_name_counts(tls: TlsRig) -> None:
    """A00.FR.405: serial number or identity until one of them has come; then that one alone."""
    ca = await tls.trusted()
    station = await tls.station(security_profile=2)
    await tls.arrive(station)
    await station.boot(serialNumber="SN-77")
    await station.close()
    await tls.rig.patch(f"/stations/{station.id}/security", {"security_profile": 3})
    station.password = None
    await tls.arrive(station, ca.issue("SN-77"))
    await booted(station)
    await station.close()
    security = await tls.rig.get(f"/stations/{station.id}/security")
    assert security["certificate_names"] == ["SN-77"]
    assert await tls.refused(station, ca.issue(station.identity)) == 403


async def test_abuse_22_a_revoked_certificate_is_refused_without_a_restart(tls: TlsRig) -> None:
    rig = tls.rig
    await rig.post("/certificate-authorities", {"organisation": ORGANISATION})
    station = await tls.station(security_profile=2)
    await tls.arrive(station)
    await booted(station)
    key = ec_key()
    from tests.contract.certification.test_a_security import Signed, renewed

    chain = await renewed(rig, station, key)
    await station.close()
    await rig.patch(f"/stations/{station.id}/security", {"security_profile": 3})
    station.password = None
    await tls.arrive(station, Signed(chain, key))
    serial = f"{chain[0].serial_number:x}"
    revoked = await rig.post(f"/stations/{station.id}/certificates/{serial}/revoke")
    assert revoked["state"] == "revoked"
    await station.closed()
    await station.close()
    assert await tls.refused(station, Signed(chain, key)) == 403
    crl = await rig.get("/certificate-authorities/ecdsa/crl")
    assert b"X509 CRL" in (crl if isinstance(crl, bytes) else crl.encode())


async def test_abuse_22_anchors_and_lists_change_at_run_time(tls: TlsRig) -> None:
    rig, ca = tls.rig, authority("Other")
    station = await tls.station(password=None, security_profile=3)
    issued = ca.issue(station.identity)
    assert await tls.refused(station, issued) in (0, 403), "nobody is trusted yet"
    anchor = await tls.trust(ca)
    await tls.arrive(station, issued)
    await station.close()
    crl = make_crl(ca.issuing, [(issued.leaf.serial_number, NOW)], 1, NOW)
    body = {"list": crl.public_bytes(Encoding.PEM).decode()}
    await rig.post("/revocation-lists", body, status=422)  # not signed by an anchor
    root_list = make_crl(ca.root, [(ca.issuing.certificate.serial_number, NOW)], 1, NOW)
    listed = await rig.post(
        "/revocation-lists", {"list": root_list.public_bytes(Encoding.PEM).decode()}
    )
    assert listed["revoked"] == 1
    assert await tls.refused(station, issued) == 403, "the authority between is revoked"
    await rig.delete(f"/revocation-lists/{listed['id']}")
    await tls.arrive(station, issued)
    await station.close()
    await rig.delete(f"/trusted-authorities/{anchor}")
    assert await tls.refused(station, issued) == 403


async def test_a_stations_certificate_is_asked_on_a_port_of_its_own(
    own_rig: Any, tmp_path: Path
) -> None:
    """A00.FR.006: there TLS itself refuses who has none; the other port asks nobody."""
    async with tls_rig(own_rig, tmp_path, station_certificate_port=free_port()) as tls:
        ca = await tls.trusted()
        station = await tls.station(password=None, security_profile=3)
        issued = ca.issue(station.identity)
        assert await tls.refused(station, issued) == 403, "the port for passwords asks for none"
        port = tls.rig.running.node.doors[2].port
        station.url = f"wss://localhost:{port}/ocpp"
        assert await tls.refused(station) == 0
        await tls.arrive(station, issued)
        await booted(station)


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
async def test_an_expired_certificate_lets_in_only_to_be_renewed(tls: TlsRig, version: str) -> None:
    """A00.FR.429, A00.FR.806, A00.FR.807: only where the operator says so; Pending, and the renewal at once."""
    rig = tls.rig
    await rig.post("/certificate-authorities", {"organisation": ORGANISATION})
    ca = await tls.trusted()
    station = await tls.station(version, password=None, security_profile=3)
    expired = ca.issue(station.identity, at=NOW - timedelta(days=100), days=90)
    assert await tls.refused(station, expired) == 403
    await rig.patch(f"/stations/{station.id}/security", {"accept_expired": True})
    trigger = "ExtendedTriggerMessage" if version == "1.6" else "TriggerMessage"
    station.answers(trigger, {"status": "Accepted"})
    station.answers("CertificateSigned", {"status": "Accepted"})
    await tls.arrive(station, expired)
    assert (await station.boot())["status"] == "Pending"
    await station.expect(trigger)
    key = ec_key()
    body = {"csr": csr(station.identity, ORGANISATION, key)}
    assert (await station.call("SignCertificate", body))["status"] == "Accepted"
    sent = await station.expect("CertificateSigned")
    from cryptography import x509

    from tests.contract.certification.test_a_security import Signed

    chain = x509.load_pem_x509_certificates(sent["certificateChain"].encode())
    await station.close()
    await tls.arrive(station, Signed(chain, key))
    await booted(station)


async def test_tls_is_checked_by_sslscan(tls: TlsRig) -> None:
    """A00.FR.318, A00.FR.320, A00.FR.423 by somebody else's eyes."""
    program = shutil.which("sslscan") or absent("no sslscan on the PATH")
    process = await asyncio.create_subprocess_exec(
        program,
        "--no-colour",
        "--no-heartbleed",
        f"127.0.0.1:{tls.door.port}",
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await asyncio.wait_for(process.communicate(), 100)
    lines = [" ".join(line.split()) for line in out.decode().splitlines()]
    for old in ("SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1"):
        assert f"{old} disabled" in lines, lines
    assert "TLSv1.2 enabled" in lines
    assert "Session renegotiation not supported" in lines, lines
    assert not any(line.startswith("Compression enabled") for line in lines), lines
    offered = [line for line in lines if line.startswith(("Preferred", "Accepted"))]
    for suite in (
        "ECDHE-ECDSA-AES128-GCM-SHA256",
        "ECDHE-ECDSA-AES256-GCM-SHA384",
        "AES128-GCM-SHA256",
        "AES256-GCM-SHA384",
    ):
        assert any(suite in line.split() for line in offered), (suite, offered)
    weak = ("RC4", "3DES", "NULL", "EXP-", "MD5", "-SHA ", "CBC", "anon")
    assert not [line for line in offered if any(mark in line for mark in weak)], offered
