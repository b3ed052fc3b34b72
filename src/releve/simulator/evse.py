"""One EVSE: its outlet, the car in it, the driver before it, and the state that follows from them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from releve.simulator.car import MIN_CURRENT_A, Car
from releve.simulator.electrical import Offer, Supply
from releve.simulator.meter import Meter
from releve.simulator.profiles.model import Mode, Profile
from releve.simulator.tokens import Token
from releve.simulator.transaction import ChargingState, Transaction


class Status(StrEnum):
    """The state of a connector in the words of 1.6; 2.x folds five of them into Occupied."""

    AVAILABLE = "Available"
    PREPARING = "Preparing"
    CHARGING = "Charging"
    SUSPENDED_EV = "SuspendedEV"
    SUSPENDED_EVSE = "SuspendedEVSE"
    FINISHING = "Finishing"
    RESERVED = "Reserved"
    UNAVAILABLE = "Unavailable"
    FAULTED = "Faulted"


@dataclass(frozen=True, slots=True)
class Reservation:
    """Evse 0: any EVSE of the station."""

    id: int
    evse: int
    token: Token
    group: str | None
    expires_at: datetime


@dataclass(slots=True, eq=False)
class Evse:
    """One EVSE (a 1.6 connector) with its connectors, of which one at a time is in use."""

    id: int
    supply: Supply
    connectors: tuple[str, ...]
    meter: Meter
    connector: int = 1
    """The connector in use, or the first."""
    car: Car | None = None
    token: Token | None = None
    """A driver who may charge and has not begun, until `token_expires`."""
    token_group: str | None = None
    token_expires: float = 0.0
    remote_start_id: int | None = None
    """2.x: the request that presented `token`."""
    pending_profile: Profile | None = None
    """Came with the remote start; becomes the transaction's own."""
    transaction: Transaction | None = None
    finished: bool = False
    """The transaction is over and the cable is still in."""
    operative: bool = True
    becoming: bool | None = None
    """The availability that will apply when the transaction is over (Scheduled)."""
    fault: str | None = None
    """A 1.6 error code, such as GroundFailure, or None."""
    reservation: Reservation | None = None
    allowed_a: float = 0.0
    """What the EVSE allows now, in ampere per phase: profiles and load balancing applied."""
    allowed_phases: int = 0
    mode: Mode | None = None
    """What a profile says of setpoints and discharging; None: charging only."""
    setpoint_w: float | None = None
    discharge_w: float = 0.0
    """The most that may be given back, counted above zero."""
    allowed_transfer: tuple[str, ...] = ()
    """What the driver of `token` may do, as the authorisation said (Q01)."""
    temperature_c: float = 18.0
    last_reported: str | None = None
    shown: str | None = None
    """The status as the version words it, and since when (simulated seconds)."""
    shown_since: float = 0.0

    def __post_init__(self) -> None:
        self.allowed_a = self.supply.max_current_a
        self.allowed_phases = self.supply.phases

    @property
    def plugged(self) -> bool:
        return self.car is not None

    @property
    def offer(self) -> Offer:
        """What the car may take: nothing without a transaction in good standing."""
        running = self.transaction
        live = running is not None and self.fault is None and not running.paused
        may_flow = running is not None and live and not running.suspended
        return Offer(
            current_a=self.allowed_a if live else 0.0,
            phases=self.allowed_phases,
            voltage_v=self.supply.voltage_v,
            direct=self.supply.direct,
            setpoint_w=self.setpoint_w if live else None,
            discharge_w=self.discharge_w if may_flow else 0.0,
        )

    @property
    def charging_state(self) -> ChargingState:
        """The state of the energy transfer; the EVSE's own restriction comes before the car's (1.6, 4.9)."""
        if self.car is None:
            return ChargingState.IDLE
        if self.transaction is None or self.transaction.token is None:
            return ChargingState.EV_CONNECTED
        if self.transaction.suspended:
            return ChargingState.SUSPENDED_EVSE
        if self.meter.flow.power_w != 0:
            return ChargingState.CHARGING  # whichever way it flows
        return ChargingState.SUSPENDED_EVSE if self._held_back else ChargingState.SUSPENDED_EV

    @property
    def _held_back(self) -> bool:
        """Whether the EVSE itself, not the car, is why nothing flows."""
        if self.setpoint_w is not None and self.setpoint_w < 0:
            return self.discharge_w <= 0
        return self.allowed_a < MIN_CURRENT_A - 1e-9 or self.setpoint_w == 0

    @property
    def status(self) -> Status:
        if self.fault is not None:
            return Status.FAULTED
        if self.transaction is not None:
            return _IN_TRANSACTION[self.charging_state]
        if not self.operative:
            return Status.UNAVAILABLE
        if self.plugged:
            return Status.FINISHING if self.finished else Status.PREPARING
        if self.token is not None:
            return Status.PREPARING
        return Status.AVAILABLE if self.reservation is None else Status.RESERVED

    @property
    def free(self) -> bool:
        """Whether a driver may come with a car."""
        return self.status in (Status.AVAILABLE, Status.RESERVED) and not self.plugged


_IN_TRANSACTION = {
    ChargingState.CHARGING: Status.CHARGING,
    ChargingState.SUSPENDED_EV: Status.SUSPENDED_EV,
    ChargingState.SUSPENDED_EVSE: Status.SUSPENDED_EVSE,
    ChargingState.EV_CONNECTED: Status.PREPARING,
    ChargingState.IDLE: Status.SUSPENDED_EV,
}
