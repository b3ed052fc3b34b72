"""Tariffs, displays and the grid in the console."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from releve.domain.battery import Battery
from releve.domain.der import ControlType, DerAlarm, DerControl, FreqDroop
from releve.domain.display_message import DisplayMessage, Priority, Text
from releve.domain.ids import DEFAULT_OPERATOR
from releve.domain.tariff import Component, Conditions, PriceElement, Scope, Tariff
from tests.support.console import Console

from .conftest import read

NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
MARKUP = "<b>x</b>"


@pytest.fixture
async def station(console: Console):
    return await console.connected("CP-1", vendor="Alfen", version="ocpp2.1")


@pytest.fixture
def path(station) -> str:
    return f"/stations/{station.station.id}"


async def kept(console: Console, station, *holdings) -> None:
    async with console.desk.services.store.work(DEFAULT_OPERATOR) as work:
        for holding in holdings:
            work.holdings.save(station.station.id, holding)


async def test_a_flat_rate_is_added_shown_and_removed(ada):
    assert "No tariff yet" in read(await ada.get("/tariffs"))
    form = {"name": "Day", "currency": "eur", "energy.0.price": "0,40", "everyone": "yes"}
    form |= {"tax.0.type": "vat", "tax.0.percent": "20"}
    answer = await ada.post("/tariffs/new", **form)
    assert answer.status_code == 303
    text = read(await ada.get("/tariffs"))
    assert "Day" in text
    assert "0.48 EUR/kWh" in text
    assert "Everyone" in text
    page = read(await ada.get("/tariffs/Day"))
    assert "0.40 EUR" in page
    assert "vat 20 %" in page
    assert (await ada.post("/tariffs/Day/remove")).status_code == 303
    assert "No tariff yet" in read(await ada.get("/tariffs"))


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"name": "Day", "currency": "EUR", "energy.0.price": "much"}, "This is not an amount."),
        ({"name": "Day", "currency": "Euro", "energy.0.price": "1"}, "three capital letters"),
        ({"name": "Day", "currency": "EUR"}, "needs a price"),
        ({"name": "", "currency": "EUR", "energy.0.price": "1"}, "This is needed."),
    ],
)
async def test_what_is_wrong_with_a_tariff_is_said(ada, form, said):
    answer = await ada.post("/tariffs/new", **form)
    assert answer.status_code == 422
    assert said in read(answer)


async def test_conditions_are_said_in_words(ada, console):
    night = Conditions(start_time_of_day="22:00", end_time_of_day="06:00", day_of_week=("Sunday",))
    prices = (
        PriceElement(price=Decimal("0.20"), conditions=night),
        PriceElement(price=Decimal("0.40")),
    )
    made = Tariff(
        name="Night", currency="EUR", energy=Component(prices=prices), scope=Scope(sites=("Lyon",))
    )
    await console.desk.services.tariffs.add(DEFAULT_OPERATOR, made)
    page = read(await ada.get("/tariffs/Night"))
    assert "Sunday, from 22:00 to 06:00" in page
    assert "Otherwise 0.40" in page
    assert "Site Lyon" in page


async def test_the_display_shows_what_the_station_has(olga, console, station, path):
    assert "No message of ours" in read(await olga.get(f"{path}/display"))
    normal = DisplayMessage(id=1, priority=Priority.NORMAL_CYCLE, text=Text(content="Welcome"))
    front = DisplayMessage(id=2, priority=Priority.ALWAYS_FRONT, text=Text(content=MARKUP))
    await kept(console, station, normal, front)
    page = await olga.get(f"{path}/display")
    text = read(page)
    assert MARKUP in text
    assert MARKUP not in page.text
    screen = page.text.split('class="screen"')[1].split("</div>")[0]
    assert "Welcome" not in screen  # the one that is always in front hides it
    assert "Welcome" in text


async def test_a_message_that_makes_no_sense_is_not_sent(olga, path):
    form = {"priority": "InFront", "format": "ASCII", "state": "", "content": "Grüße"}
    answer = await olga.post(f"{path}/display/show", **form)
    assert answer.status_code == 422
    assert "beyond ASCII" in read(answer)


async def test_the_grid_tab_shows_controls_alarms_and_batteries(olga, console, station, path):
    assert "No control is known" in read(await olga.get(f"{path}/grid"))
    droop = FreqDroop(
        over_freq=Decimal("0.2"),
        under_freq=Decimal("0.2"),
        over_droop=Decimal(5),
        under_droop=Decimal(5),
        response_time=Decimal(1),
        start_time=datetime.now(UTC) + timedelta(hours=1),
        duration=Decimal(600),
    )
    control = DerControl(
        control_id="C-1", type=ControlType.FREQ_DROOP, is_default=False, freq_droop=droop
    )
    alarm = DerAlarm(type=ControlType.VOLT_WATT, fault="OverVoltage", began_at=NOW)
    battery = Battery(serial="B-77", slot=3, soc=81.0, soh=97.0, since=NOW)
    await kept(console, station, control, alarm, battery)
    text = read(await olga.get(f"{path}/grid"))
    for word in ("C-1", "Scheduled", "Waits", "VoltWatt: OverVoltage", "B-77", "81 %"):
        assert word in text
