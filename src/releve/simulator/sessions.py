"""What drivers do at an EVSE, and the transactions that come of it.

Block E of 2.x with its start and stop points; 1.6 is the case of PowerPathClosed and Authorized.
"""

from typing import TYPE_CHECKING

from releve.simulator import authorization, reservations, sampling
from releve.simulator.car import Car
from releve.simulator.evse import Evse
from releve.simulator.meter import Context
from releve.simulator.profiles.model import Mode
from releve.simulator.quirks import Quirk
from releve.simulator.tokens import Token, TokenInfo
from releve.simulator.transaction import Reason, Transaction, Trigger

if TYPE_CHECKING:
    from releve.simulator.station import Station

BOTH_NEEDED = frozenset(("PowerPathClosed", "DataSigned", "EnergyTransfer"))
"""Start points that are reached when a car is connected and its driver authorised."""
ENDS_WITH_AUTHORIZATION = frozenset(
    ("Authorized", "PowerPathClosed", "EnergyTransfer", "DataSigned")
)
"""Stop points that are reached when the authorisation ends (E05.FR.10, E06.FR.03, E06.FR.06)."""
ENDS_WITH_CONNECTION = frozenset(("EVConnected", "PowerPathClosed", "EnergyTransfer", "DataSigned"))
"""Stop points that are reached when the cable comes out (E06.FR.02, E06.FR.06)."""


class Impossible(Exception):
    """The driver cannot do this here and now; the text says why."""


def plug_in(station: "Station", evse: Evse, car: Car, connector: int = 1) -> None:
    """A cable goes in. Raises Impossible when the EVSE has a car already."""
    if evse.car is not None:
        raise Impossible(f"EVSE {evse.id} has a car already")
    station.catch_up()
    evse.car, evse.connector, evse.finished = car, connector, False
    text = f"a {car.model.name} with {car.soc:.0%} is plugged into EVSE {evse.id}"
    station.note("plugged", text, evse.id)
    if evse.transaction is not None:
        _energy_may_flow(station, evse.transaction)
        station.dialect.changed(station, evse.transaction, Trigger.CABLE_PLUGGED_IN)  # E02.FR.17
    _begin_if_due(station, evse, Trigger.CABLE_PLUGGED_IN)
    station.settle()


def unplug(station: "Station", evse: Evse) -> Car | None:
    """The cable comes out, whatever is going on; returns the car, if there was one."""
    station.catch_up()
    car, evse.car, evse.finished = evse.car, None, False
    if car is None:
        return None
    station.note("unplugged", f"the car leaves EVSE {evse.id} with {car.soc:.0%}", evse.id)
    transaction = evse.transaction
    if transaction is not None and _ends_on_disconnect(station):
        reason = transaction.reason or Reason.EV_DISCONNECTED
        end(station, evse, reason, Trigger.EV_COMMUNICATION_LOST, transaction.stop_token)
    elif transaction is not None:
        station.dialect.changed(station, transaction, Trigger.EV_COMMUNICATION_LOST)
    station.settle()
    return car


async def present_token(station: "Station", evse: Evse, token: Token) -> bool:
    """A driver holds `token` to the reader, to begin or to stop; tells whether it was accepted."""
    transaction = evse.transaction
    if transaction is not None and transaction.token is not None:
        if await _is_master(station, token):
            return stop_all(station, token)
        return await _stop_by_token(station, evse, transaction, token)
    if evse.token is not None and evse.token.key == token.key and not evse.plugged:
        evse.token = None  # a second presentation ends the intended use (1.6, 4.9, B1)
        station.settle()
        return False
    if not evse.operative or evse.fault is not None:
        station.note("not-authorized", f"EVSE {evse.id} is out of order", evse.id)
        return False
    info = await authorization.authorize(station, token)
    if authorization.masters(station, info):
        return stop_all(station, token)  # C16.FR.02, C16.FR.03
    if not info.accepted_now:
        station.note(
            "not-authorized",
            f"{token.text} is not accepted: {info.status}",
            evse.id,
            status=info.status,
        )
        return False
    return grant(station, evse, token, info)


async def _is_master(station: "Station", token: Token) -> bool:
    if not station.behaviour.master_group:
        return False
    return authorization.masters(station, await authorization.authorize(station, token))


def stop_all(station: "Station", token: Token) -> bool:
    """Somebody with a master pass ends whatever goes on; tells whether anything did (C16)."""
    running = [evse for evse in station.evses.values() if evse.transaction is not None]
    for evse in running:
        end(station, evse, Reason.MASTER_PASS, Trigger.STOP_AUTHORIZED, token)
    station.note("master-pass", f"{token.text} stops {len(running)} transactions")
    return bool(running)


def grant(
    station: "Station",
    evse: Evse,
    token: Token,
    info: TokenInfo,
    remote_start_id: int | None = None,
    *,
    remote: bool = False,
) -> bool:
    """`token` may charge at `evse`: begin when a car is there, else wait for one."""
    if not reservations.admits(station, evse, token, info):
        station.note("not-authorized", f"EVSE {evse.id} is reserved for another", evse.id)
        return False
    station.catch_up()
    trigger = Trigger.REMOTE_START if remote else Trigger.AUTHORIZED
    station.note("authorized", f"{token.text} may charge at EVSE {evse.id}", evse.id)
    if evse.transaction is not None:
        evse.transaction.allowed = info.transfer
        _authorize_running(station, evse.transaction, token, remote_start_id, trigger)
    else:
        evse.allowed_transfer = info.transfer
        evse.token, evse.token_group, evse.remote_start_id = token, info.group, remote_start_id
        evse.token_expires = station.clock.time() + station.behaviour.connection_timeout_s
        _begin_if_due(station, evse, trigger)
    station.settle()
    return True


def judged(station: "Station", transaction: Transaction, info: TokenInfo) -> None:
    """The CSMS has judged the token of `transaction` (E05, 1.6 StartTransaction.conf)."""
    if transaction.token is not None:
        station.book.learn(transaction.token, info)
    evse = station.evses[transaction.evse]
    if info.accepted_now or evse.transaction is not transaction:
        return
    station.note(
        "not-authorized", f"the CSMS refuses the token of EVSE {evse.id}: {info.status}", evse.id
    )
    if station.behaviour.stop_on_invalid_id and _ends_on_deauthorization(station):
        end(station, evse, Reason.DE_AUTHORIZED, Trigger.DEAUTHORIZED)
    else:
        more_wh = station.behaviour.max_energy_on_invalid_id_wh
        transaction.deauthorized = True
        transaction.reason = Reason.DE_AUTHORIZED
        transaction.energy_limit_wh = evse.meter.register_wh + more_wh if more_wh > 0 else None
    station.settle()


def end(
    station: "Station",
    evse: Evse,
    reason: Reason,
    trigger: Trigger,
    token: Token | None = None,
) -> None:
    """End the transaction of `evse` and report it."""
    transaction = evse.transaction
    if transaction is None:
        return
    station.catch_up()
    transaction.ended_at = station.now()
    transaction.meter_stop_wh = evse.meter.register_wh
    transaction.reason, transaction.stop_trigger, transaction.stop_token = reason, trigger, token
    transaction.remember(sampling.take(station, evse, Context.END, station.behaviour.ended))
    evse.transaction, evse.token, evse.finished = None, None, evse.plugged
    station.profiles.end(transaction.key)
    energy_kwh = (transaction.meter_stop_wh - transaction.meter_start_wh) / 1000
    text = f"EVSE {evse.id} ends a transaction of {energy_kwh:.2f} kWh: {reason}"
    station.note("transaction-ended", text, evse.id, transaction=transaction.key, reason=reason)
    if Quirk.LOSES_STOP in station.plan.quirks and station.starts % 3 == 0:
        station.note("quirk", f"the end of EVSE {evse.id}'s transaction is lost", evse.id)
    else:
        station.dialect.ended(station, transaction)
    if evse.becoming is not None:
        evse.operative, evse.becoming = evse.becoming, None
    station.settle()
    if station.reset_when_idle is not None and not station.busy:
        job, station.reset_when_idle = station.reset_when_idle, None
        station.post(job)


def remote_stop(station: "Station", evse: Evse) -> None:
    """The CSMS ends a transaction: like a local stop (1.6, 5.12; F03)."""
    if _ends_on_deauthorization(station):
        end(station, evse, Reason.REMOTE, Trigger.REMOTE_STOP)
        return
    _suspend(station, evse, Reason.REMOTE, Trigger.REMOTE_STOP, None)


def expire(station: "Station") -> None:
    """Give up drivers who never plugged in (ConnectionTimeOut, EVConnectionTimeOut)."""
    now = station.clock.time()
    for evse in station.evses.values():
        if evse.plugged or now < evse.token_expires:
            continue
        if evse.transaction is not None and evse.transaction.energy_origin is None:
            end(station, evse, Reason.TIMEOUT, Trigger.EV_CONNECT_TIMEOUT)
        elif evse.token is not None:
            evse.token = None
            evse.pending_profile = None
            station.note("timeout", f"nobody plugged in at EVSE {evse.id}", evse.id)


def track(station: "Station") -> None:
    """Report changed charging states and operation modes (E02.FR.13, K01.FR.110)."""
    for evse in station.evses.values():
        transaction = evse.transaction
        if transaction is not None and transaction.mode is not (evse.mode or Mode.CHARGING_ONLY):
            transaction.mode = evse.mode or Mode.CHARGING_ONLY
            station.note("mode", f"EVSE {evse.id}: {transaction.mode}", evse.id)
            station.dialect.changed(station, transaction, Trigger.OPERATION_MODE_CHANGED)
        if transaction is None or evse.charging_state is transaction.state:
            continue
        transaction.state = evse.charging_state
        station.note("charging-state", f"EVSE {evse.id}: {transaction.state}", evse.id)
        station.dialect.changed(station, transaction, Trigger.CHARGING_STATE_CHANGED)


def _begin_if_due(station: "Station", evse: Evse, trigger: Trigger) -> None:
    """Begin a transaction when a configured start point is reached (E01.FR.02, .03, .05)."""
    if evse.transaction is not None or not evse.operative or evse.fault is not None:
        return
    points = station.behaviour.start_points
    authorized, plugged = evse.token is not None, evse.plugged
    if (
        ("EVConnected" in points and plugged)
        or ("Authorized" in points and authorized)
        or (authorized and plugged)  # whatever the points say, energy never flows unaccounted
    ):
        _begin(station, evse, trigger)


def _begin(station: "Station", evse: Evse, trigger: Trigger) -> None:
    if Quirk.REGISTER_RESTARTS in station.plan.quirks:
        evse.meter.register_wh = 0.0
    transaction = Transaction(
        key=station.new_key(),
        evse=evse.id,
        began_at=station.now(),
        meter_start_wh=evse.meter.register_wh,
        token=evse.token,
        remote_start_id=evse.remote_start_id,
        reservation=reservations.use(station, evse),
        allowed=evse.allowed_transfer if evse.token is not None else (),
    )
    evse.transaction, evse.token, evse.remote_start_id = transaction, None, None
    station.starts += 1
    if evse.plugged:
        _energy_may_flow(station, transaction)
    if transaction.energy_origin is None:
        transaction.state = evse.charging_state
    _install_pending(station, evse, transaction)
    sampling.begin(station, evse, transaction)
    text = f"EVSE {evse.id} begins a transaction"
    station.note("transaction-started", text, evse.id, transaction=transaction.key)
    station.dialect.began(station, transaction, trigger)


def _install_pending(station: "Station", evse: Evse, transaction: Transaction) -> None:
    """The profile that came with the remote start is the transaction's from now on (1.6, 5.16.2; K05)."""
    profile, evse.pending_profile = evse.pending_profile, None
    if profile is not None:
        refusal = station.profiles.install(profile.of(transaction.key), station.running())
        if refusal is not None:
            station.note("profile-refused", f"the remote start's profile: {refusal}", evse.id)


def _energy_may_flow(station: "Station", transaction: Transaction) -> None:
    if transaction.token is not None and transaction.energy_origin is None:
        transaction.energy_origin = station.now()  # K01.FR.42


def _authorize_running(
    station: "Station",
    transaction: Transaction,
    token: Token,
    remote_start_id: int | None,
    trigger: Trigger,
) -> None:
    """A transaction that began with the cable gets its driver (E03.FR.01)."""
    transaction.token, transaction.remote_start_id = token, remote_start_id
    evse = station.evses[transaction.evse]
    if evse.plugged:
        _energy_may_flow(station, transaction)
    _install_pending(station, evse, transaction)
    station.dialect.changed(station, transaction, trigger)


async def _stop_by_token(
    station: "Station", evse: Evse, transaction: Transaction, token: Token
) -> bool:
    if not await authorization.may_stop(station, transaction, token):
        station.note("not-authorized", f"{token.text} may not stop EVSE {evse.id}", evse.id)
        return False
    if evse.transaction is not transaction:
        return True  # it ended while the CSMS was asked
    if _ends_on_deauthorization(station):
        end(station, evse, Reason.LOCAL, Trigger.STOP_AUTHORIZED, token)
    else:
        _suspend(station, evse, Reason.LOCAL, Trigger.STOP_AUTHORIZED, token)
    return True


def _suspend(
    station: "Station", evse: Evse, reason: Reason, trigger: Trigger, token: Token | None
) -> None:
    """Stop the energy; the transaction ends when its stop point is reached (E06.FR.02)."""
    transaction = evse.transaction
    if transaction is None:
        return
    transaction.deauthorized = True
    transaction.reason, transaction.stop_token = reason, token
    station.dialect.changed(station, transaction, trigger)
    station.settle()


def _ends_on_deauthorization(station: "Station") -> bool:
    return not ENDS_WITH_AUTHORIZATION.isdisjoint(station.behaviour.stop_points)


def _ends_on_disconnect(station: "Station") -> bool:
    points = station.behaviour.stop_points
    if not ENDS_WITH_CONNECTION.isdisjoint(points):
        return station.behaviour.stop_on_ev_disconnect
    return False
