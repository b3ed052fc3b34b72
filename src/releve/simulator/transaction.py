"""A transaction as the station keeps it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from releve.simulator.meter import Sample
from releve.simulator.profiles.model import Mode
from releve.simulator.tokens import Token


class Reason(StrEnum):
    """Why a transaction ended; wire names of all versions (1.6 knows fewer)."""

    DE_AUTHORIZED = "DeAuthorized"
    EMERGENCY_STOP = "EmergencyStop"
    EV_DISCONNECTED = "EVDisconnected"
    ENERGY_LIMIT = "EnergyLimitReached"
    HARD_RESET = "HardReset"
    IMMEDIATE_RESET = "ImmediateReset"
    LOCAL = "Local"
    MASTER_PASS = "MasterPass"  # noqa: S105 - a reason
    OTHER = "Other"
    POWER_LOSS = "PowerLoss"
    REBOOT = "Reboot"
    REMOTE = "Remote"
    SOFT_RESET = "SoftReset"
    TIMEOUT = "Timeout"
    TRANSFER_REJECTED = "ReqEnergyTransferRejected"
    UNLOCK_COMMAND = "UnlockCommand"


class ChargingState(StrEnum):
    """What the EVSE is doing for the car; wire names of 2.x."""

    CHARGING = "Charging"
    EV_CONNECTED = "EVConnected"
    SUSPENDED_EV = "SuspendedEV"
    SUSPENDED_EVSE = "SuspendedEVSE"
    IDLE = "Idle"


class Trigger(StrEnum):
    """What made the station report; wire names of 2.x (triggerReason)."""

    AUTHORIZED = "Authorized"
    CABLE_PLUGGED_IN = "CablePluggedIn"
    CHARGING_STATE_CHANGED = "ChargingStateChanged"
    DEAUTHORIZED = "Deauthorized"
    EV_COMMUNICATION_LOST = "EVCommunicationLost"
    EV_CONNECT_TIMEOUT = "EVConnectTimeout"
    METER_VALUE_CLOCK = "MeterValueClock"
    METER_VALUE_PERIODIC = "MeterValuePeriodic"
    REMOTE_START = "RemoteStart"
    REMOTE_STOP = "RemoteStop"
    RESET_COMMAND = "ResetCommand"
    STOP_AUTHORIZED = "StopAuthorized"
    TRIGGER = "Trigger"
    UNLOCK_COMMAND = "UnlockCommand"
    ABNORMAL_CONDITION = "AbnormalCondition"
    LIMIT_SET = "LimitSet"
    ENERGY_LIMIT_REACHED = "EnergyLimitReached"
    TIME_LIMIT_REACHED = "TimeLimitReached"
    SOC_LIMIT_REACHED = "SoCLimitReached"
    TX_RESUMED = "TxResumed"
    OPERATION_MODE_CHANGED = "OperationModeChanged"


UNKNOWN_NUMBER = -1
"""The transactionId of a 1.6 transaction whose StartTransaction was never answered."""


@dataclass(slots=True)
class Limits:
    """None: not limited in this respect. energy_wh: delivered; time_s: since the start; soc_pct: of the car."""

    energy_wh: float | None = None
    time_s: float | None = None
    soc_pct: float | None = None


@dataclass(slots=True, eq=False)
class Transaction:
    """One account of energy. `key` is the station's own id: in 2.x it is what goes over the wire."""

    key: str
    evse: int
    began_at: datetime
    meter_start_wh: float
    token: Token | None = None
    number: int | None = None
    """1.6: the id that the CSMS gave, None until it answers."""
    remote_start_id: int | None = None
    reservation: int | None = None
    energy_origin: datetime | None = None
    """When energy could first flow: the start of Relative schedules (K01.FR.42)."""
    state: ChargingState = ChargingState.EV_CONNECTED
    samples: list[Sample] = field(default_factory=list)
    """Kept for the message that ends the transaction."""
    allowed: tuple[str, ...] = ()
    """Ways of transferring energy that the CSMS allows (2.1, Q01, Q02)."""
    transfer: str = ""
    """The way that car, station and CSMS have agreed on; "": none was spoken of."""
    mode: Mode = Mode.CHARGING_ONLY
    """As told last."""
    priority: bool = False
    """Priority charging is on (K21, K22)."""
    deauthorized: bool = False
    """Still open, but no energy flows: the token turned out invalid, or has been presented to stop."""
    token_reported: bool = False
    evse_reported: bool = False
    phases_reported: int | None = None
    energy_limit_wh: float | None = None
    """Meter register at which a deauthorised transaction must end (MaxEnergyOnInvalidId)."""
    limits: Limits = field(default_factory=Limits)
    interrupted: bool = False
    """A restart is under way, or has taken the energy away for good (B13)."""
    at_limit: bool = False
    """Suspended because a limit has been reached."""
    ended_at: datetime | None = None
    meter_stop_wh: float | None = None
    reason: Reason | None = None
    stop_trigger: Trigger | None = None
    stop_token: Token | None = None
    next_sample_at: float | None = None
    """Simulated seconds."""
    next_kept_at: float | None = None
    """When the next reading for the end is due, in simulated seconds."""
    _sequence: int = 0

    @property
    def suspended(self) -> bool:
        """Whether the station lets no energy flow."""
        return self.deauthorized or self.paused

    @property
    def paused(self) -> bool:
        """Whether nothing at all may flow: a deauthorised driver may still be given a little."""
        return self.at_limit or self.interrupted

    @property
    def wire_number(self) -> int:
        """1.6 transactionId for the wire: the CSMS's own, or -1 when it never told."""
        return UNKNOWN_NUMBER if self.number is None else self.number

    def next_sequence(self) -> int:
        """The next seqNo: 0 first, then one more each time (E01.FR.07)."""
        value = self._sequence
        self._sequence += 1
        return value

    def remember(self, sample: Sample, most: int = 200) -> None:
        """Keep `sample` for the end; when it gets too much, every second one in between goes (E06.FR.13)."""
        self.samples.append(sample)
        if len(self.samples) > most:
            self.samples = [self.samples[0], *self.samples[2:-1:2], self.samples[-1]]
