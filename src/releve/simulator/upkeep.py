"""Restarts, logs, faults: what the operator does to a station rather than with it."""

from typing import TYPE_CHECKING

from releve.simulator import sessions
from releve.simulator.dialect import BootReason
from releve.simulator.evse import Evse
from releve.simulator.files import TransferFailed, upload
from releve.simulator.transaction import Reason, Trigger

if TYPE_CHECKING:
    from releve.simulator.station import Station

GRACE_S = 10
"""How long a restart waits for the ends of transactions to be acknowledged; then they stay queued."""


async def reset(station: "Station", reason: Reason, boot_reason: BootReason) -> None:
    """End all transactions for `reason`, let their messages out, and restart (1.6, 5.14; B12)."""
    for evse in station.evses.values():
        sessions.end(station, evse, reason, Trigger.RESET_COMMAND)
    await drain(station)
    await station.reboot(boot_reason)


async def reset_evse(station: "Station", evse: Evse, reason: Reason) -> None:
    """Restart one EVSE of a 2.x station: it is out of order for a moment (B12.FR.07)."""
    sessions.end(station, evse, reason, Trigger.RESET_COMMAND)
    was_operative, evse.operative = evse.operative, False
    station.settle()
    await station.clock.sleep(station.plan.reboot_s)
    evse.operative = was_operative
    station.settle()


def change_availability(station: "Station", evse: Evse | None, operative: bool) -> str:
    """Accepted, or Scheduled where a transaction has to end first (1.6, 5.2; G03, G04)."""
    chosen = list(station.evses.values()) if evse is None else [evse]
    if evse is None:
        _change_station(station, operative)
    scheduled = False
    for each in chosen:
        if each.transaction is not None and operative != each.operative:
            each.becoming, scheduled = operative, True
        else:
            each.operative, each.becoming = operative, None
    station.settle()
    return "Scheduled" if scheduled else "Accepted"


def log_name(station: "Station") -> str:
    """The name of the log file that would be handed in now."""
    return f"{station.identity}-{station.now():%Y%m%dT%H%M%S}.log"


async def upload_log(
    station: "Station",
    url: str,
    name: str,
    request_id: int | None,
    retries: int,
    retry_interval_s: int,
) -> None:
    """Hand in the journal as a text file (1.6, 5.9; N01)."""
    station.transfers.log_request = request_id
    await _log(station, "Uploading")
    lines = [f"{h.at:%Y-%m-%dT%H:%M:%S.%fZ} {h.kind:<20} {h.text}" for h in station.journal.kept]
    content = ("\n".join(lines) + "\n").encode()
    for attempt in range(retries + 1):
        try:
            target = await upload(url, name, content)
        except TransferFailed as problem:
            station.note("log", f"the log could not be handed in: {problem}")
            if attempt < retries:
                await station.clock.sleep(retry_interval_s)
            continue
        station.note("log", f"handed in {len(content)} bytes of log to {target}")
        await _log(station, "Uploaded")
        break
    else:
        await _log(station, "UploadFailure")
    station.transfers.log_state, station.transfers.log_request = "Idle", None


def fail(station: "Station", evse: Evse, error: str) -> None:
    """Something breaks: a running transaction ends, and the EVSE is faulted until `repair`."""
    evse.fault = error
    if evse.transaction is not None:
        sessions.end(station, evse, Reason.OTHER, Trigger.ABNORMAL_CONDITION)  # E06.FR.16
    station.note("fault", f"EVSE {evse.id} has a fault: {error}", evse.id, error=error)
    station.settle()


def repair(station: "Station", evse: Evse) -> None:
    """The fault of `evse` is gone."""
    evse.fault = None
    station.note("repaired", f"EVSE {evse.id} works again", evse.id)
    station.settle()


def _change_station(station: "Station", operative: bool) -> None:
    if station.operative == operative:
        return
    station.operative = operative
    status, at = station.status, station.now()
    if station.online:
        station.post(lambda: station.dialect.report_status(station, None, status, at))


async def _log(station: "Station", status: str) -> None:
    station.transfers.log_state = status
    station.note("log", f"log: {status}", status=status)
    await station.dialect.log_status(station, status, station.transfers.log_request)


async def drain(station: "Station") -> None:
    """Give the outbox time to empty while the line is up."""
    for _ in range(GRACE_S):
        if len(station.outbox) == 0 or not station.online:
            return
        await station.clock.sleep(1)
