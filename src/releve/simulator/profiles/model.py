"""Charging profiles as frozen values, in OCPP 2.1 words."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from releve.simulator.electrical import Unit


class Purpose(StrEnum):
    """chargingProfilePurpose; the wire names are those of 2.x."""

    EXTERNAL = "ChargingStationExternalConstraints"
    STATION_MAX = "ChargingStationMaxProfile"
    TX_DEFAULT = "TxDefaultProfile"
    TX = "TxProfile"
    PRIORITY = "PriorityCharging"
    LOCAL_GENERATION = "LocalGeneration"


class Kind(StrEnum):
    ABSOLUTE = "Absolute"
    RECURRING = "Recurring"
    RELATIVE = "Relative"
    DYNAMIC = "Dynamic"


class Mode(StrEnum):
    """operationMode of a period (2.1): who says what is charged or given back; none said: charging only."""

    IDLE = "Idle"
    CHARGING_ONLY = "ChargingOnly"
    CENTRAL_SETPOINT = "CentralSetpoint"
    EXTERNAL_SETPOINT = "ExternalSetpoint"
    EXTERNAL_LIMITS = "ExternalLimits"
    CENTRAL_FREQUENCY = "CentralFrequency"
    LOCAL_FREQUENCY = "LocalFrequency"
    LOCAL_LOAD_BALANCING = "LocalLoadBalancing"


Curve = tuple[tuple[float, float], ...]
"""Points of a curve, ascending: (Hz or signal, W)."""


class Recurrency(StrEnum):
    DAILY = "Daily"
    WEEKLY = "Weekly"

    @property
    def length(self) -> timedelta:
        """Every 24 h or 7 days from startSchedule on: fixed seconds, not midnights or Mondays."""
        return timedelta(days=1) if self is Recurrency.DAILY else timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Period:
    """From `start_s` seconds into the schedule on: at most `limit`, on `phases` phases.

    `limit` None: the mode does without. `discharge_limit` is zero or below. `baseline_w` is what the curves of
    LocalFrequency are added to.
    """

    start_s: int
    limit: float | None
    phases: int | None = None
    phase_to_use: int | None = None
    mode: Mode = Mode.CHARGING_ONLY
    discharge_limit: float | None = None
    setpoint: float | None = None
    baseline_w: float = 0.0
    by_frequency: Curve = ()
    by_signal: Curve = ()


@dataclass(frozen=True, slots=True)
class Schedule:
    unit: Unit
    periods: tuple[Period, ...]
    start: datetime | None = None
    duration_s: int | None = None
    min_rate: float | None = None
    id: int = 1

    def period_at(self, elapsed_s: float) -> Period | None:
        """The period in force `elapsed_s` seconds after the schedule's start (K01.FR.11, K01.FR.12)."""
        if elapsed_s < 0 or (self.duration_s is not None and elapsed_s >= self.duration_s):
            return None
        found = None
        for period in self.periods:
            if period.start_s > elapsed_s:
                break
            found = period
        return found


@dataclass(frozen=True, slots=True)
class Profile:
    """A charging profile as installed.

    `evse` 0 is the whole station. `transaction` is the station's own key of the transaction that a
    TxProfile belongs to. `installed_at` stands in for an Absolute schedule without startSchedule,
    which 1.6 stations receive; of a Dynamic profile it is the time of its last update.
    """

    id: int
    evse: int
    stack_level: int
    purpose: Purpose
    kind: Kind
    schedule: Schedule
    installed_at: datetime
    recurrency: Recurrency | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    transaction: str | None = None
    pull_every_s: int | None = None
    """Dynamic: how often the station asks for new limits."""

    def of(self, transaction: str) -> "Profile":
        """The same profile as the property of `transaction`."""
        return replace(self, transaction=transaction)

    def updated(self, update: "Update", at: datetime) -> "Profile":
        """A dynamic profile with new values in its only period, counting from now on (K28.FR.06, K28.FR.09)."""
        periods = (update.applied_to(self.schedule.periods[0]),)
        return replace(self, schedule=replace(self.schedule, periods=periods), installed_at=at)

    def valid_at(self, moment: datetime) -> bool:
        if self.valid_from is not None and moment < self.valid_from:
            return False  # K01.FR.36
        return self.valid_to is None or moment < self.valid_to  # K01.FR.37

    def overlaps(self, other: "Profile") -> bool:
        """Whether some moment lies in both validity periods."""
        begins_after = (
            self.valid_from is not None
            and other.valid_to is not None
            and self.valid_from >= other.valid_to
        )
        ends_before = (
            self.valid_to is not None
            and other.valid_from is not None
            and other.valid_from >= self.valid_to
        )
        return not (begins_after or ends_before)


@dataclass(frozen=True, slots=True)
class Update:
    """New values for a dynamic profile; None leaves what is there."""

    limit: float | None = None
    discharge_limit: float | None = None
    setpoint: float | None = None

    def applied_to(self, period: Period) -> Period:
        """`period` with the values that are new."""
        return replace(
            period,
            limit=period.limit if self.limit is None else self.limit,
            discharge_limit=period.discharge_limit
            if self.discharge_limit is None
            else self.discharge_limit,
            setpoint=period.setpoint if self.setpoint is None else self.setpoint,
        )

    def __str__(self) -> str:
        values = {
            "limit": self.limit,
            "discharge limit": self.discharge_limit,
            "setpoint": self.setpoint,
        }
        return ", ".join(f"{name} {value:g}" for name, value in values.items() if value is not None)
