"""What is wrong with a tariff, in an operator's words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from releve.domain.conditions import DAYS
from releve.domain.tariff import FIXED, Component, ComponentKind, Conditions, Tariff

NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9 ._+-]{0,58}$")
CURRENCY = re.compile(r"^[A-Z]{3}$")
LANGUAGE = re.compile(r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,4})?$")
FORMATS = ("ASCII", "HTML", "URI", "UTF8", "QRCODE")
MOST_TEXTS = 10
MOST_TAXES = 5
LONGEST_TEXT = 1024
DYNAMIC = tuple(f"{end}_{of}" for of in ("energy", "current", "power") for end in ("min", "max"))
TIMES = tuple(
    f"{end}_{of}" for of in ("time", "charging_time", "idle_time") for end in ("min", "max")
)
PAYMENT = ("payment_brand", "payment_recognition")


class Fault(msgspec.Struct, frozen=True):
    field: str
    message: str


def problem(tariff: Tariff) -> Fault | None:
    """The first thing that is wrong; None: it can be used, and sent to a station of 2.1."""
    return next(_faults(tariff), None)


def _faults(tariff: Tariff) -> Iterator[Fault]:
    if not NAME.match(tariff.name):
        yield Fault(
            "name", "A tariff's name has 1 to 59 letters, digits, spaces and any of . _ + -"
        )
    if not CURRENCY.match(tariff.currency):
        yield Fault("currency", "The currency is a code of three capital letters, as in EUR.")
    if not tariff.components:
        yield Fault("energy", "A tariff needs a price of something: energy, time, idling or a fee.")
    try:
        ZoneInfo(tariff.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        yield Fault("time_zone", f"There is no time zone {tariff.time_zone}; try Europe/Paris.")
    if tariff.valid_from is not None and tariff.valid_from.tzinfo is None:
        yield Fault("valid_from", "The time needs a zone, as in 2027-01-31T12:00:00Z.")
    yield from _texts(tariff)
    for kind, component in tariff.components:
        yield from _component(kind, component)
    for name in ("min_cost", "max_cost"):
        bound = getattr(tariff, name)
        for amount in (bound.excl_tax, bound.incl_tax) if bound is not None else ():
            if amount is not None and amount < 0:
                yield Fault(name, "A least or highest cost cannot be negative.")


def _texts(tariff: Tariff) -> Iterator[Fault]:
    if len(tariff.description) > MOST_TEXTS:
        yield Fault("description", f"A tariff has at most {MOST_TEXTS} texts.")
    for text in tariff.description:
        if not text.content.strip() or len(text.content) > LONGEST_TEXT:
            yield Fault("description", f"A text has 1 to {LONGEST_TEXT} characters.")
        if not LANGUAGE.match(text.language):
            yield Fault("description", "The language is a code such as en, fr or fr-CH.")
        if text.format not in FORMATS:
            yield Fault("description", f"The format is one of {', '.join(FORMATS)}.")


def _component(kind: ComponentKind, component: Component) -> Iterator[Fault]:
    field = kind.value
    if not component.prices:
        yield Fault(field, "A component needs at least one price.")
    if len(component.tax_rates) > MOST_TAXES:
        yield Fault(field, f"A component has at most {MOST_TAXES} taxes.")
    for rate in component.tax_rates:
        if not rate.type.strip() or len(rate.type) > 20:
            yield Fault(field, "A tax has a name of 1 to 20 characters.")
        if rate.tax < 0 or rate.tax > 100:
            yield Fault(field, "A tax is a percentage from 0 to 100.")
        if rate.stack < 0:
            yield Fault(field, "A tax's stack level is 0 or more.")
    free_for_all = False
    for element in component.prices:
        if free_for_all:
            yield Fault(
                field, "A price after one without conditions never applies: put that one last."
            )
        free_for_all = free_for_all or element.conditions is None
        if element.conditions is not None:
            yield from _conditions(kind, element.conditions)


def _conditions(kind: ComponentKind, c: Conditions) -> Iterator[Fault]:
    field = kind.value
    for text in (c.start_time_of_day, c.end_time_of_day):
        if text is not None and not (len(text) == 5 and _parsed(time.fromisoformat, text)):
            yield Fault(field, "A time of day is written as 08:30.")
    for text in (c.valid_from_date, c.valid_to_date):
        if text is not None and not (len(text) == 10 and _parsed(date.fromisoformat, text)):
            yield Fault(field, "A date is written as 2027-01-31.")
    if any(day not in DAYS for day in c.day_of_week):
        yield Fault(field, f"A day of the week is one of {', '.join(DAYS)}.")
    if c.evse_kind not in (None, "AC", "DC"):
        yield Fault(field, "The kind of EVSE is AC or DC.")
    wrong = (*DYNAMIC, *TIMES) if kind in FIXED else PAYMENT
    given = [name for name in wrong if getattr(c, name) is not None]
    if given:
        yield Fault(
            field,
            f"{given[0]} cannot be a condition here: a fee is judged once, when charging begins."
            if kind in FIXED
            else f"{given[0]} is a condition of fees only.",
        )
    for name in ("energy", "current", "power", "time", "charging_time", "idle_time"):
        low, high = getattr(c, f"min_{name}"), getattr(c, f"max_{name}")
        if low is not None and high is not None and low >= high:
            yield Fault(field, f"min_{name} must be below max_{name}.")
    if c == Conditions():
        yield Fault(field, "Conditions that say nothing: leave them out.")


def _parsed(parse: object, text: str) -> bool:
    try:
        parse(text)  # type: ignore[operator]
    except ValueError:
        return False
    return True
