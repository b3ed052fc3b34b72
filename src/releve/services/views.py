"""What pages and the API show: flat, ready to be serialised, and the port that finds it.

Ids are shown as decimal text (63 bits do not fit JavaScript's numbers). Times are aware UTC. Absent means unknown.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

from releve.domain.cost import Cost, ToldCost
from releve.domain.ids import OperatorId
from releve.domain.limits import Limit, Limits
from releve.domain.notice import Notice
from releve.domain.transaction import TariffUse
from releve.services.operation_views import OperationFilter, OperationReads, OperationView
from releve.services.page import Page, View
from releve.services.payment_views import PaymentReads
from releve.services.ports import Announced
from releve.services.reservation_views import ReservationReads
from releve.services.security_views import SecurityReads
from releve.services.upkeep_views import (
    EventFilter,
    FileFilter,
    FileView,
    StationEventView,
    UpkeepReads,
)

__all__ = [
    "AnomalyView",
    "Catalogue",
    "EventFilter",
    "EvseView",
    "ExchangeView",
    "FactView",
    "FileFilter",
    "FileView",
    "OperationFilter",
    "OperationView",
    "Page",
    "SampleView",
    "StationEventView",
    "StationFilter",
    "StationView",
    "Summary",
    "TokenView",
    "TransactionFilter",
    "TransactionView",
    "VariableView",
    "View",
]


class EvseView(View, frozen=True, kw_only=True):
    evse: int
    connector: int
    status: str
    charging: str | None = None
    reported: str = ""
    error: str = ""
    info: str = ""
    vendor_error: str = ""
    reported_at: datetime | None = None
    received_at: datetime | None = None
    transaction: str | None = None
    """Id of the active transaction."""
    token: str | None = None
    energy_wh: float | None = None
    power_w: float | None = None
    soc_pct: float | None = None
    since: datetime | None = None
    """Start of the active transaction."""


class StationView(View, frozen=True, kw_only=True):
    id: str
    identity: str
    name: str = ""
    site: str = ""
    connectivity: str
    """online, offline or unknown; `connectivity_since` says since when. Unless online, statuses are the last known."""
    connectivity_since: datetime | None = None
    last_heard_at: datetime | None = None
    boot: str
    registered: bool = False
    quarantined: bool = False
    disabled: bool = False
    version: str | None = None
    vendor: str = ""
    model: str = ""
    serial: str = ""
    firmware: str = ""
    security_profile: int = 0
    has_password: bool = False
    booted_at: datetime | None = None
    created_at: datetime | None = None
    heartbeat_s: int | None = None
    peer: str = ""
    evses: list[EvseView] = []
    open_anomalies: int = 0


class TransactionView(View, frozen=True, kw_only=True):
    id: str
    station: str
    identity: str
    station_name: str = ""
    reference: str
    evse: int | None = None
    connector: int | None = None
    token: str | None = None
    token_type: str | None = None
    token_label: str = ""
    verdict: str | None = None
    state: str
    charging: str | None = None
    offline: bool = False
    started_at: datetime | None = None
    ended_at: datetime | None = None
    received_at: datetime | None = None
    stop_reason: str | None = None
    stop_token: str | None = None
    remote_start_id: int | None = None
    meter_start_wh: float | None = None
    meter_last_wh: float | None = None
    meter_last_at: datetime | None = None
    meter_stop_wh: float | None = None
    energy_wh: float | None = None
    power_w: float | None = None
    soc_pct: float | None = None
    held: bool = False
    complete: bool = False
    reservation_id: int | None = None
    """The reservation that it began on: its number at the station."""
    operation_mode: str | None = None
    limits: Limits | None = None
    """Who limits it, and to what; absent: nobody."""
    notice: Notice | None = None
    """A text for the driver that was not shown yet, as far as is known."""
    tariffs: tuple[TariffUse, ...] = ()
    """What it is priced by, each with the time from which on."""
    cost: Cost | None = None
    """Final cost; while it runs, see its `cost` resource."""
    cost_details: ToldCost | None = None
    """The station's own reckoning."""


class FactView(View, frozen=True, kw_only=True):
    kind: str
    seq_no: int | None = None
    at: datetime
    received_at: datetime
    trigger: str = ""
    offline: bool = False
    charging: str = ""
    payload: Any = None


class SampleView(View, frozen=True, kw_only=True):
    """A point of a meter series; energy is the register. readings: only when asked for, as `domain.meter.Reading`.

    rolled: what is left of a quarter of an hour after its samples were kept for long enough: registers and state
    of charge at its end, the mean power, the highest power and current.
    """

    at: datetime
    received_at: datetime | None = None
    evse: int = 0
    energy_wh: float | None = None
    export_wh: float | None = None
    power_w: float | None = None
    current_a: float | None = None
    voltage_v: float | None = None
    soc_pct: float | None = None
    power_max_w: float | None = None
    rolled: bool = False
    readings: list[dict[str, Any]] = []


class TokenView(View, frozen=True, kw_only=True):
    id: str
    value: str
    type: str
    label: str = ""
    group: str | None = None
    blocked: bool = False
    not_before: datetime | None = None
    expires_at: datetime | None = None
    master: bool = False
    concurrent: bool = False
    places: list[str] = []
    connector_types: list[str] = []
    language: str = ""
    language2: str = ""
    message: str = ""
    priority: int | None = None
    cache_s: int | None = None
    credit: str | None = None
    """An amount of money, decimal."""
    currency: str = ""
    created_at: datetime | None = None
    charge_limit: Limit | None = None
    """What each of its transactions is limited to."""


class AnomalyView(View, frozen=True, kw_only=True):
    id: str
    station: str
    identity: str
    transaction: str | None = None
    kind: str
    detail: dict[str, Any] = {}
    seen_at: datetime
    resolved_at: datetime | None = None
    resolved_by: str = ""
    note: str = ""


class ExchangeView(View, frozen=True, kw_only=True):
    id: str
    station: str
    identity: str
    at: datetime
    inbound: bool
    action: str
    message_id: str
    request: str
    response: str
    outcome: str
    error: str
    duration_ms: float | None = None


class VariableView(View, frozen=True, kw_only=True):
    component: str
    component_instance: str = ""
    variable: str
    instance: str = ""
    evse: int | None = None
    connector: int | None = None
    attribute: str = "Actual"
    value: str | None = None
    mutability: str = ""
    data_type: str = ""
    unit: str = ""
    values_list: str = ""
    min_limit: float | None = None
    max_limit: float | None = None
    persistent: bool | None = None
    constant: bool = False
    supports_monitoring: bool = False
    reboot_required: bool = False
    reported_at: datetime | None = None


class Summary(View, frozen=True, kw_only=True):
    """The numbers on top of the overview."""

    stations: int = 0
    online: int = 0
    offline: int = 0
    unknown: int = 0
    quarantined: int = 0
    faulted: int = 0
    """Stations with a faulted connector."""
    charging: int = 0
    """Active transactions."""
    power_w: float = 0.0
    """Sum of the last known power of active transactions."""
    energy_today_wh: float = 0.0
    """Energy of transactions ended since midnight UTC, those held left out, plus that so far of active ones."""
    transactions_today: int = 0
    open_anomalies: int = 0


class StationFilter(View, frozen=True, kw_only=True):
    search: str = ""
    """Part of identity, name, vendor, model, serial or site; case does not matter."""
    connectivity: str | None = None
    status: str | None = None
    """A connector status that at least one of its connectors has, or "Charging"."""
    quarantined: bool | None = False


class TransactionFilter(View, frozen=True, kw_only=True):
    station: str | None = None
    evse: int | None = None
    token: str | None = None
    state: str | None = None
    held: bool | None = None
    since: datetime | None = None
    """started_at (or received_at when the start is unknown) at or after this."""
    until: datetime | None = None
    search: str = ""
    """The whole reference, the beginning of a token or a part of a registered one, or a part of an identity."""


class Catalogue(
    OperationReads, ReservationReads, SecurityReads, UpkeepReads, PaymentReads, Protocol
):
    """The read side. Every method is bound to one operator. limit: 1 to 500. Unknown ids give None or an empty page; a
    cursor that cannot be read raises ValueError. Lists run by keyset: stations and tokens by identity/value, the others
    newest first."""

    async def summary(self, operator: OperatorId) -> Summary: ...
    async def stations(
        self,
        operator: OperatorId,
        filter: StationFilter,
        *,
        after: str | None = None,
        limit: int = 50,
    ) -> Page[StationView]: ...
    async def station(self, operator: OperatorId, station: str) -> StationView | None: ...

    """`station`: row id or identity."""

    async def transactions(
        self,
        operator: OperatorId,
        filter: TransactionFilter,
        *,
        after: str | None = None,
        limit: int = 50,
    ) -> Page[TransactionView]: ...
    async def transaction(
        self, operator: OperatorId, transaction: str
    ) -> TransactionView | None: ...
    async def facts(self, operator: OperatorId, transaction: str) -> list[FactView]: ...
    async def series(
        self, operator: OperatorId, transaction: str, *, readings: bool = False, limit: int = 5000
    ) -> list[SampleView]: ...

    """By time. Above `limit` points it is thinned evenly, first and last kept."""

    async def signed_series(self, operator: OperatorId, transaction: str) -> list[SampleView]: ...

    """Those of its samples that have a signed reading, by time, with all readings."""

    async def station_series(
        self,
        operator: OperatorId,
        station: str,
        *,
        since: datetime,
        until: datetime | None = None,
        evse: int | None = None,
        readings: bool = False,
        limit: int = 5000,
    ) -> list[SampleView]: ...
    async def tokens(
        self, operator: OperatorId, *, search: str = "", after: str | None = None, limit: int = 50
    ) -> Page[TokenView]: ...
    async def token(self, operator: OperatorId, token: str) -> TokenView | None: ...
    async def anomalies(
        self,
        operator: OperatorId,
        *,
        station: str | None = None,
        transaction: str | None = None,
        kind: str | None = None,
        resolved: bool | None = False,
        after: str | None = None,
        limit: int = 50,
    ) -> Page[AnomalyView]: ...
    async def messages(
        self,
        operator: OperatorId,
        station: str,
        *,
        action: str | None = None,
        outcome: str | None = None,
        search: str = "",
        since: datetime | None = None,
        until: datetime | None = None,
        after: str | None = None,
        limit: int = 50,
    ) -> Page[ExchangeView]: ...
    async def message(self, operator: OperatorId, message: str) -> ExchangeView | None: ...
    async def variables(self, operator: OperatorId, station: str) -> list[VariableView]: ...
    async def announced(
        self,
        operator: OperatorId,
        *,
        after: int,
        topics: frozenset[str] = frozenset(),
        limit: int = 500,
    ) -> list[Announced]: ...

    """Durable events from the outbox with id > after, oldest first."""

    async def last_announced(self, operator: OperatorId) -> int: ...
