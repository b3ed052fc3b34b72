"""A car that speaks ISO 15118: it tells what it needs, and by ISO 15118-2 how it will charge (K15 to K17, Q01)."""

from releve.ocpp.messages import v21
from releve.ocpp.version import Version
from releve.simulator import sessions, v2x
from releve.simulator.car import MIN_CURRENT_A, Car
from releve.simulator.electrical import Supply
from releve.simulator.evse import Evse
from releve.simulator.line import CallFailed, LineDown, NoAnswer
from releve.simulator.station import Station
from releve.simulator.transaction import Reason, Trigger
from releve.simulator.v2 import v2x_needs

REFUSED = "refused"
"""Of the transfer: the CSMS accepts none that the car can do."""
PAUSE_S = 2.0
TUPLES = 12
"""Entries of a schedule that the car can take."""


def begin(station: Station, evse: Evse) -> None:
    """The car tells its needs once its transaction has begun (K15.FR.01)."""
    if evse.car is not None and evse.car.model.iso15118 and evse.transaction is not None:
        station.spawn(_tell(station, evse))


async def _tell(station: Station, evse: Evse) -> None:
    transaction = evse.transaction
    for _ in range(3):  # its transaction may not be known yet
        await station.clock.sleep(PAUSE_S)
        if transaction is None or evse.transaction is not transaction:
            return
        try:
            if await tell(station, evse) == "Accepted":
                return
        except (CallFailed, LineDown, NoAnswer):
            station.note("needs", "the car's needs were not answered", evse.id)
            continue
        if transaction.transfer == REFUSED:
            sessions.end(station, evse, Reason.TRANSFER_REJECTED, Trigger.ABNORMAL_CONDITION)
            return  # Q01.FR.06


async def tell(station: Station, evse: Evse) -> str:
    """NotifyEVChargingNeeds; how it was answered.

    A car that goes both ways asks for that where it is allowed, and for charging only when it is refused (Q01.FR.05).
    """
    car, transaction = evse.car, evse.transaction
    if car is None or transaction is None:
        return ""
    if not v2x.in_session(station, evse):
        return await _ask(station, evse, _needs(car, evse.supply))
    modes = [v2x.CHARGING]
    if v2x.BOTH_WAYS in transaction.allowed:
        modes.insert(0, v2x.BOTH_WAYS)
    for mode in modes:
        status = await _ask(station, evse, v2x_needs.needs(car, evse.supply, mode))
        transaction.transfer = REFUSED if status == "Rejected" else mode
        if status != "Rejected":
            break
    station.catch_up()
    station.settle()
    return status


async def renegotiate(station: Station, evse: Evse) -> None:
    """What the transaction may do has changed: the car tells its needs anew (Q02)."""
    if v2x.in_session(station, evse):
        await tell(station, evse)


async def _ask(station: Station, evse: Evse, needs: v21.ChargingNeeds) -> str:
    is_21 = station.dialect.version is Version.V21
    answer = await station.ask(
        v21.NotifyEVChargingNeedsRequest(
            evse_id=evse.id,
            max_schedule_tuples=TUPLES,
            charging_needs=needs,
            timestamp=station.now() if is_21 else None,
        )
    )
    wanted = needs.requested_energy_transfer.value
    text = f"the car tells its needs ({wanted}): {answer.status.value}"
    station.note("needs", text, evse.id, status=answer.status.value, transfer=wanted)
    return answer.status.value


def _needs(car: Car, supply: Supply) -> v21.ChargingNeeds:
    missing = max(0.0, car.target_soc - car.soc) * car.model.battery_kwh * 1000
    modes = v21.EnergyTransferModeEnum
    if supply.direct:
        power = int(car.model.dc_power_kw * 1000)
        return v21.ChargingNeeds(
            requested_energy_transfer=modes.DC,
            dc_charging_parameters=v21.DCChargingParameters(
                ev_max_current=int(power / 400),
                ev_max_voltage=500,
                ev_max_power=power,
                energy_amount=int(missing),
                state_of_charge=int(car.soc * 100),
                full_soc=int(car.target_soc * 100),
            ),
        )
    phases = min(car.model.ac_phases, supply.phases)
    return v21.ChargingNeeds(
        requested_energy_transfer=modes.AC_SINGLE_PHASE if phases == 1 else modes.AC_THREE_PHASE,
        ac_charging_parameters=v21.ACChargingParameters(
            energy_amount=int(missing),
            ev_min_current=int(MIN_CURRENT_A),
            ev_max_current=int(car.model.ac_current_a),
            ev_max_voltage=400,
        ),
    )


def follow(station: Station, evse_id: int, profile: v21.ChargingProfile) -> None:
    """A schedule came for the car: it answers by its own plan, which keeps to it (K15.FR.10, K15.FR.19)."""
    evse = station.evses.get(evse_id)
    if evse is None or evse.car is None or not evse.car.model.iso15118:
        return
    if v2x.in_session(station, evse):
        return  # in dynamic control it follows what the station sets, and plans nothing (K19)
    if profile.charging_profile_purpose is v21.ChargingProfilePurposeEnum.TX_PROFILE:
        station.spawn(_plan(station, evse_id, profile.charging_schedule[0]))


async def _plan(station: Station, evse_id: int, offered: v21.ChargingSchedule) -> None:
    await station.clock.sleep(1)  # the car thinks
    later = v21.NotifyEVChargingScheduleRequest(
        time_base=offered.start_schedule or station.now(),
        evse_id=evse_id,
        charging_schedule=v21.ChargingSchedule(
            id=offered.id,
            charging_rate_unit=offered.charging_rate_unit,
            duration=offered.duration,
            charging_schedule_period=offered.charging_schedule_period,
        ),
        selected_charging_schedule_id=offered.id
        if station.dialect.version is Version.V21
        else None,
    )
    try:
        answer = await station.ask(later)
    except (CallFailed, LineDown, NoAnswer):
        return
    station.note("needs", f"the car's plan: {answer.status.value}", evse_id)
