"""A tariff in words that fit a small display."""

from __future__ import annotations

from decimal import Decimal

from releve.domain.cost import taxed
from releve.domain.tariff import (
    LANGUAGE,
    Component,
    ComponentKind,
    Conditions,
    Tariff,
    TariffText,
)

UNITS = {
    ComponentKind.ENERGY: "/kWh",
    ComponentKind.CHARGING_TIME: "/min",
    ComponentKind.IDLE_TIME: "/min idle",
    ComponentKind.FIXED_FEE: " per session",
    ComponentKind.RESERVATION_TIME: "/min reserved",
    ComponentKind.RESERVATION_FIXED: " per reservation",
}


def shown(tariff: Tariff, language: str | None = None) -> TariffText:
    """The operator's own text in the driver's language, in English, or any; else one made of the prices."""
    texts = {text.language.casefold(): text for text in tariff.description}
    for wanted in (language, LANGUAGE):
        if wanted and wanted.casefold() in texts:
            return texts[wanted.casefold()]
    return tariff.description[0] if tariff.description else TariffText(content=summary(tariff))


def summary(tariff: Tariff) -> str:
    """`0.48 EUR/kWh, 0.12 EUR/min idle`: prices with tax, the dearest and the cheapest where conditions choose."""
    parts = [_component(tariff.currency, kind, c) for kind, c in tariff.components]
    bound = tariff.max_cost
    most = None
    if bound is not None:
        most = bound.incl_tax if bound.incl_tax is not None else bound.excl_tax
    if most is not None:
        parts.append(f"at most {_money(most)} {tariff.currency}")
    return ", ".join(parts)


def _component(currency: str, kind: ComponentKind, component: Component) -> str:
    prices = sorted(taxed(element.price, component.tax_rates) for element in component.prices)
    if all(e.conditions is not None and not _always(e.conditions) for e in component.prices):
        prices = [Decimal(0), *prices] if len(component.prices) > 1 else prices
    low, high = prices[0], prices[-1]
    amount = _money(high) if low == high else f"{_money(low)}-{_money(high)}"
    waits = [e.conditions.min_idle_time for e in component.prices if e.conditions is not None]
    after = f" after {waits[0] // 60} min" if waits and waits[0] and waits[0] >= 60 else ""
    return f"{amount} {currency}{UNITS[kind]}{after}"


def _always(conditions: Conditions) -> bool:
    return conditions == Conditions()


def _money(amount: Decimal) -> str:
    rounded = amount.quantize(Decimal("0.0001")).normalize()
    exponent = rounded.as_tuple().exponent
    return f"{rounded:.2f}" if isinstance(exponent, int) and exponent > -2 else f"{rounded:f}"
