"""A limit of a transaction, as people enter it: kWh and minutes."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from releve.domain.limits import Limit
from releve.services.errors import Invalid
from releve.web.forms import Form
from releve.web.i18n import N_


def limit_of(form: Form) -> Limit:
    """A limit out of the fields energy_kwh, minutes, cost and soc_pct; empty ones limit nothing."""
    energy = _number(form, "energy_kwh")
    minutes = form.integer("minutes", least=0, most=60 * 24 * 366)
    return Limit(
        energy_wh=None if energy is None else float(energy * 1000),
        time_s=None if minutes is None else minutes * 60,
        cost=_number(form, "cost"),
        soc_pct=form.integer("soc_pct", least=0, most=100),
    )


def _number(form: Form, name: str) -> Decimal | None:
    text = form.text(name).replace(",", ".")
    if not text:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise Invalid(N_("This is not a number."), field=name) from None
    if not number.is_finite() or not 0 <= number <= 1_000_000:
        raise Invalid(N_("This number is too small or too large."), field=name)
    return number
