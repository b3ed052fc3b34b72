"""A car that can be charged: battery, on-board charger, and the slow end of every charge."""

from dataclasses import dataclass, field

from releve.simulator.electrical import NOTHING, Draw, Offer

MIN_CURRENT_A = 6.0
"""The least current that a control pilot can announce (IEC 61851-1): below it a car does not charge."""

Curve = tuple[tuple[float, float], ...]
"""Points (state of charge 0..1, share of full power 0..1), ascending, joined by straight lines."""

AC_CURVE: Curve = ((0.0, 1.0), (0.95, 1.0), (1.0, 0.15))
DC_CURVE: Curve = ((0.0, 1.0), (0.55, 1.0), (0.8, 0.6), (0.95, 0.15), (1.0, 0.04))


@dataclass(frozen=True, slots=True)
class CarModel:
    """What a type of car can take. Losses lie between the meter and the battery."""

    name: str
    battery_kwh: float
    ac_current_a: float
    ac_phases: int
    dc_power_kw: float = 0.0
    """0: the car has no DC inlet."""
    iso15118: bool = False
    """It tells what it needs, and plans its charging."""
    discharge_kw: float = 0.0
    """What it can give back over its DC inlet (ISO 15118-20); 0: it cannot."""
    ac_efficiency: float = 0.90
    dc_efficiency: float = 0.95
    ac_curve: Curve = AC_CURVE
    dc_curve: Curve = DC_CURVE


@dataclass(slots=True)
class Car:
    """One car, with its state of charge (0..1) and the state at which its driver is content."""

    model: CarModel
    soc: float
    target_soc: float = 1.0
    min_soc: float = 0.3
    """The driver wants at least this kept in the battery: discharging stops there."""
    asleep: bool = field(default=False)
    """The car takes nothing although it could: its own timer, or a full preconditioned battery."""

    def __post_init__(self) -> None:
        if not 0.0 <= self.soc <= 1.0:
            raise ValueError(f"soc is a share from 0 to 1, not {self.soc}")

    @property
    def content(self) -> bool:
        return self.soc >= self.target_soc - 1e-9

    def draw(self, offer: Offer) -> Draw:
        """What the car takes of what it is offered, or gives back when it is told to."""
        if offer.setpoint_w is not None:
            if offer.setpoint_w < 0:
                return self._give(offer)
            offer = offer.held_to(offer.setpoint_w)
            if offer.direct and not self.asleep and not self.content:
                return self._draw_dc(offer)  # a setpoint of DC knows no least current
        if self.asleep or self.content or offer.current_a < MIN_CURRENT_A - 1e-9:
            return NOTHING
        if offer.direct:
            return self._draw_dc(offer)
        phases = min(self.model.ac_phases, offer.phases)
        share = share_at(self.model.ac_curve, self.soc)
        current_a = min(offer.current_a, self.model.ac_current_a * share)
        return Draw(
            power_w=current_a * offer.voltage_v * phases, current_a=current_a, phases=phases
        )

    def _draw_dc(self, offer: Offer) -> Draw:
        full_w = self.model.dc_power_kw * 1000 * share_at(self.model.dc_curve, self.soc)
        power_w = min(offer.power_w, full_w)
        if power_w <= 0:
            return NOTHING
        current_a = power_w / (offer.voltage_v * offer.phases)
        return Draw(power_w=power_w, current_a=current_a, phases=offer.phases)

    def _give(self, offer: Offer) -> Draw:
        """Back to the grid: no more than is asked, allowed and possible, and down to the driver's minimum only."""
        wanted_w = -(offer.setpoint_w or 0.0)
        power_w = min(wanted_w, offer.discharge_w, self.model.discharge_kw * 1000)
        if self.asleep or not offer.direct or power_w <= 0 or self.soc <= self.min_soc + 1e-9:
            return NOTHING
        current_a = power_w / (offer.voltage_v * offer.phases)
        return Draw(power_w=-power_w, current_a=-current_a, phases=offer.phases)

    def discharge(self, energy_wh: float) -> float:
        """Take out of the battery what the meter is to count as given back; Wh at the meter.

        Less than `energy_wh` when the driver's minimum is reached on the way.
        """
        efficiency, battery_wh = self.model.dc_efficiency, self.model.battery_kwh * 1000
        left_wh = max(0.0, (self.soc - self.min_soc) * battery_wh * efficiency)
        given_wh = min(energy_wh, left_wh)
        self.soc = max(self.min_soc, self.soc - given_wh / efficiency / battery_wh)
        return given_wh

    def charge(self, energy_wh: float, *, direct: bool) -> float:
        """Put what the meter counted into the battery, as far as it is wanted.

        Returns the energy in Wh that was really taken at the meter: less than `energy_wh` when the driver's
        target is reached on the way.
        """
        efficiency = self.model.dc_efficiency if direct else self.model.ac_efficiency
        battery_wh = self.model.battery_kwh * 1000
        wanted_wh = max(0.0, (self.target_soc - self.soc) * battery_wh / efficiency)
        taken_wh = min(energy_wh, wanted_wh)
        self.soc = min(self.target_soc, self.soc + taken_wh * efficiency / battery_wh)
        return taken_wh


def share_at(curve: Curve, soc: float) -> float:
    """The share of full power at `soc`, between the curve's points."""
    before = curve[0]
    for point in curve[1:]:
        if soc <= point[0]:
            width = point[0] - before[0]
            ratio = (soc - before[0]) / width if width else 1.0
            return before[1] + (point[1] - before[1]) * ratio
        before = point
    return before[1]


CAR_MODELS: dict[str, CarModel] = {
    model.name: model
    for model in (
        CarModel("city", battery_kwh=27, ac_current_a=16, ac_phases=1, dc_power_kw=30),
        CarModel("compact", battery_kwh=52, ac_current_a=32, ac_phases=3, dc_power_kw=100),
        CarModel("family", battery_kwh=77, ac_current_a=16, ac_phases=3, dc_power_kw=135),
        CarModel("limousine", battery_kwh=95, ac_current_a=16, ac_phases=3, dc_power_kw=230),
        CarModel(
            "planner", battery_kwh=82, ac_current_a=16, ac_phases=3, dc_power_kw=200, iso15118=True
        ),
        CarModel("plug-in-hybrid", battery_kwh=13, ac_current_a=16, ac_phases=1),
        CarModel(
            "bidirectional",
            battery_kwh=62,
            ac_current_a=16,
            ac_phases=3,
            dc_power_kw=100,
            iso15118=True,
            discharge_kw=11,
        ),
        CarModel("van", battery_kwh=68, ac_current_a=32, ac_phases=1, dc_power_kw=80),
    )
}
"""The cars that scenario files may name. Figures are of the kind, not of any maker's model."""
