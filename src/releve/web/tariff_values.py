"""Single values of a tariff's form: amounts, hours, days and numbers in another unit."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal, InvalidOperation

from releve.services.errors import Invalid
from releve.web.forms import Form
from releve.web.i18n import N_

LARGEST = 1_000_000


def amount(form: Form, name: str) -> Decimal | None:
    """An amount as people write it, with a point or a comma; None when the field is empty."""
    text = form.text(name).replace(",", ".")
    if not text:
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise Invalid(N_("This is not an amount."), field=name) from None
    if not value.is_finite() or abs(value) >= LARGEST:
        raise Invalid(N_("This is not an amount."), field=name)
    return value


def scaled(form: Form, name: str, scale: int, *, whole: bool) -> Decimal | int | None:
    """A number of zero or more, times `scale`; whole: as a whole number, rounded. None when the field is empty."""
    text = form.text(name).replace(",", ".")
    if not text:
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise Invalid(N_("This is not a number."), field=name) from None
    if not value.is_finite() or not 0 <= value <= LARGEST:
        raise Invalid(N_("This number is too small or too large."), field=name)
    return round(value * scale) if whole else Decimal(plain(value * scale))


def ordered(low: Decimal | int | None, high: Decimal | int | None, field: str) -> None:
    """Invalid at `field`, that of the high end, when it is not above the low one."""
    if high is not None and high <= (low if low is not None else 0):
        raise Invalid(N_("The end must be above the beginning."), field=field)


def hour(form: Form, name: str) -> str | None:
    """A time of day as `08:30`; None when the field is empty."""
    text = form.text(name)
    if not text:
        return None
    try:
        found = time.fromisoformat(text)
    except ValueError:
        raise Invalid(N_("A time of day is written as 08:30."), field=name) from None
    if found.second or found.microsecond or found.tzinfo is not None:
        raise Invalid(N_("A time of day is written as 08:30."), field=name)
    return f"{found:%H:%M}"


def day(form: Form, name: str) -> date | None:
    """A date as browsers send it; None when the field is empty."""
    text = form.text(name)
    if not text:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise Invalid(N_("A date is written as 2027-01-31."), field=name) from None
    if not 2000 <= found.year <= 9000:
        raise Invalid(N_("A date is written as 2027-01-31."), field=name)
    return found


def plain(value: Decimal) -> str:
    """Digits without exponent and without zeros at the end."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
