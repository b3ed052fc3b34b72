"""DER controls at work: they begin and end by the clock, and one of them holds back what cars give (R04, R05).

Of all controls LimitMaxDischarge has an effect here; the others are kept, told of, and go their way in time.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from releve.ocpp.messages import v21
from releve.simulator import v2x
from releve.simulator.dialect import Then

if TYPE_CHECKING:
    from releve.simulator.station import Station

SETTINGS = (
    "curve",
    "enter_service",
    "fixed_pf_absorb",
    "fixed_pf_inject",
    "fixed_var",
    "freq_droop",
    "gradient",
    "limit_max_discharge",
)
LIMIT = v21.DERControlEnum.LIMIT_MAX_DISCHARGE


def watch(station: "Station") -> None:
    """Let controls begin and end, and tell it."""
    side, now = station.side, station.now()
    for control in list(side.controls.values()):
        number = control.control_id
        if control.is_default or number in side.superseded:
            continue  # R04.FR.09
        begin, end = _window(control, side.set_at.get(number, now))
        if end is not None and now >= end:
            told = number in side.running
            forget(station, number)  # R04.FR.10
            if told:
                station.post(_start_stop(station, number, started=False))  # R04.FR.22
        elif begin <= now and number not in side.running:
            beaten = _beaten(station, control)
            side.running.add(number)
            station.post(_start_stop(station, number, started=True, superseded=beaten))
    _limit(station)


def forget(station: "Station", number: str) -> None:
    """A control is over, or cleared."""
    side = station.side
    side.controls.pop(number, None)
    side.set_at.pop(number, None)
    side.superseded.discard(number)
    side.running.discard(number)


def priority(control: v21.SetDERControlRequest) -> int:
    """Lower goes first."""
    setting = _setting(control)
    return 0 if setting is None else int(setting.priority)


def _setting(control: v21.SetDERControlRequest) -> Any:
    return next((s for name in SETTINGS if (s := getattr(control, name)) is not None), None)


def _window(
    control: v21.SetDERControlRequest, set_at: datetime
) -> tuple[datetime, datetime | None]:
    setting = _setting(control)
    begin = getattr(setting, "start_time", None) or set_at
    duration_s = getattr(setting, "duration", None)
    return begin, None if duration_s is None else begin + timedelta(seconds=duration_s)


def _beaten(station: "Station", control: v21.SetDERControlRequest) -> list[str]:
    """Controls of the type that run and have to give way (R04.FR.21)."""
    side = station.side
    beaten = [
        number
        for number in side.same_type(control.control_type, is_default=False)
        if number in side.running and priority(side.controls[number]) > priority(control)
    ]
    side.superseded.update(beaten)
    side.running.difference_update(beaten)
    return beaten


def _limit(station: "Station") -> None:
    """What share of their discharge power EVSEs may use, and whether that is felt (R04.FR.11, R05.FR.01, FR.02)."""
    side = station.side
    share = _share(station)
    if share != side.discharge_share:
        side.discharge_share = share
        station.catch_up()
        station.settle()
    felt = share < 1 and any(_wants_more(station, n) for n in station.evses)
    if felt is side.der_alarm:
        return
    side.der_alarm = felt
    station.note("der", f"discharging is {'held back' if felt else 'free again'}")
    station.post(_alarm(station, ended=not felt))


def _share(station: "Station") -> float:
    side = station.side
    running = [n for n in side.same_type(LIMIT, is_default=False) if n in side.running]
    chosen = next(iter(running or side.same_type(LIMIT, is_default=True)), None)
    setting = None if chosen is None else side.controls[chosen].limit_max_discharge
    percent = None if setting is None else setting.pct_max_discharge_power
    return 1.0 if percent is None else min(1.0, max(0.0, percent / 100))


def _wants_more(station: "Station", number: int) -> bool:
    evse = station.evses[number]
    transaction = evse.transaction
    if transaction is None or transaction.transfer != v2x.BOTH_WAYS or evse.setpoint_w is None:
        return False
    return -evse.setpoint_w > evse.supply.max_discharge_w * station.side.discharge_share + 1e-6


def _start_stop(
    station: "Station", number: str, *, started: bool, superseded: list[str] | None = None
) -> Then:
    at = station.now()
    station.note("der", f"control {number} {'begins' if started else 'ends'}")

    async def tell() -> None:
        await station.ask(
            v21.NotifyDERStartStopRequest(
                control_id=number, started=started, timestamp=at, superseded_ids=superseded or []
            )
        )

    return tell


def _alarm(station: "Station", *, ended: bool) -> Then:
    at = station.now()

    async def tell() -> None:
        await station.ask(
            v21.NotifyDERAlarmRequest(
                control_type=LIMIT, timestamp=at, alarm_ended=True if ended else None
            )
        )

    return tell
