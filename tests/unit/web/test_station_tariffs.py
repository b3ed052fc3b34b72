"""Tariffs at stations and of running transactions in the console; payments that are given up."""

from __future__ import annotations

from decimal import Decimal

import pytest
from msgspec.structs import replace

from releve.domain.commands import VariableName
from releve.domain.ids import DEFAULT_OPERATOR
from releve.domain.installed_tariff import InstalledTariff, ToldTariff
from releve.domain.tariff import (
    Component,
    Conditions,
    PriceElement,
    Scope,
    Tariff,
    flat,
)
from releve.domain.tariff_commands import (
    ChangeTransactionTariff,
    ClearTariffs,
    CostUpdated,
    GetTariffs,
    SetDefaultTariff,
)
from releve.services.payments import Wish
from releve.services.ports import Variable
from tests.support.console import ACCEPTED, Console

from .conftest import read

DAY = flat("Day", "EUR", kwh=Decimal("0.4"))
OTHER = flat("Other", "EUR", kwh=Decimal("0.3"), scope=Scope())
SWISS = flat("Swiss", "CHF", kwh=Decimal("0.3"), scope=Scope())
NIGHT = PriceElement(price=Decimal("0.2"), conditions=Conditions(start_time_of_day="22:00"))
STEPS = Tariff(name="Steps", currency="EUR", energy=Component(prices=(NIGHT,)), scope=Scope())


@pytest.fixture
async def station(console: Console):
    for tariff in (DAY, OTHER, SWISS, STEPS):
        await console.desk.services.tariffs.add(DEFAULT_OPERATOR, tariff)
    return await console.connected("CP-1", version="ocpp2.1")


@pytest.fixture
def path(station) -> str:
    return f"/stations/{station.station.id}"


def asked(console: Console, kind):
    return [command for _, command in console.stations.asked if isinstance(command, kind)]


async def test_a_default_tariff_is_installed_and_removed(olga, console, station, path):
    assert "Day (EUR)" in read(await olga.get(f"{path}/tariffs/default"))
    answer = await olga.post(f"{path}/tariffs/default", tariff="Day", evse="0")
    assert "The station accepted" in read(answer)
    assert asked(console, SetDefaultTariff) == [SetDefaultTariff(tariff=DAY, evse=0)]
    assert DAY.tariff_id in read(await olga.get(f"{path}/display"))
    assert DAY.tariff_id in read(await olga.get(f"{path}/tariffs/clear?tariff={DAY.tariff_id}"))
    console.stations.answers["ClearTariffs"] = replace(ACCEPTED, told=(DAY.tariff_id,))
    await olga.post(f"{path}/tariffs/clear", tariff=DAY.tariff_id)
    assert asked(console, ClearTariffs) == [ClearTariffs(tariff_ids=(DAY.tariff_id,))]
    assert DAY.tariff_id not in read(await olga.get(f"{path}/display"))
    gone = await olga.post(f"{path}/tariffs/clear", tariff=DAY.tariff_id)
    assert gone.status_code == 404
    await olga.post(f"{path}/tariffs/clear")
    assert asked(console, ClearTariffs)[-1] == ClearTariffs(tariff_ids=())


async def test_what_the_station_cannot_take_is_said_at_the_field(olga, console, station, path):
    name = VariableName(
        component="TariffCostCtrlr", variable="ConditionsSupported", instance="Tariff"
    )
    now = console.desk.clock.now()
    known = [Variable(name=name, value="false", mutability="ReadOnly", reported_at=now)]
    async with console.store.work(DEFAULT_OPERATOR) as work:
        work.variables.save(station.station.id, known)
    answer = await olga.post(f"{path}/tariffs/default", tariff="Steps", evse="0")
    assert answer.status_code == 422
    assert 'id="problem-tariff"' in answer.text
    assert "the station supports none" in read(answer)
    await olga.post(f"{path}/tariffs/default", tariff="Steps", evse="0", unchecked="yes")
    assert len(asked(console, SetDefaultTariff)) == 1
    assert (await olga.post(f"{path}/tariffs/default", tariff="")).status_code == 422


async def test_the_station_is_asked_for_its_tariffs(olga, console, station, path):
    told = replace(ACCEPTED, told=(ToldTariff(tariff_id="X-1", evses=(0,)),))
    console.stations.answers["GetTariffs"] = told
    await olga.post(f"{path}/tariffs/read")
    assert asked(console, GetTariffs) == [GetTariffs(evse=0)]
    assert "X-1" in read(await olga.get(f"{path}/display"))


async def test_a_running_transaction_gets_another_tariff(olga, console, station):
    number = await console.charged(station, ended=False)
    page = read(await olga.get(f"/transactions/{number}"))
    assert "Change the tariff" in page
    swiss = await olga.post(f"/transactions/{number}/tariff", tariff="Swiss")
    assert swiss.status_code == 422
    assert "cannot change its currency" in read(swiss)
    answer = await olga.post(f"/transactions/{number}/tariff", tariff="Other")
    assert "The station accepted" in read(answer)
    (sent,) = asked(console, ChangeTransactionTariff)
    assert sent.tariff == OTHER
    shown = await olga.post(f"/transactions/{number}/cost")
    assert shown.status_code == 200
    assert len(asked(console, CostUpdated)) == 1
    ended = await console.charged(station, token="BOB")
    assert "Change the tariff" not in read(await olga.get(f"/transactions/{ended}"))


async def test_an_older_station_is_not_offered_tariffs(olga, console):
    old = await console.connected("CP-2", version="ocpp2.0.1")
    assert "Install" not in read(await olga.get(f"/stations/{old.station.id}/display"))


async def test_a_payment_is_given_up(olga, console, station):
    payment = await console.desk.services.payments.open(
        DEFAULT_OPERATOR, station.station.id, 1, Decimal(20), "EUR", Wish()
    )
    assert "Give up" in read(await olga.get("/settlements/payments"))
    answer = await olga.post(f"/settlements/payments/{payment.id}/cancel")
    assert answer.status_code == 303
    page = read(await olga.get("/settlements/payments"))
    assert "Cancelled" in page
    assert "Give up" not in page
    again = await olga.post(f"/settlements/payments/{payment.id}/cancel")
    assert again.status_code == 409
    assert (await olga.post("/settlements/payments/9/cancel")).status_code == 404


async def test_a_viewer_installs_nothing(vera, console, station, path):
    holding = InstalledTariff(
        tariff_id=DAY.tariff_id, evses=(0,), confirmed_at=console.desk.clock.now()
    )
    async with console.store.work(DEFAULT_OPERATOR) as work:
        work.holdings.save(station.station.id, holding)
    page = await vera.get(f"{path}/display")
    assert DAY.tariff_id in page.text
    assert "/tariffs/clear" not in page.text
    assert (await vera.get(f"{path}/tariffs/default")).status_code == 403
    assert (await vera.post(f"{path}/tariffs/clear")).status_code == 403
