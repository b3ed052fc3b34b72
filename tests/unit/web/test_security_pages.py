"""Security events, the station's Security tab, and the page of the certificate authority."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx
from msgspec.structs import replace

from releve.domain.commands import Outcome, Result, SetVariables
from releve.domain.ids import DEFAULT_OPERATOR
from releve.domain.provisioning import SetNetworkProfile
from releve.domain.security import CertificateState, StationCertificate
from releve.domain.trusted_authority import AuthorityUse
from tests.support.console import opened
from tests.support.pki import authority

from .conftest import ORIGIN, Person, read


async def told(console, inbound, kind="TamperDetectionActivated", info="<b>lid</b>"):
    """A station tells a security event."""
    events = console.desk.services.security.events
    return await events.told(inbound, kind, console.desk.clock.now(), info)


async def test_an_alarm_is_shown_escaped_and_acknowledged(ada, console):
    inbound = await console.connected("CP-1")
    event = await told(console, inbound)
    await told(console, inbound, "InvalidMessages", "")
    page = await ada.get("/security-events")
    assert "TamperDetectionActivated" in read(page)
    assert "&lt;b&gt;lid" in page.text
    assert "InvalidMessages" not in read(page), "only alarms, unless asked otherwise"
    assert "InvalidMessages" in read(await ada.part("/security-events?show=all"))
    assert "seen to" in read(await ada.part(f"/security-events/{event.id}/acknowledge"))
    done = await ada.post(f"/security-events/{event.id}/acknowledge", note="a mouse")
    assert done.headers["hx-refresh"] == "true"
    assert "No alarm is open" in read(await ada.part("/security-events"))
    assert "a mouse" in read(await ada.part("/security-events?show=critical"))


async def test_what_is_no_event_is_not_found(ada):
    assert (await ada.get("/security-events/x/acknowledge")).status_code == 404
    assert (await ada.post("/security-events/1/acknowledge")).status_code == 404


async def test_a_viewer_sees_and_changes_nothing(vera, console):
    inbound = await console.connected("CP-1")
    event = await told(console, inbound)
    here = f"/stations/{inbound.station.id}/security"
    assert "Security profile" in read(await vera.get(here))
    for path in (
        f"/security-events/{event.id}/acknowledge",
        f"{here}/password",
        f"{here}/profile",
        f"{here}/renew",
        "/certificates/authority",
    ):
        assert (await vera.post(path)).status_code == 403, path


async def test_the_tab_says_why_a_change_is_refused(ada, console):
    inbound = await console.connected("CP-1")
    here = f"/stations/{inbound.station.id}/security"
    refused = await ada.post(f"{here}/profile", profile="2", how="here")
    assert refused.status_code == 422
    assert "password" in read(refused)
    assert "profile is 0" in read(await ada.post(f"{here}/password"))
    assert "create it first" in read(await ada.post(f"{here}/renew"))
    long = await ada.post(f"{here}/certificate", certificate_name="x" * 65)
    assert "at most 64" in read(long)
    await ada.post(f"{here}/certificate", certificate_name="SN-1", accept_expired="yes")
    assert "that of SN-1" in read(await ada.get(here))


async def test_all_alarms_of_a_station_are_acknowledged(ada, console):
    inbound = await console.connected("CP-1")
    await told(console, inbound)
    await told(console, inbound, "MemoryExhaustion", "")
    here = f"/stations/{inbound.station.id}/security"
    assert "Acknowledge all" in read(await ada.get(here))
    await ada.post(f"{here}/acknowledge")
    assert await console.desk.catalogue.security_alarms(DEFAULT_OPERATOR) == 0


async def test_the_authority_is_made_and_its_keys_are_never_shown(ada):
    assert "There is none yet" in read(await ada.get("/certificates"))
    assert "needed" in read(await ada.post("/certificates/authority", organisation=""))
    made = await ada.post("/certificates/authority", organisation="Ville de Lyon")
    assert made.status_code == 303
    page = await ada.get("/certificates")
    assert "Ville de Lyon Root ECDSA" in read(page)
    assert "PRIVATE" not in page.text
    again = await ada.post("/certificates/authority", organisation="Other")
    assert "already" in read(again)


STATION = {"use-ChargingStationCertificate": "yes"}


async def test_authorities_lists_and_rules_are_changed(ada, console):
    ca = authority("Partner")
    wrong = await ada.post("/certificates/authorities", certificate="hello", **STATION)
    assert "no certificate in PEM form" in read(wrong)
    useless = await ada.post("/certificates/authorities", certificate=ca.anchor)
    assert "Say what this authority is believed for" in read(useless)
    given = {"certificate": ca.anchor, "label": "Partner SA"}
    await ada.post("/certificates/authorities", **given, **STATION)
    page = read(await ada.get("/certificates"))
    assert "Partner SA" in page
    await ada.post("/certificates/authorities", **given, **{"use-MORootCertificate": "yes"})
    (kept,) = await console.desk.services.authorities.all(DEFAULT_OPERATOR)
    assert kept.uses == ("ChargingStationCertificate", "MORootCertificate"), "one entry, two uses"
    assert "no revocation list" in read(await ada.post("/certificates/lists", list="hello"))
    rules = {"organisations": "One\nTwo", "certificate_days": "10", "renew_before_days": "20"}
    assert "longer" in read(await ada.post("/certificates/policy", **rules))
    await ada.post("/certificates/policy", **rules | {"renew_before_days": "5"})
    trust = await console.desk.services.security.trust.of(DEFAULT_OPERATOR)
    assert trust.policy.organisations == ("One", "Two")
    assert [c.subject for c in trust.anchors] == [ca.root.certificate.subject]
    await ada.post(f"/certificates/authorities/{kept.key}/remove")
    assert "Nobody is trusted yet" in read(await ada.get("/certificates"))
    assert (await console.desk.services.security.trust.of(DEFAULT_OPERATOR)).anchors == ()


async def test_a_viewer_sees_the_register_without_its_forms(vera, console):
    await console.desk.services.authorities.add(
        DEFAULT_OPERATOR, authority("P").anchor, [AuthorityUse.STATION]
    )
    page = await vera.get("/certificates")
    assert "Client certificates of stations" in read(page)
    for action in ("authorities", "v2g", "lists", "authority"):
        assert f'action="/certificates/{action}' not in page.text
        assert (await vera.post(f"/certificates/{action}")).status_code == 403


def beside(response, field: str) -> str:
    """What is said beside a field that was refused."""
    assert response.status_code == 422
    found = re.search(rf'id="problem-{field}" role="alert">([^<]+)<', response.text)
    assert found, response.text
    return found.group(1)


async def with_password(console, profile: int = 1, **about):
    inbound = await console.connected("CP-1", **about)
    await console.desk.services.stations.set_password(
        DEFAULT_OPERATOR, inbound.station.id, "old-password-of-16"
    )
    async with console.store.work(DEFAULT_OPERATOR) as work:
        row = await work.stations.get(inbound.station.id)
        work.stations.save_security(replace(row, security_profile=profile))
    inbound.live.station = replace(row, version=inbound.station.version, registered=True)
    return inbound, f"/stations/{inbound.station.id}/security"


async def test_a_password_is_given_by_hand_and_shown_once(ada, console):
    _, here = await with_password(console)
    assert "16 to 40" in beside(await ada.post(f"{here}/password", password="short"), "password")
    made = await ada.post(f"{here}/password", password="new-password-of-16")
    assert 'value="new-password-of-16"' in made.text
    assert "only this one counts now" in read(made)
    (command,) = [c for _, c in console.stations.asked if isinstance(c, SetVariables)]
    assert command.values[0][1] == "new-password-of-16"
    page = await ada.get(here)
    assert "new-password-of-16" not in page.text
    assert "New password Done" in read(page), "the operation stands beside the button"


async def test_a_password_whose_fate_is_unknown_can_be_forgotten(ada, console):
    inbound, here = await with_password(console)
    console.stations.answers["SetVariables"] = Outcome(result=Result.TIMEOUT)
    assert "not known" in read(await ada.post(f"{here}/password"))
    assert "Forget the new one" in read(await ada.get(here))
    await ada.post(f"{here}/forget")
    async with console.store.work(DEFAULT_OPERATOR) as work:
        assert (await work.stations.get(inbound.station.id)).credential_next is None
    assert "Forget the new one" not in read(await ada.get(here))
    assert "No change of the password is open." in read(await ada.post(f"{here}/forget"))


MOVE = {"profile": "2", "how": "station", "slot": "3", "interface": "Wired1", "reset": "yes"}


async def test_a_refused_change_of_profile_keeps_what_was_entered(ada, console):
    _, here = await with_password(console)
    wrong = await ada.post(f"{here}/profile", **MOVE | {"slot": "100"})
    assert beside(wrong, "slot")
    assert re.search(r'name="slot"[^>]*value="100"', wrong.text)
    assert '<option value="Wired1" selected>' in wrong.text
    assert "wss://" in beside(await ada.post(f"{here}/profile", **MOVE, url="ws://x"), "url")
    assert beside(await ada.post(f"{here}/profile", **MOVE | {"interface": "x"}), "interface")
    assert beside(await ada.post(f"{here}/profile", **MOVE | {"profile": "7"}), "profile")
    over_tls = await ada.post(f"{here}/profile", **MOVE)
    assert "RELEVE_STATION_TLS_PORT" in read(over_tls)


async def test_a_station_is_moved_by_way_of_a_network_profile(tmp_path):
    async with opened(tmp_path, station_tls_port=8443) as console:
        _, here = await with_password(console)
        transport = httpx.ASGITransport(console.app)
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
            ada = Person(client)
            await ada.sign_in("ada")
            moved = await ada.post(f"{here}/profile", **MOVE, url="wss://csms.example/ocpp")
            assert moved.headers["location"] == here
            (command,) = [c for _, c in console.stations.asked if isinstance(c, SetNetworkProfile)]
            assert (command.slot, command.profile.url) == (3, "wss://csms.example/ocpp")
            assert command.profile.interface == "Wired1"
            text = read(await ada.get(here))
            assert "moving to 2" in text
            assert "Change of security profile" in text


async def test_a_revoked_certificate_ends_the_connection_that_stands_by_it(ada, console):
    inbound, here = await with_password(console, profile=3)
    now = console.desk.clock.now()
    certificate = StationCertificate(
        operator=DEFAULT_OPERATOR,
        station=inbound.station.id,
        serial="01ab",
        issuer="30",
        issuer_name="Ville de Lyon CA",
        common_name="CP-1",
        state=CertificateState.ACTIVE,
        not_before=now,
        not_after=now + timedelta(days=1),
        pem="-",
        changed_at=now,
    )
    async with console.store.work(DEFAULT_OPERATOR) as work:
        work.station_certificates.save(certificate)
    assert "in use" in read(await ada.get(here))
    wrong = await ada.post(f"{here}/revoke", serial="ff")
    assert "no such certificate" in read(wrong)
    assert console.stations.connected() == 1
    await ada.post(f"{here}/revoke", serial="01ab")
    assert console.stations.connected() == 0
    assert "revoked" in read(await ada.get(here))
