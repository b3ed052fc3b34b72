"""Bringing transaction messages to the CSMS, one after the other."""

from typing import TYPE_CHECKING

from releve.simulator.line import LineDown, NoAnswer, Refused
from releve.simulator.outbox import Entry
from releve.simulator.quirks import Quirk

if TYPE_CHECKING:
    from releve.simulator.station import Station


async def pump(station: "Station") -> None:
    """Deliver what waits in the outbox, for ever. The next message waits for the first (1.6, 3.7)."""
    while True:
        entry = station.outbox.head(station.clock.time()) if station.online else None
        if entry is None:
            station.wake.clear()
            await station.wake.wait()
        else:
            await _deliver(station, entry)


async def _deliver(station: "Station", entry: Entry) -> None:
    if Quirk.SAME_ID_RETRY in station.plan.quirks and entry.message_id is None:
        entry.message_id = station.ids()
    try:
        response = await station.ask(entry.build(entry.offline), entry.message_id)
    except LineDown:
        return  # no failure of the CSMS: it is sent again when the line is back
    except (Refused, NoAnswer) as problem:
        _failed(station, entry, problem)
        return
    if entry.begins and not entry.answer_lost and Quirk.DUPLICATE_START in station.plan.quirks:
        entry.answer_lost = True
        station.note("quirk", f"takes the answer to {entry.action} for lost and repeats it")
        return
    station.outbox.delivered()
    station.note("delivered", f"{entry.action} was acknowledged", action=entry.action)
    entry.on_answer(response)


def _failed(station: "Station", entry: Entry, problem: Exception) -> None:
    settings = station.behaviour
    given_up = station.outbox.failed(
        station.clock.time(), settings.message_attempts, settings.message_retry_interval_s
    )
    if given_up:
        text = f"gives up {entry.action} after {entry.transmissions} attempts: {problem}"
        station.note("discarded", text, action=entry.action)
    else:
        wait_s = entry.not_before - station.clock.time()
        text = f"{entry.action} was not processed ({problem}); again in {wait_s:.0f} s"
        station.note("retry", text, action=entry.action, wait_s=wait_s)
