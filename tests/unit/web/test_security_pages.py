"""Security events, the station's Security tab, and the page of the certificate authority."""

from __future__ import annotations

from releve.domain.ids import DEFAULT_OPERATOR
from tests.support.pki import authority

from .conftest import read


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
    assert "No security events" in read(await ada.part("/security-events"))
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


async def test_anchors_lists_and_rules_are_changed(ada, console):
    ca = authority("Partner")
    wrong = await ada.post("/certificates/anchors", certificate="hello")
    assert "no certificate in PEM form" in read(wrong)
    await ada.post("/certificates/anchors", certificate=ca.anchor, anchor_name="Partner SA")
    assert "Partner SA" in read(await ada.get("/certificates"))
    again = await ada.post("/certificates/anchors", certificate=ca.anchor)
    assert "trusted already" in read(again)
    assert "no revocation list" in read(await ada.post("/certificates/lists", list="hello"))
    rules = {"organisations": "One\nTwo", "certificate_days": "10", "renew_before_days": "20"}
    assert "longer" in read(await ada.post("/certificates/policy", **rules))
    await ada.post("/certificates/policy", **rules | {"renew_before_days": "5"})
    trust = await console.desk.services.security.trust.of(DEFAULT_OPERATOR)
    assert trust.policy.organisations == ("One", "Two")
    (anchor,) = await console.desk.services.security.trust_desk.anchors(DEFAULT_OPERATOR)
    await ada.post(f"/certificates/anchors/{anchor.fingerprint}/remove")
    assert "Nobody is trusted yet" in read(await ada.get("/certificates"))
