"""What a transaction costs: lines, periods and totals, however they were reckoned."""

from __future__ import annotations

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any

import msgspec

from releve.domain.tariff import ComponentKind, TaxRate

MINOR_UNITS = {"JPY": 0, "KRW": 0, "ISK": 0, "CLP": 0, "VND": 0, "KWD": 3, "BHD": 3, "TND": 3}
"""Decimals of the currencies that have not two (ISO 4217)."""
FINE = Decimal("0.0001")
"""Lines are kept to this; only totals are rounded to money that can be paid."""


class CostKind(StrEnum):
    """2.1 TariffCostEnumType."""

    NORMAL = "NormalCost"
    MIN = "MinCost"
    MAX = "MaxCost"


class CostLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One component's part. volume: kWh, minutes or times."""

    component: ComponentKind
    volume: Decimal
    excl_tax: Decimal
    incl_tax: Decimal


class CostPeriod(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A time in which the same prices applied. Wh and seconds."""

    start: datetime
    energy_wh: float = 0.0
    charging_s: float = 0.0
    idle_s: float = 0.0


class Usage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    energy_wh: float = 0.0
    charging_s: float = 0.0
    idle_s: float = 0.0
    reserved_s: float = 0.0


class Cost(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """tariff: the tariffId that was applied, empty when none was."""

    tariff: str = ""
    tariff_name: str = ""
    currency: str
    excl_tax: Decimal = Decimal(0)
    incl_tax: Decimal = Decimal(0)
    """The total that the driver pays."""
    kind: CostKind = CostKind.NORMAL
    lines: tuple[CostLine, ...] = ()
    periods: tuple[CostPeriod, ...] = ()
    usage: Usage = Usage()
    at: datetime
    """Up to when it was reckoned."""

    @property
    def total(self) -> Decimal:
        return self.incl_tax


def payable(amount: Decimal, currency: str) -> Decimal:
    """Rounded to what can be paid in this currency, halves away from zero."""
    places = MINOR_UNITS.get(currency.upper(), 2)
    return amount.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def taxed(net: Decimal, rates: tuple[TaxRate, ...]) -> Decimal:
    """With tax: all rates of stack 0 on the net price, those of 1 on that result, and so on (I12.FR.13)."""
    amount = net
    for stack in sorted({rate.stack for rate in rates}):
        amount += amount * sum(r.tax for r in rates if r.stack == stack) / 100
    return amount


class ToldCost(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A station's own reckoning (2.1 CostDetailsType). detail: all of it as it came, in wire names."""

    currency: str
    excl_tax: Decimal | None = None
    incl_tax: Decimal | None = None
    kind: CostKind = CostKind.NORMAL
    failed: bool = False
    """It could not reckon it, or not all of it; `failure` says why, in its words."""
    failure: str = ""
    detail: dict[str, Any] = {}
