"""The list of stations, registering one, and the overview."""

from __future__ import annotations

import re

from releve.domain.ids import DEFAULT_OPERATOR
from releve.domain.station import ChargingState, ConnectorStatus

from .conftest import read


async def test_an_empty_house_says_what_to_do(ada):
    assert "No station yet" in read(await ada.get("/stations"))
    page = await ada.get("/")
    assert "No station yet" in read(page)
    assert 'href="/stations/new"' in page.text


async def test_the_list_tells_the_truth_about_connections(ada, console):
    online = await console.connected("CP-1", name="North gate")
    await console.status(online, 1, ConnectorStatus.OCCUPIED, ChargingState.CHARGING)
    offline = await console.connected("CP-2")
    await console.status(offline, 1, ConnectorStatus.AVAILABLE)
    await console.gone(offline)
    await console.desk.services.stations.add(DEFAULT_OPERATOR, "CP-3")

    page = await ada.get("/stations")
    rows = re.findall(r'<tr id="station-\d+".*?</tr>', page.text, re.S)
    assert len(rows) == 3
    first, second, third = rows
    assert "Online" in first
    assert "Charging" in first
    assert "chip-stale" not in first
    assert "Offline" in second
    assert "last known" in second
    assert "chip-stale" in second
    assert "Never connected" in third


async def test_after_a_restart_states_are_unknown_since_then(ada, console):
    inbound = await console.connected("CP-1")
    await console.status(inbound, 1, ConnectorStatus.AVAILABLE)
    await console.store.everyone_unknown(console.desk.clock.now())
    text = read(await ada.get("/stations"))
    assert "Unknown since restart" in text
    assert "last known" in text
    page = read(await ada.get(f"/stations/{inbound.station.id}"))
    assert "What is shown is the last that was known" in page


async def test_search_and_filters_narrow_the_list(ada, console):
    one = await console.connected("CP-1", vendor="Alfen")
    await console.status(one, 1, ConnectorStatus.FAULTED)
    two = await console.connected("CP-2", vendor="ABB")
    await console.gone(two)
    for query, found in [
        ("search=alf", ["CP-1"]),
        ("search=zzz", []),
        ("connectivity=offline", ["CP-2"]),
        ("status=Faulted", ["CP-1"]),
        ("search=&connectivity=&status=", ["CP-1", "CP-2"]),
        ("after=not-a-cursor", ["CP-1", "CP-2"]),
    ]:
        part = await ada.part(f"/stations?{query}")
        assert "<html" not in part.text
        assert re.findall(r'href="/stations/\d+">(CP-\d)</a>', part.text) == found, query
    assert "No station fits" in read(await ada.part("/stations?search=zzz"))


async def test_a_long_list_has_pages(ada, console):
    for n in range(30):
        await console.desk.services.stations.add(DEFAULT_OPERATOR, f"CP-{n:02d}")
    first = await ada.get("/stations")
    assert len(re.findall('<tr id="station-', first.text)) == 25
    following = re.search(r'href="(/stations\?after=[^"]+)"', first.text)
    assert following
    second = await ada.get(following.group(1))
    assert len(re.findall('<tr id="station-', second.text)) == 5
    assert "First page" in read(second)


async def test_registering_shows_address_and_password_once(ada, console):
    answer = await ada.post("/stations/new", identity="CP/1 é", name="North gate", secured="yes")
    assert answer.status_code == 201
    password = re.search(r'id="password"[^>]*value="(\w+)"', answer.text)
    assert password
    assert f'value="{console.desk.settings.stations_at}/CP%2F1%20%C3%A9"' in answer.text

    found = await console.store.locate(None, "CP/1 é")
    assert found.credential
    assert found.security_profile == 1
    page = await ada.get(f"/stations/{found.id}/settings")
    assert password.group(1) not in page.text


async def test_registering_without_password_is_possible(ada, console):
    answer = await ada.post("/stations/new", identity="CP-1")
    assert answer.status_code == 201
    assert 'id="password"' not in answer.text
    assert (await console.store.locate(None, "CP-1")).credential is None


async def test_a_wrong_registration_says_what_is_wrong_where(ada, console):
    await console.desk.services.stations.add(DEFAULT_OPERATOR, "CP-1")
    for identity, words in [
        ("", "This is needed."),
        ("CP-1", "There is a station with the identity CP-1 already."),
        ("..", "looks like a path"),
        ("x" * 300, "longer than 255 characters"),
    ]:
        answer = await ada.post("/stations/new", identity=identity, name="Kept name")
        assert answer.status_code == 422
        assert words in read(answer)
        assert 'id="problem-identity"' in answer.text
        assert 'value="Kept name"' in answer.text


async def test_the_overview_counts(ada, console):
    inbound = await console.connected("CP-1")
    await console.status(inbound, 1, ConnectorStatus.FAULTED)
    await console.charged(inbound, ended=False)
    await console.odd(inbound)
    text = read(await ada.get("/"))
    assert re.search(r"Online 1 / 1", text)
    assert re.search(r"Charging now 1 11.0 kW", text)
    assert "Faulted stations 1" in text
    assert "Clock skew" in text
    for part in ("summary", "active", "anomalies"):
        answer = await ada.part(f"/overview/{part}")
        assert answer.status_code == 200
        assert "<html" not in answer.text
    assert "CP-1" in (await ada.part("/overview/active")).text


async def test_the_navigation_knows_what_waits(ada, console):
    await console.connected("CP-9", quarantined=True)
    part = await ada.part("/navigation?at=/stations")
    assert re.search(r"Inbox\s+1", read(part))
    assert re.search(r'href="/stations" aria-current="page"', part.text)


async def test_the_operators_stations_are_theirs_alone(ada):
    answer = await ada.get("/stations/123456789")
    assert answer.status_code == 404
    assert "There is no such station." in read(answer)
    assert (await ada.get("/stations/no-number")).status_code == 404


async def test_a_station_of_another_operator_cannot_be_seen(ada, console):
    await console.store.add_operator(2, "other")
    foreign = await console.desk.services.stations.add(2, "FOREIGN")
    assert (await ada.get(f"/stations/{foreign.id}")).status_code == 404
    assert (await ada.post(f"/stations/{foreign.id}/commands/reset")).status_code == 404
    assert "FOREIGN" not in (await ada.get("/stations")).text


async def test_the_french_pages_speak_french(browser, console):
    await console.connected("CP-1")
    page = await browser.get("/sign-in", **{"Accept-Language": "fr-CH, en;q=0.5"})
    assert "Se connecter" in read(page)
    await browser.sign_in("ada")
    chosen = await browser.post("/language", language="fr", back="/stations?search=x")
    assert chosen.headers["location"] == "/stations?search=x"
    browser.client.cookies.delete("releve-language")  # the person's own choice is in the store
    page = await browser.get("/stations")
    assert '<html lang="fr">' in page.text
    assert "En ligne depuis" in read(page)
