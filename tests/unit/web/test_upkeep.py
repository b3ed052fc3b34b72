"""Firmware, logs, monitors and events in the console."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from releve.domain.ids import DEFAULT_OPERATOR
from releve.domain.monitoring import Spot
from releve.services.images import About
from releve.services.monitors import ToldEvent
from tests.support.console import Console

from .conftest import read

MARKUP = "<script>alert(1)</script>"


async def one_image(console: Console, name: str = "fw-2.bin") -> str:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"firmware"

    images = console.desk.services.images
    about = About(version="2.0", vendor="Alfen")
    return (await images.upload(DEFAULT_OPERATOR, name, pieces(), about, by="ada")).id


@pytest.fixture
async def station(console: Console):
    return await console.connected("CP-1", vendor="Alfen", model="NG9", firmware="4.1")


def told(**more) -> ToldEvent:
    about = {
        "event": 1,
        "at": datetime.now(UTC),
        "trigger": "Alerting",
        "notification": "HardWiredMonitor",
        "severity": 2,
        "cause": None,
        "spot": Spot(component="ChargingStation", variable="Problem"),
        "value": "true",
        "cleared": False,
        "monitor": None,
        "tech_code": "E-7",
        "tech_info": MARKUP,
        "reference": "",
    }
    return ToldEvent(**{**about, **more})


async def test_the_tab_shows_firmware_logs_and_events(olga, console, station):
    await console.desk.services.station_events.told(station, [told()])
    page = await olga.get(f"/stations/{station.station.id}/upkeep")
    text = read(page)
    for shown in (
        "Firmware",
        "4.1",
        "No log was handed in yet",
        "ChargingStation / Problem",
        "E-7",
    ):
        assert shown in text
    assert "System failure" in text
    assert MARKUP not in page.text
    for part in ("firmware", "logs", "monitors", "events"):
        assert (await olga.part(f"/stations/{station.station.id}/upkeep?part={part}")).text


async def test_events_of_all_stations_are_searched(olga, console, station):
    spot = Spot(component="EVSE", evse=1, variable="Temperature")
    events = [told(), told(event=2, spot=spot, value="91", severity=6, tech_info="hot")]
    await console.desk.services.station_events.told(station, events)
    assert "EVSE 1 / Temperature" in read(await olga.get("/events"))
    found = read(await olga.part("/events?search=hot"))
    assert "Temperature" in found
    assert "Problem" not in found
    assert "Temperature" not in read(await olga.part("/events?severity=4"))
    assert "No event fits" in read(await olga.part("/events?search=nothing"))


async def test_images_are_listed_and_removed(ada, console):
    number = await one_image(console)
    text = read(await ada.get("/firmware"))
    assert "fw-2.bin" in text
    assert "Not signed" in text
    assert (await ada.get("/firmware/upload")).status_code == 200
    assert (await ada.post(f"/firmware/{number}/remove")).status_code == 200
    assert "No image yet" in read(await ada.get("/firmware"))


async def test_a_signing_key_is_made(ada, console):
    made = await ada.post("/firmware/keys", name="house", algorithm="ec-p256")
    assert "BEGIN CERTIFICATE" in made.text
    again = await ada.post("/firmware/keys", name="house", algorithm="ec-p256")
    assert again.status_code == 422
    assert "already" in read(again)


async def test_a_roll_out_begins_and_is_stopped(ada, console, station):
    number = await one_image(console)
    dialog = await ada.get(f"/firmware/{number}/rollout")
    assert "1 station could take it" in read(dialog)
    wrong = await ada.post(f"/firmware/{number}/rollout", stations="NOBODY")
    assert wrong.status_code == 422
    begun = await ada.post(f"/firmware/{number}/rollout", stations="cp-1", label="spring")
    assert begun.headers["hx-redirect"] == "/firmware"
    page = read(await ada.get("/firmware"))
    assert "spring Under way" in page
    assert "0 done · 1 under way · 0 waiting · 0 failed" in page
    assert "CP-1 Under way" in page


async def test_an_update_from_the_station_s_page(olga, console, station):
    path = f"/stations/{station.station.id}/upkeep"
    assert "There is no image for this station" in read(await olga.get(f"{path}/firmware"))
    number = await one_image(console)
    assert "fw-2.bin" in read(await olga.get(f"{path}/firmware"))
    wrong = await olga.post(f"{path}/firmware", image=number, retrieve_at="soon")
    assert wrong.status_code == 422
    begun = await olga.post(f"{path}/firmware", image=number)
    assert "Firmware update" in read(begun)


async def test_a_log_is_asked_for(olga, console, station):
    path = f"/stations/{station.station.id}/upkeep"
    assert "Security log" in read(await olga.get(f"{path}/log"))
    wrong = await olga.post(f"{path}/log", log="DiagnosticsLog", url="gopher://x")
    assert wrong.status_code == 422
    assert "Log Under way" in read(await olga.post(f"{path}/log", log="DiagnosticsLog"))


async def test_a_monitor_is_set(olga, console, station):
    path = f"/stations/{station.station.id}/upkeep/monitor"
    assert (await olga.get(path)).status_code == 200
    fields = {"component": "EVSE", "variable": "Power", "type": "Delta", "severity": "6"}
    assert (await olga.post(path, **fields, value="much")).status_code == 422
    assert (await olga.post(path, **fields, value="10")).status_code == 200


async def test_a_viewer_changes_nothing(vera, console, station):
    path = f"/stations/{station.station.id}/upkeep"
    assert "Update firmware" not in read(await vera.get(path))
    assert (await vera.post(f"{path}/log", log="DiagnosticsLog")).status_code == 403
    assert (await vera.get("/firmware/upload")).status_code == 403


async def test_an_image_elsewhere_is_named(ada, console):
    assert (await ada.get("/firmware/elsewhere")).status_code == 200
    for form, field in [({"url": ""}, "url"), ({"url": "gopher://x"}, "url")]:
        refused = await ada.post("/firmware/elsewhere", **form)
        assert refused.status_code == 422
        assert f'id="problem-{field}"' in refused.text
    half = {"url": "https://maker.example/fw-3.bin", "signature": "AAAA"}
    assert (await ada.post("/firmware/elsewhere", **half)).status_code == 422
    named = {"url": "https://maker.example/fw-3.bin", "version": "3.0", "vendor": "Alfen"}
    assert (await ada.post("/firmware/elsewhere", **named)).headers["hx-refresh"] == "true"
    text = read(await ada.get("/firmware"))
    assert "fw-3.bin 3.0" in text
    assert "https://maker.example/fw-3.bin" in text


async def test_an_image_is_signed_and_the_key_removed(ada, console):
    number = await one_image(console)
    await ada.post("/firmware/keys", name="house / one", algorithm="ec-p256")
    page = await ada.get("/firmware")
    assert "Signing keys" in read(page)
    assert "PRIVATE" not in page.text
    path = f"/firmware/{number}/sign"
    assert '<option value="house / one" selected>' in (await ada.get(path)).text
    nothing = await ada.post(path)
    assert nothing.status_code == 422
    assert 'id="problem-key"' in nothing.text
    assert (await ada.post(path, signature="AAAA", certificate="x")).status_code == 422
    assert (await ada.post(path, key="house / one")).status_code == 200
    images = console.desk.services.images
    assert (await images.get(DEFAULT_OPERATOR, number)).signed_by == "house / one"
    assert "Not signed" not in read(await ada.get("/firmware"))
    await ada.post("/firmware/keys/remove", name="house / one")
    assert await images.keys(DEFAULT_OPERATOR) == []
    assert "Signing keys" not in read(await ada.get("/firmware"))


async def test_operations_are_filtered_by_what_was_asked(olga, console, station):
    path = f"/stations/{station.station.id}/upkeep"
    await olga.post(f"{path}/log", log="DiagnosticsLog")
    assert "Log Under way" in read(await olga.get("/operations?kind=log"))
    assert "No operation fits" in read(await olga.get("/operations?kind=firmware-update"))
