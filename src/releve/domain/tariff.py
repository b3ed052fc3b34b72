"""What charging costs: tariffs, as full as 2.1's TariffType (I07); a flat rate is the simple case of one.

A tariff is a list of components. Each has prices with conditions, of which the first that applies counts (2.1 I, 1.2).
Money is Decimal, excluding tax, in the tariff's currency.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256
from typing import ClassVar

import msgspec

from releve.domain.holding import Document

LANGUAGE = "en"


class TaxRate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """tax: percent. stack: 0 is on the net price, 1 on the result of 0, and so on."""

    type: str
    tax: Decimal
    stack: int = 0


class Conditions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """When a price applies: all that are given must hold (2.1 TariffConditionsType, TariffConditionsFixedType).

    Times of day ("HH:MM") and dates ("YYYY-MM-DD") are local. `min_` is inclusive, `max_` and ends are exclusive.
    Wh, W, seconds; currents in A are the sum over all phases.
    """

    start_time_of_day: str | None = None
    end_time_of_day: str | None = None
    day_of_week: tuple[str, ...] = ()
    valid_from_date: str | None = None
    valid_to_date: str | None = None
    evse_kind: str | None = None
    """AC or DC."""
    min_energy: Decimal | None = None
    max_energy: Decimal | None = None
    min_current: Decimal | None = None
    max_current: Decimal | None = None
    min_power: Decimal | None = None
    max_power: Decimal | None = None
    min_time: int | None = None
    max_time: int | None = None
    min_charging_time: int | None = None
    max_charging_time: int | None = None
    min_idle_time: int | None = None
    max_idle_time: int | None = None
    payment_brand: str | None = None
    payment_recognition: str | None = None


class PriceElement(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """price: of the component's unit (kWh, minute, session), excluding tax. May be negative: then it is paid out."""

    price: Decimal
    conditions: Conditions | None = None


class Component(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    prices: tuple[PriceElement, ...]
    tax_rates: tuple[TaxRate, ...] = ()


class Bound(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A least or a highest cost of a transaction; either side or both."""

    excl_tax: Decimal | None = None
    incl_tax: Decimal | None = None


class ComponentKind(StrEnum):
    """The fields of TariffType; the members' names are those of the fields here."""

    ENERGY = "energy"
    CHARGING_TIME = "charging_time"
    IDLE_TIME = "idle_time"
    FIXED_FEE = "fixed_fee"
    RESERVATION_TIME = "reservation_time"
    RESERVATION_FIXED = "reservation_fixed"


FIXED = frozenset({ComponentKind.FIXED_FEE, ComponentKind.RESERVATION_FIXED})
"""Judged once, when the transaction starts; their conditions know no energy, power, current or duration."""


class TariffText(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the driver is shown. format: MessageFormatEnumType. language: RFC 5646."""

    content: str
    language: str = LANGUAGE
    format: str = "UTF8"


class Scope(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Whom and where a tariff is for. All empty and `everyone` false: for nobody by itself, only where it is sent to.

    The most particular wins: token, group, station, site, everyone.
    """

    tokens: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    stations: tuple[str, ...] = ()
    """Identities."""
    sites: tuple[str, ...] = ()
    everyone: bool = False

    def rank(self, *, token: str | None, group: str | None, station: str, site: str) -> int | None:
        """How particular it is for these, lowest first; None when it is not for them."""
        if token and token.casefold() in {t.casefold() for t in self.tokens}:
            return 0
        if group and group.casefold() in {g.casefold() for g in self.groups}:
            return 1
        if station in self.stations:
            return 2
        if site and site in self.sites:
            return 3
        return 4 if self.everyone else None

    @property
    def of_driver(self) -> bool:
        """Whether it belongs to particular drivers (2.1: a driver-specific tariff)."""
        return bool(self.tokens or self.groups)


class Tariff(Document, frozen=True, kw_only=True, omit_defaults=True):
    """name: the operator's own, by which it is managed. Its content may change: `tariff_id` then changes with it."""

    kind: ClassVar[str] = "tariff"

    name: str
    currency: str
    """ISO 4217."""
    description: tuple[TariffText, ...] = ()
    energy: Component | None = None
    charging_time: Component | None = None
    idle_time: Component | None = None
    fixed_fee: Component | None = None
    reservation_time: Component | None = None
    reservation_fixed: Component | None = None
    min_cost: Bound | None = None
    max_cost: Bound | None = None
    valid_from: datetime | None = None
    time_zone: str = "UTC"
    """IANA name: in which local time the conditions are reckoned here. Stations use their own."""
    scope: Scope = Scope()

    @property
    def key(self) -> str:
        return self.name

    @property
    def tariff_id(self) -> str:
        """The tariffId on the wire: another content has another id, for ever (I08.FR.08). At most 60 characters."""
        content = msgspec.structs.replace(self, scope=Scope(), time_zone="UTC")
        digest = sha256(msgspec.json.encode(content, order="deterministic")).hexdigest()
        return f"{self.name[:45]}-{digest[:12]}"

    def component(self, kind: ComponentKind) -> Component | None:
        found: Component | None = getattr(self, kind.value)
        return found

    @property
    def components(self) -> list[tuple[ComponentKind, Component]]:
        return [(kind, c) for kind in ComponentKind if (c := self.component(kind)) is not None]

    @property
    def conditional(self) -> bool:
        """Whether any price has conditions (stations may not support them, I07.FR.03)."""
        return any(e.conditions is not None for _, c in self.components for e in c.prices)

    @property
    def most_prices(self) -> int:
        """Prices of its largest component, to compare with TariffCostCtrlr.MaxElements."""
        return max((len(c.prices) for _, c in self.components), default=0)


class TariffVersion(Document, frozen=True, kw_only=True):
    """A tariff's content under its tariffId, kept for ever: old cost details stay readable (I08.FR.08)."""

    kind: ClassVar[str] = "tariff-version"

    tariff_id: str
    tariff: Tariff
    first_used_at: datetime

    @property
    def key(self) -> str:
        return self.tariff_id


def flat(
    name: str,
    currency: str,
    *,
    kwh: Decimal | None = None,
    minute: Decimal | None = None,
    session: Decimal | None = None,
    idle_minute: Decimal | None = None,
    idle_after_s: int = 0,
    tax: Decimal | None = None,
    scope: Scope | None = None,
) -> Tariff:
    """A tariff of one price each, excluding tax. tax: percent on all of it. idle_after_s: free idle time."""
    taxes = (TaxRate(type="vat", tax=tax),) if tax else ()

    def one(price: Decimal | None, conditions: Conditions | None = None) -> Component | None:
        if price is None:
            return None
        element = PriceElement(price=price, conditions=conditions)
        return Component(prices=(element,), tax_rates=taxes)

    after = Conditions(min_idle_time=idle_after_s) if idle_after_s else None
    return Tariff(
        name=name,
        currency=currency,
        energy=one(kwh),
        charging_time=one(minute),
        fixed_fee=one(session),
        idle_time=one(idle_minute, after),
        scope=scope or Scope(everyone=True),
    )


def choose(
    tariffs: tuple[Tariff, ...],
    at: datetime,
    *,
    token: str | None,
    group: str | None,
    station: str,
    site: str,
) -> Tariff | None:
    """The tariff for a driver at a station: the most particular one that is valid, the latest valid_from first."""
    best: tuple[int, float, str] | None = None
    chosen = None
    for tariff in tariffs:
        if tariff.valid_from is not None and tariff.valid_from > at:
            continue
        rank = tariff.scope.rank(token=token, group=group, station=station, site=site)
        if rank is None:
            continue
        since = tariff.valid_from.timestamp() if tariff.valid_from else 0.0
        order = (rank, -since, tariff.name)
        if best is None or order < best:
            best, chosen = order, tariff
    return chosen
