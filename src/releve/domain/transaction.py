"""The station's account of energy delivered. Events and samples are facts and only ever added; totals are derived."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from releve.domain.cost import Cost, ToldCost
from releve.domain.ids import OperatorId, StationId, TransactionId
from releve.domain.limits import Limits
from releve.domain.notice import Notice
from releve.domain.station import ChargingState
from releve.domain.token import Verdict


class TransactionState(StrEnum):
    ACTIVE = "active"
    ENDED = "ended"
    PRESUMED_ENDED = "presumed-ended"
    """No end was reported, but another transaction began on its EVSE. Its end may still arrive."""


class EventKind(StrEnum):
    """2.1 TransactionEventEnumType."""

    STARTED = "Started"
    UPDATED = "Updated"
    ENDED = "Ended"


class TariffUse(msgspec.Struct, frozen=True):
    """A tariffId (`domain.tariff`), and from when on it applies."""

    tariff_id: str
    since: datetime


class Transaction(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One transaction, as derived from its facts. Absent values are unknown, not zero."""

    id: TransactionId
    operator: OperatorId
    station: StationId
    reference: str
    """The station's name for it: transactionId of 2.x, the decimal number of 1.6; unique per station."""
    evse: int | None = None
    connector: int | None = None
    token: str | None = None
    token_type: str | None = None
    token_group: str | None = None
    verdict: Verdict | None = None
    state: TransactionState = TransactionState.ACTIVE
    charging: ChargingState | None = None
    offline: bool = False
    """Any of its events was made while the station was offline."""
    started_at: datetime | None = None
    """Best known start: the station's time, or the time of receipt when that is implausible. None: start not seen."""
    ended_at: datetime | None = None
    received_at: datetime
    """When the first message about it arrived."""
    start_key: str | None = None
    """Digest of a 1.6 StartTransaction, by which its replays are known."""
    remote_start_id: int | None = None
    reservation_id: int | None = None
    stop_reason: str | None = None
    stop_token: str | None = None
    meter_start_wh: float | None = None
    meter_last_wh: float | None = None
    """Latest register value by the station's time."""
    meter_last_at: datetime | None = None
    meter_stop_wh: float | None = None
    energy_wh: float | None = None
    """Derived (`domain.ledger`): None while unknown."""
    power_w: float | None = None
    soc_pct: float | None = None
    held: bool = False
    """An anomaly keeps it from being billed until someone resolves it."""
    complete: bool = False
    """Start and end seen, no gap in the sequence between."""
    operation_mode: str | None = None
    """2.1 OperationModeEnumType as last told: ChargingOnly, CentralSetpoint, ..."""
    limits: Limits | None = None
    """None: nobody has limited it."""
    notice: Notice | None = None
    """A text for the driver that waits for the next event, or for a sign that the station has it."""
    tariffs: tuple[TariffUse, ...] = ()
    """What it is priced by, from when on; empty: nothing is charged. More than one when it was changed (2.1 I11)."""
    cost: Cost | None = None
    """Final cost, once it has ended and its energy is known."""
    cost_details: ToldCost | None = None
    """The station's own reckoning, where it makes one (2.1)."""

    @property
    def tariff(self) -> str | None:
        """The tariffId that applies now, or did last."""
        return self.tariffs[-1].tariff_id if self.tariffs else None


class TransactionFact(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One message about a transaction: StartTransaction, StopTransaction or TransactionEvent, with its raw payload."""

    transaction: TransactionId
    operator: OperatorId
    station: StationId
    kind: EventKind
    seq_no: int | None = None
    """2.x sequence number; None in 1.6."""
    digest: str
    """Of the raw content: the same digest is a replay, another one under the same number is a contradiction."""
    at: datetime
    """The station's time."""
    received_at: datetime
    trigger: str = ""
    offline: bool = False
    charging: str = ""
    raw: str
    """The payload as received, JSON."""
