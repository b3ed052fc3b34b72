"""The form of a tariff: rows of prices with conditions, taxes and texts; and the tariff that it means.

Rows are numbered in the fields' names: `energy.0.price`, `energy.0.min_power`. There may be gaps; the order counts.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from releve.domain.conditions import DAYS
from releve.domain.tariff import (
    FIXED,
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
from releve.domain.tariff_check import FORMATS
from releve.services.errors import Invalid
from releve.web.forms import Form
from releve.web.i18n import N_
from releve.web.present import Present
from releve.web.tariff_values import amount, day, hour, ordered, plain, scaled

LISTS = ("tokens", "groups", "stations", "sites")
ROWS = (*(kind.value for kind in ComponentKind), "tax", "text")
MOST_ROWS = 50
SCALES = {
    "energy": 1000,
    "power": 1000,
    "current": 1,
    "time": 60,
    "charging_time": 60,
    "idle_time": 60,
}
"""What a condition's number in the form (kWh, kW, A, minutes) is multiplied by for Wh, W, A and seconds."""
DURATIONS = ("time", "charging_time", "idle_time")
PAYMENT = ("payment_brand", "payment_recognition")


def tariff_of(form: Form, fmt: Present) -> Tariff:
    """The tariff; Invalid at the field that is wrong. What belongs together is judged by the service."""
    taxes = _taxes(form)
    parts: dict[str, Any] = {}
    for kind in ComponentKind:
        prices = _prices(form, kind)
        if prices:
            parts[kind.value] = Component(prices=prices, tax_rates=taxes)
    try:
        valid_from = fmt.read(form.text("valid_from"))
    except ValueError:
        raise Invalid(N_("This is not a date and time."), field="valid_from") from None
    return Tariff(
        name=form.required("name"),
        currency=form.required("currency").upper(),
        description=_texts(form),
        min_cost=_bound(form, "min_cost"),
        max_cost=_bound(form, "max_cost"),
        valid_from=valid_from,
        time_zone=form.text("time_zone") or "UTC",
        scope=Scope(
            everyone=form.flag("everyone"),
            **{name: tuple(_words(form.text(name))) for name in LISTS},
        ),
        **parts,
    )


def _prices(form: Form, kind: ComponentKind) -> tuple[PriceElement, ...]:
    """Rows without price and conditions are not there."""
    found: list[PriceElement] = []
    for number in form.rows(kind.value):
        at = f"{kind.value}.{number}"
        price, conditions = amount(form, f"{at}.price"), _conditions(form, at, kind)
        if price is None and conditions is None:
            continue
        if price is None:
            raise Invalid(N_("This is needed."), field=f"{at}.price")
        if found and found[-1].conditions is None:
            raise Invalid(
                N_("The price above always applies, this one never would: move it up."),
                field=f"{at}.price",
            )
        found.append(PriceElement(price=price, conditions=conditions))
    return tuple(found)


def _conditions(form: Form, at: str, kind: ComponentKind) -> Conditions | None:
    start, end = hour(form, f"{at}.start"), hour(form, f"{at}.end")
    if start is not None and start == end and end != "00:00":
        raise Invalid(N_("The end is the same as the beginning."), field=f"{at}.end")
    first, last = day(form, f"{at}.first_day"), day(form, f"{at}.last_day")
    if first and last and last < first:
        raise Invalid(N_("The last day is before the first."), field=f"{at}.last_day")
    found = Conditions(
        start_time_of_day=start,
        end_time_of_day=end,
        day_of_week=tuple(name for name in DAYS if form.flag(f"{at}.{name}")),
        valid_from_date=first.isoformat() if first else None,
        valid_to_date=(last + timedelta(days=1)).isoformat() if last else None,
        evse_kind=form.choice(f"{at}.evse_kind", ("", "AC", "DC")) or None,
        **(_payment(form, at) if kind in FIXED else _ranges(form, at)),
    )
    return None if found == Conditions() else found


def _ranges(form: Form, at: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, scale in SCALES.items():
        low = scaled(form, f"{at}.min_{name}", scale, whole=name in DURATIONS)
        high = scaled(form, f"{at}.max_{name}", scale, whole=name in DURATIONS)
        ordered(low, high, f"{at}.max_{name}")
        found |= {f"min_{name}": low, f"max_{name}": high}
    return found


def _payment(form: Form, at: str) -> dict[str, Any]:
    return {name: form.text(f"{at}.{name}") or None for name in PAYMENT}


def _taxes(form: Form) -> tuple[TaxRate, ...]:
    """A tax "on top" is on the result of those above it."""
    found: list[TaxRate] = []
    for number in form.rows("tax"):
        at = f"tax.{number}"
        percent = amount(form, f"{at}.percent")
        if percent is None:
            if form.text(f"{at}.type") not in ("", "vat"):
                raise Invalid(N_("This is needed."), field=f"{at}.percent")
            continue
        if not 0 <= percent <= 100:
            raise Invalid(N_("A tax is a percentage from 0 to 100."), field=f"{at}.percent")
        kind = form.required(f"{at}.type")
        if len(kind) > 20:
            raise Invalid(N_("This is too long."), field=f"{at}.type")
        before = found[-1].stack if found else 0
        stack = before + 1 if found and form.flag(f"{at}.on_top") else before
        found.append(TaxRate(type=kind, tax=percent, stack=stack))
    return tuple(found)


def _texts(form: Form) -> tuple[TariffText, ...]:
    found = []
    for number in form.rows("text"):
        at = f"text.{number}"
        content = form.text(f"{at}.content")
        if content:
            language = form.required(f"{at}.language")
            chosen = form.choice(f"{at}.format", FORMATS)
            found.append(TariffText(content=content, language=language, format=chosen))
    return tuple(found)


def _bound(form: Form, name: str) -> Bound | None:
    net, gross = amount(form, f"{name}.excl"), amount(form, f"{name}.incl")
    for value, field in ((net, "excl"), (gross, "incl")):
        if value is not None and value < 0:
            raise Invalid(N_("This number is too small or too large."), field=f"{name}.{field}")
    return None if net is None and gross is None else Bound(excl_tax=net, incl_tax=gross)


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


# --- rows -----------------------------------------------------------------------------------------------------------


def changed(form: Form) -> Form:
    """The form after one of its buttons: `add energy`, `remove tax 1`, `up energy 3`. All else stays as typed."""
    action, _, rest = form.text("change").partition(" ")
    name, _, number = rest.partition(" ")
    rows = form.rows(name)
    if name not in ROWS:
        return form
    if action == "add" and len(rows) < MOST_ROWS:
        at = f"{name}.{max(rows, default=-1) + 1}"
        new = {"tax": {"type": "vat", "percent": ""}, "text": {"language": "en", "format": "UTF8"}}
        return form.with_({f"{at}.{k}": v for k, v in new.get(name, {"price": ""}).items()})
    if not number.isdecimal() or int(number) not in rows:
        return form
    if action == "remove":
        return form.without(f"{name}.{number}.")
    place = rows.index(int(number))
    if action == "up" and place > 0:
        return form.swapped(f"{name}.{rows[place - 1]}.", f"{name}.{number}.")
    return form


# --- from a tariff --------------------------------------------------------------------------------------------------


def one_tax(tariff: Tariff) -> bool:
    """Whether all prices have the same taxes: the form has one list of them."""
    return len({part.tax_rates for _, part in tariff.components}) <= 1


def filled(tariff: Tariff, fmt: Present) -> Form:
    """The form of a tariff whose prices all have the same taxes."""
    values = {
        "name": tariff.name,
        "currency": tariff.currency,
        "valid_from": fmt.field(tariff.valid_from),
        "time_zone": tariff.time_zone,
        "everyone": "yes" if tariff.scope.everyone else "",
        **{name: ", ".join(getattr(tariff.scope, name)) for name in LISTS},
    }
    for kind, part in tariff.components:
        for number, element in enumerate(part.prices):
            at = f"{kind.value}.{number}"
            values[f"{at}.price"] = f"{element.price:f}"
            values |= _filled_conditions(at, element.conditions or Conditions())
    stack = 0
    for number, rate in enumerate(sorted(_rates(tariff), key=lambda rate: rate.stack)):
        on_top = "yes" if number and rate.stack > stack else ""
        stack = rate.stack
        values |= {f"tax.{number}.type": rate.type, f"tax.{number}.percent": f"{rate.tax:f}"}
        values[f"tax.{number}.on_top"] = on_top
    for number, text in enumerate(tariff.description):
        values |= {f"text.{number}.content": text.content, f"text.{number}.format": text.format}
        values[f"text.{number}.language"] = text.language
    for name in ("min_cost", "max_cost"):
        bound = getattr(tariff, name) or Bound()
        for end, value in (("excl", bound.excl_tax), ("incl", bound.incl_tax)):
            values[f"{name}.{end}"] = "" if value is None else f"{value:f}"
    return Form(values)


def _rates(tariff: Tariff) -> tuple[TaxRate, ...]:
    return next((part.tax_rates for _, part in tariff.components), ())


def _filled_conditions(at: str, c: Conditions) -> dict[str, str]:
    last = c.valid_to_date and date.fromisoformat(c.valid_to_date) - timedelta(days=1)
    values = {
        "start": c.start_time_of_day or "",
        "end": c.end_time_of_day or "",
        "first_day": c.valid_from_date or "",
        "last_day": last.isoformat() if last else "",
        "evse_kind": c.evse_kind or "",
        **dict.fromkeys(c.day_of_week, "yes"),
        **{name: getattr(c, name) or "" for name in PAYMENT},
    }
    for name, scale in SCALES.items():
        for end in ("min", "max"):
            value = getattr(c, f"{end}_{name}")
            values[f"{end}_{name}"] = "" if value is None else plain(Decimal(value) / scale)
    return {f"{at}.{name}": value for name, value in values.items()}
