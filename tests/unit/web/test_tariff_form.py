"""The form of a tariff: what it means, what is wrong with it, and how its rows come and go."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from releve.domain.ids import DEFAULT_OPERATOR
from releve.domain.tariff import (
    Bound,
    Component,
    ComponentKind,
    Conditions,
    PriceElement,
    Scope,
    Tariff,
    TariffText,
    TaxRate,
)
from releve.domain.tariff_check import problem
from releve.services.errors import Invalid
from releve.web.forms import Form
from releve.web.i18n import translations
from releve.web.present import Present
from releve.web.tariff_form import changed, filled, one_tax, tariff_of
from releve.web.tariff_words import TariffWords

from .conftest import read

FMT = Present("en", "Europe/Paris", datetime(2027, 3, 1, 12, 0, tzinfo=UTC))
NIGHT = Conditions(
    start_time_of_day="22:00",
    end_time_of_day="06:00",
    day_of_week=("Monday", "Tuesday", "Wednesday", "Sunday"),
    valid_from_date="2027-01-01",
    valid_to_date="2027-04-01",
    evse_kind="AC",
    min_energy=Decimal(1500),
    max_energy=Decimal(10000),
    max_power=Decimal(11000),
    min_current=Decimal(16),
)
FULL = Tariff(
    name="Full",
    currency="CHF",
    description=(TariffText(content="Nuit", language="fr", format="HTML"),),
    energy=Component(
        prices=(
            PriceElement(price=Decimal("0.20"), conditions=NIGHT),
            PriceElement(price=Decimal("0.4")),
        ),
        tax_rates=(
            TaxRate(type="vat", tax=Decimal("7.7")),
            TaxRate(type="city", tax=Decimal(1), stack=1),
        ),
    ),
    idle_time=Component(
        prices=(
            PriceElement(
                price=Decimal("0.1"),
                conditions=Conditions(min_idle_time=900, max_time=7200, min_charging_time=90),
            ),
        ),
        tax_rates=(
            TaxRate(type="vat", tax=Decimal("7.7")),
            TaxRate(type="city", tax=Decimal(1), stack=1),
        ),
    ),
    fixed_fee=Component(
        prices=(
            PriceElement(price=Decimal(1), conditions=Conditions(payment_brand="VISA")),
            PriceElement(price=Decimal(2)),
        ),
        tax_rates=(
            TaxRate(type="vat", tax=Decimal("7.7")),
            TaxRate(type="city", tax=Decimal(1), stack=1),
        ),
    ),
    min_cost=Bound(excl_tax=Decimal("0.50")),
    max_cost=Bound(incl_tax=Decimal(50)),
    valid_from=datetime(2027, 1, 1, 0, 0, tzinfo=UTC),
    time_zone="Europe/Zurich",
    scope=Scope(tokens=("ADA", "BOB"), sites=("Lyon",)),
)
LEAST = {"name": "T", "currency": "EUR", "energy.0.price": "0.4"}


def test_a_full_tariff_survives_its_form():
    assert problem(FULL) is None
    assert tariff_of(filled(FULL, FMT), FMT) == FULL
    assert tariff_of(filled(FULL, FMT), FMT).tariff_id == FULL.tariff_id


def test_every_kind_of_price_has_rows():
    form = {f"{kind.value}.0.price": "1" for kind in ComponentKind}
    made = tariff_of(Form(LEAST | form), FMT)
    assert [kind for kind, _ in made.components] == list(ComponentKind)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"energy.0.price": "much"}, "energy.0.price"),
        ({"energy.0.price": "", "energy.0.start": "08:00"}, "energy.0.price"),
        ({"energy.0.start": "8 o'clock"}, "energy.0.start"),
        ({"energy.0.start": "08:00", "energy.0.end": "08:00"}, "energy.0.end"),
        ({"energy.0.first_day": "1 May"}, "energy.0.first_day"),
        (
            {"energy.0.first_day": "2027-05-02", "energy.0.last_day": "2027-05-01"},
            "energy.0.last_day",
        ),
        ({"energy.0.min_power": "-1"}, "energy.0.min_power"),
        ({"energy.0.min_power": "22", "energy.0.max_power": "11"}, "energy.0.max_power"),
        ({"energy.0.max_energy": "0"}, "energy.0.max_energy"),
        ({"energy.0.min_time": "soon"}, "energy.0.min_time"),
        ({"energy.0.evse_kind": "HVDC"}, "energy.0.evse_kind"),
        ({"energy.1.price": "0.2"}, "energy.1.price"),
        ({"tax.0.type": "vat", "tax.0.percent": "120"}, "tax.0.percent"),
        ({"tax.0.type": "", "tax.0.percent": "20"}, "tax.0.type"),
        ({"tax.0.type": "city"}, "tax.0.percent"),
        ({"text.0.content": "Hi", "text.0.format": "UTF8"}, "text.0.language"),
        ({"min_cost.incl": "-2"}, "min_cost.incl"),
        ({"valid_from": "tomorrow"}, "valid_from"),
        ({"currency": ""}, "currency"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(fields, field):
    with pytest.raises(Invalid) as refused:
        tariff_of(Form(LEAST | fields), FMT)
    assert refused.value.field == field


def test_fees_know_no_power_and_energy_no_card():
    """Fields that a kind of price does not have are not read (2.1 TariffConditionsFixedType)."""
    odd = {"fixed_fee.0.price": "1", "fixed_fee.0.min_power": "5", "energy.0.payment_brand": "VISA"}
    made = tariff_of(Form(LEAST | odd), FMT)
    assert made.fixed_fee.prices[0].conditions is None
    assert made.energy.prices[0].conditions is None


def test_rows_come_go_and_move_and_keep_what_was_typed():
    form = changed(Form(LEAST | {"change": "add energy", "kept": "yes"}))
    assert form.rows("energy") == [0, 1]
    form = form.with_({"energy.1.price": "0.2", "energy.1.start": "22:00"})
    form = changed(form.with_({"change": "up energy 1"}))
    assert (form.text("energy.0.price"), form.text("energy.1.price")) == ("0.2", "0.4")
    assert form.text("energy.0.start") == "22:00"
    form = changed(form.with_({"change": "remove energy 0"}))
    assert form.rows("energy") == [1]
    assert form.text("energy.1.price") == "0.4"
    assert form.text("kept") == "yes"
    for nonsense in ("", "add", "add name", "remove energy", "remove energy 9", "up energy x"):
        assert changed(form.with_({"change": nonsense})).rows("energy") == [1], nonsense


def test_a_form_does_not_grow_without_end():
    form = Form()
    for _ in range(60):
        form = changed(form.with_({"change": "add tax"}))
    assert len(form.rows("tax")) == 50


def test_a_tariff_in_words():
    english = TariffWords(lambda text: text, FMT).lines(FULL)
    assert [line.replace("\u00a0", " ") for line in english] == [
        "0.20 CHF per kWh (0.217554 CHF with tax): Monday to Wednesday, Sunday, from 22:00 to 06:00, "
        "from 1 Jan 2027 to 31 Mar 2027, at AC EVSEs, between 1.5 kWh and 10 kWh of energy, "
        "below 11 kW, from 16 A on",
        "Otherwise 0.40 CHF per kWh (0.435108 CHF with tax)",
        "0.10 CHF per minute of idling (0.108777 CHF with tax): in the first 2 h 00 min, "
        "after 1 min of charging, after 15 min of idling; otherwise nothing",
        "1.00 CHF per session (1.08777 CHF with tax): paid by VISA",
        "Otherwise 2.00 CHF per session (2.17554 CHF with tax)",
        "At least 0.50 CHF without tax a transaction",
        "At most 50.00 CHF with tax a transaction",
    ]


def test_a_tariff_in_french():
    fmt = Present("fr", "Europe/Paris", FMT.now)
    said = TariffWords(translations("fr").gettext, fmt).lines(FULL)
    assert said[0].replace("\u00a0", " ").startswith("0,20 CHF par kWh")
    assert "du lundi au mercredi, dimanche" in said[0]
    assert said[1].startswith("Sinon 0,40")


async def test_a_tariff_is_changed(ada, console):
    await console.desk.services.tariffs.add(DEFAULT_OPERATOR, FULL)
    page = await ada.get("/tariffs/Full/edit")
    assert 'value="0.20"' in page.text
    form = {"currency": "CHF", "energy.0.price": "0.3", "tokens": "ADA"}
    assert (await ada.post("/tariffs/Full/edit", **form, name="Other")).status_code == 303
    (kept,) = await console.desk.services.tariffs.all(DEFAULT_OPERATOR)
    assert (kept.name, kept.energy.prices[0].price) == ("Full", Decimal("0.3"))
    old = read(await ada.get(f"/tariffs/{FULL.tariff_id}"))
    assert "how the tariff was when it had this id" in old
    wrong = await ada.post("/tariffs/Full/edit", **form | {"energy.0.max_time": "x"})
    assert wrong.status_code == 422
    assert 'id="problem-energy.0.max_time"' in wrong.text
    assert (await ada.get("/tariffs/None/edit")).status_code == 404


async def test_taxes_that_differ_are_left_to_the_api(ada, console):
    other = Component(prices=(PriceElement(price=Decimal(1)),))
    mixed = Tariff(
        name="Mixed", currency="EUR", energy=FULL.energy, reservation_fixed=other, scope=Scope()
    )
    assert not one_tax(mixed)
    await console.desk.services.tariffs.add(DEFAULT_OPERATOR, mixed)
    assert "through the API only" in read(await ada.get("/tariffs/Mixed"))
    assert (await ada.get("/tariffs/Mixed/edit")).status_code == 409


async def test_the_draft_shows_the_rows_and_the_words(ada):
    form = LEAST | {"energy.0.start": "22:00", "change": "add energy"}
    draft = await ada.post("/tariffs/new/draft", **form)
    assert 'name="energy.1.price"' in draft.text
    assert 'name="energy.0.start" type="time" value="22:00"' in draft.text
    words = read(await ada.post("/tariffs/new/words", **form))
    assert "per kWh: from 22:00 on; otherwise nothing" in words
    waits = read(await ada.post("/tariffs/new/words", **form | {"energy.0.price": "x"}))
    assert "This is not an amount." in waits
    assert "once it has a price" in waits


async def test_what_the_service_refuses_is_said_in_french(ada):
    form = LEAST | {"currency": "Euro"}
    await ada.post("/language", language="fr", back="/")
    answer = await ada.post("/tariffs/new", **form)
    assert answer.status_code == 422
    assert "trois lettres majuscules" in read(answer)


async def test_operators_read_tariffs_only(olga):
    assert (await olga.get("/tariffs/new")).status_code == 403
    assert (await olga.post("/tariffs/new/draft")).status_code == 403
    assert "Add a tariff" not in read(await olga.get("/tariffs"))
