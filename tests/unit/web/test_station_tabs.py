"""A station's other tabs: messages, settings, anomalies; and that markup stays text on all of them."""

from __future__ import annotations

import json
import re

import pytest

from releve.domain.ids import DEFAULT_OPERATOR
from releve.domain.station import ConnectorStatus
from tests.support.console import Console

from .conftest import Person, read

MARKUP = "<script>alert(1)</script>"


@pytest.fixture
async def station(console: Console):
    inbound = await console.connected("CP-1", vendor="Alfen", model="NG9", firmware="4.1")
    await console.status(inbound, 1, ConnectorStatus.AVAILABLE)
    return inbound


@pytest.fixture
def path(station) -> str:
    return f"/stations/{station.station.id}"


async def test_the_message_log_shows_both_sides(olga, console, station, path):
    await console.exchanged(station, "BootNotification", request=f'{{"v": "{MARKUP}", "w": 7.10}}')
    await console.exchanged(station, "Reset", inbound=False, outcome="timeout", response="")
    page = await olga.get(f"{path}/messages")
    text = read(page)
    assert text.index("Reset") < text.index("BootNotification")
    assert "from the station" in text
    assert "to the station" in text
    assert '"w": 7.10' in text
    assert MARKUP in text
    assert MARKUP not in page.text


async def test_the_message_log_is_searched(olga, console, station, path):
    await console.exchanged(station, "BootNotification", request='{"model": "NG9"}')
    await console.exchanged(station, "Heartbeat", outcome="error", error="InternalError")
    for query, found in [
        ("action=Heartbeat", ["Heartbeat"]),
        ("outcome=error", ["Heartbeat"]),
        ("search=NG9", ["BootNotification"]),
        ("since=2020-01-01T00:00", ["Heartbeat", "BootNotification"]),
        ("until=2020-01-01T00:00", []),
    ]:
        part = await olga.part(f"{path}/messages?{query}")
        assert re.findall(r'exchange-action">(\w+)<', part.text) == found, query
    wrong = await olga.get(f"{path}/messages?since=yesterday")
    assert wrong.status_code == 200
    assert "This is not a date and time." in read(wrong)


async def test_the_message_log_can_be_taken_away(olga, console, station, path):
    for n in range(3):
        await console.exchanged(station, "Heartbeat", message_id=str(n))
    await console.exchanged(station, "BootNotification")
    answer = await olga.get(f"{path}/messages.jsonl?action=Heartbeat")
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert [line["message_id"] for line in lines] == ["2", "1", "0"]
    assert answer.headers["content-disposition"] == 'attachment; filename="CP-1.jsonl"'


async def test_settings_are_saved(ada, console, station, path):
    form = {"name": "North", "site": "Lyon", "heartbeat_s": "60"}
    answer = await ada.post(f"{path}/settings", **form)
    assert answer.status_code == 303
    page = await ada.get(answer.headers["location"])
    assert "Saved." in read(page)
    kept = await console.desk.catalogue.station(DEFAULT_OPERATOR, "CP-1")
    assert (kept.name, kept.site, kept.heartbeat_s) == ("North", "Lyon", 60)
    wrong = await ada.post(f"{path}/settings", **(form | {"heartbeat_s": "5"}))
    assert wrong.status_code == 422
    assert "10 to 86400" in read(wrong)


async def test_a_disabled_station_is_cut_off(ada, console, station, path):
    await ada.post(f"{path}/settings", disabled="yes")
    assert console.stations.connected() == 0
    assert "Disabled" in read(await ada.get(path))


async def test_a_new_password_is_shown_once(ada, console, path):
    answer = await ada.post(f"{path}/settings/password", kind="new")
    password = re.search(r'id="password"[^>]*value="(\w{20})"', answer.text).group(1)
    assert password not in (await ada.get(f"{path}/settings")).text
    assert (await console.store.locate(None, "CP-1")).credential
    await ada.post(f"{path}/settings/password", kind="none")
    assert (await console.store.locate(None, "CP-1")).credential is None


async def test_removing_wants_the_identity_typed(ada, path):
    wrong = await ada.post(f"{path}/settings/remove", typed="CP")
    assert wrong.status_code == 422
    assert "This is not the station's identity." in read(wrong)
    right = await ada.post(f"{path}/settings/remove", typed="CP-1")
    assert right.headers["location"] == "/stations"
    assert (await ada.get(path)).status_code == 404


async def test_its_anomalies_have_a_tab(ada, console, station, path):
    await console.odd(station, reported=MARKUP)
    page = await ada.get(f"{path}/anomalies")
    assert "The station's clock differs from ours" in read(page)
    assert MARKUP not in page.text


async def test_markup_from_a_station_is_shown_as_text(browser: Person, console):
    """Abuse case 12, on every page that shows what a station said."""
    inbound = await console.connected(
        "CP-1", vendor=MARKUP, model=MARKUP, serial=MARKUP, firmware=MARKUP
    )
    await console.status(
        inbound,
        1,
        ConnectorStatus.FAULTED,
        info=MARKUP,
        error=MARKUP,
        vendor_error=MARKUP,
        reported=MARKUP,
    )
    transaction = await console.charged(inbound, ended=True, token=MARKUP)
    await browser.sign_in("ada")
    here = f"/stations/{inbound.station.id}"
    for page in (
        "/",
        "/stations",
        here,
        "/transactions",
        f"/transactions/{transaction}",
        f"{here}/settings",
    ):
        answer = await browser.get(page)
        assert answer.status_code == 200, page
        assert MARKUP not in answer.text, page
    assert MARKUP in read(await browser.get(here))
