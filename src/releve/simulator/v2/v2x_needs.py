"""What a car of ISO 15118-20 tells that can give back (Q01.FR.03)."""

from releve.ocpp.messages import v21
from releve.simulator.car import Car
from releve.simulator.electrical import Supply

MIN_POWER_W = 1000.0
"""Below it neither car nor outlet work with any use."""
VOLTAGE_V = (300.0, 450.0)


def needs(car: Car, supply: Supply, mode: str) -> v21.ChargingNeeds:
    """Its needs with `mode` as the requested transfer; energies are counted from the present state of charge."""
    modes, capacity_wh = v21.EnergyTransferModeEnum, car.model.battery_kwh * 1000
    most_w = min(car.model.dc_power_kw * 1000, supply.max_power_w)
    back_w = min(car.model.discharge_kw * 1000, supply.max_discharge_w)

    def missing_wh(soc: float) -> float:
        return round((soc - car.soc) * capacity_wh)

    both = mode == modes.DC_BPT.value
    return v21.ChargingNeeds(
        requested_energy_transfer=modes(mode),
        available_energy_transfer=[modes.DC, modes.DC_BPT],
        control_mode=v21.ControlModeEnum.DYNAMIC_CONTROL,
        mobility_needs_mode=v21.MobilityNeedsModeEnum.EVCC,
        v2x_charging_parameters=v21.V2XChargingParameters(
            min_charge_power=MIN_POWER_W,
            max_charge_power=round(most_w),
            min_discharge_power=MIN_POWER_W if both else None,
            max_discharge_power=round(back_w) if both else None,
            min_voltage=VOLTAGE_V[0],
            max_voltage=VOLTAGE_V[1],
            ev_target_energy_request=max(0.0, missing_wh(car.target_soc)),
            ev_min_energy_request=missing_wh(car.min_soc),
            ev_max_energy_request=missing_wh(1.0),
            ev_min_v2x_energy_request=missing_wh(car.min_soc) if both else None,
            ev_max_v2x_energy_request=missing_wh(car.target_soc) if both else None,
            target_soc=round(car.target_soc * 100),
        ),
    )
