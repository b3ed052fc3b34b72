"""Tariffs and costs in wire names, the same for every version that has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from releve.domain.cost import CostKind, ToldCost
from releve.domain.tariff import (
    Bound,
    Component,
    ComponentKind,
    PriceElement,
    Tariff,
    TaxRate,
)
from releve.services.live import Inbound
from releve.services.services import Services

_PRICE = {
    ComponentKind.ENERGY: "priceKwh",
    ComponentKind.CHARGING_TIME: "priceMinute",
    ComponentKind.IDLE_TIME: "priceMinute",
    ComponentKind.FIXED_FEE: "priceFixed",
    ComponentKind.RESERVATION_TIME: "priceMinute",
    ComponentKind.RESERVATION_FIXED: "priceFixed",
}


def camel(name: str) -> str:
    """`charging_time` as `chargingTime`: true of all names of the tariff's types."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def total_cost(services: Services, inbound: Inbound, reference: str) -> float | None:
    """The totalCost of an answer to a TransactionEvent (I02.FR.01, I03.FR.02)."""
    total = services.costs.answer(inbound, reference)
    return None if total is None else float(total)


def wire_tariff(tariff: Tariff, *, valid_from: bool = True) -> dict[str, Any]:
    """A tariff in wire names. valid_from: a driver's tariff must not have one (I08.FR.09)."""
    wire: dict[str, Any] = {"tariffId": tariff.tariff_id, "currency": tariff.currency}
    if tariff.description:
        wire["description"] = [
            {"format": t.format, "language": t.language, "content": t.content}
            for t in tariff.description
        ]
    if valid_from and tariff.valid_from is not None:
        wire["validFrom"] = tariff.valid_from
    for kind, component in tariff.components:
        wire[camel(kind.value)] = _component(kind, component)
    for name in ("min_cost", "max_cost"):
        bound: Bound | None = getattr(tariff, name)
        if bound is not None:
            wire[camel(name)] = _some(exclTax=bound.excl_tax, inclTax=bound.incl_tax)
    return wire


def _component(kind: ComponentKind, component: Component) -> dict[str, Any]:
    wire: dict[str, Any] = {"prices": [_element(kind, e) for e in component.prices]}
    if component.tax_rates:
        wire["taxRates"] = [_tax(rate) for rate in component.tax_rates]
    return wire


def _element(kind: ComponentKind, element: PriceElement) -> dict[str, Any]:
    wire: dict[str, Any] = {_PRICE[kind]: float(element.price)}
    if element.conditions is not None:
        c = element.conditions
        wire["conditions"] = _some(
            **{camel(n): getattr(c, n) for n in c.__struct_fields__ if n != "day_of_week"},
            dayOfWeek=list(c.day_of_week) or None,
        )
    return wire


def _tax(rate: TaxRate) -> dict[str, Any]:
    return {
        "type": rate.type,
        "tax": float(rate.tax),
        **({"stack": rate.stack} if rate.stack else {}),
    }


def _some(**values: Any) -> dict[str, Any]:
    """Those that are given, money and measures as numbers."""
    return {
        name: float(value) if isinstance(value, Decimal) else value
        for name, value in values.items()
        if value is not None
    }


def told_cost(details: Mapping[str, Any]) -> ToldCost:
    """CostDetailsType, as built-in values in wire names."""
    total = details.get("totalCost", {})
    sums = total.get("total", {})
    words: Sequence[str] = [str(kind) for kind in CostKind]
    kind = str(total.get("typeOfCost", ""))
    return ToldCost(
        currency=str(total.get("currency", "")),
        excl_tax=_money(sums.get("exclTax")),
        incl_tax=_money(sums.get("inclTax")),
        kind=CostKind(kind) if kind in words else CostKind.NORMAL,
        failed=bool(details.get("failureToCalculate")),
        failure=str(details.get("failureReason") or ""),
        detail=dict(details),
    )


def _money(number: float | None) -> Decimal | None:
    return None if number is None else Decimal(repr(float(number)))


def tariff_of(payload: Mapping[str, Any], name: str) -> Tariff:
    """A tariff from wire names, as a station or a partner gives it; the reverse of `wire_tariff`."""
    fields: dict[str, Any] = {"name": name, "currency": payload["currency"]}
    for kind in ComponentKind:
        wire = payload.get(camel(kind.value))
        if wire is not None:
            fields[kind.value] = {
                "prices": [
                    _some(price=e[_PRICE[kind]], conditions=_snake(e.get("conditions")))
                    for e in wire["prices"]
                ],
                "tax_rates": wire.get("taxRates", []),
            }
    for name_ in ("min_cost", "max_cost"):
        if camel(name_) in payload:
            fields[name_] = _snake(payload[camel(name_)])
    if "description" in payload:
        fields["description"] = payload["description"]
    if "validFrom" in payload:
        fields["valid_from"] = payload["validFrom"]
    return msgspec.convert(fields, Tariff, strict=False)


def _snake(wire: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if wire is None:
        return None
    return {"".join(f"_{c.lower()}" if c.isupper() else c for c in k): v for k, v in wire.items()}
