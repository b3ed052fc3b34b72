"""The system's clock jumps, the stations' clocks jump, the year has its odd days: no timer and no bill takes notice.

Timers run by the monotonic clock. A station's time is kept as it came, and energy is what the registers say.
"""

from __future__ import annotations

import asyncio
import functools
import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from releve.app import node as node_module
from tests.support.running import Running, running
from tests.torture.audit import audit, read
from tests.torture.stations import Crowd

CALL_TIMEOUT_S = 1.0
PATIENCE_S = 6.0
OPEN = {"unknown_stations": "accept", "unknown_tokens": "accept"}


class Jumping:
    """The system's clock, `offset` off; its monotonic part is sound."""

    def __init__(self, offset: timedelta = timedelta()) -> None:
        self.offset = offset

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset

    def monotonic(self) -> float:
        return time.monotonic()


class Careless(Jumping):
    """The twin's: everything goes by the clock on the wall."""

    def monotonic(self) -> float:
        return self.now().timestamp()


def install(monkeypatch: pytest.MonkeyPatch, clock: Jumping) -> None:
    """Let the next node live by this clock, its doors too."""
    serve = functools.partial(node_module.serve_stations, clock=clock.monotonic)
    monkeypatch.setattr(node_module, "SystemClock", lambda: clock)
    monkeypatch.setattr(node_module, "serve_stations", serve)


async def over_a_jump(directory: Path, clock: Jumping, jump: timedelta) -> list[str]:
    """Charge, let the clock jump there and back with a call of ours outstanding; what went wrong."""
    found: list[str] = []
    async with running(directory, call_timeout=CALL_TIMEOUT_S, ping_interval=2.0, **OPEN) as node:
        crowd = Crowd(node.stations_url, 4, str(jump))
        crowd.start()
        try:
            await crowd.heard()
            for offset in (jump, timedelta()):
                found += await _outstanding(node, clock, offset)
                for _ in range(20):
                    await crowd.heard()
            found += [
                f"{station.book.identity} had {station.connections} connections"
                for station in crowd.stations
                if station.connections != 1
            ]
            await crowd.finish()
        finally:
            await crowd.stop()
        return found + await audit(f"sqlite:///{directory / 'releve.db'}", crowd.books)


async def _outstanding(node: Running, clock: Jumping, offset: timedelta) -> list[str]:
    """A call that the station answers after the jump, and one that it never answers."""
    found = []
    async with _socket(node, "SLOW") as socket:
        about = {"chargePointModel": "Slow", "chargePointVendor": "Releve"}
        await _say(socket, "BootNotification", about)
        (station,) = (await node.get("/stations", search="SLOW"))["items"]
        path = f"/stations/{station['id']}/calls/ClearCache"
        answered = asyncio.create_task(node.post(path, {}))
        call = json.loads(await socket.recv())
        clock.offset = offset
        await _say(socket, "Heartbeat", {})  # the node has looked at its clock since
        await socket.send(json.dumps([3, call[1], {"status": "Accepted"}]))
        if (outcome := await answered)["result"] != "answered":
            found.append(f"a call over the jump ended as {outcome['result']}")
    async with _socket(node, "SLOW") as socket:
        await _say(socket, "Heartbeat", {})
        try:
            async with asyncio.timeout(PATIENCE_S):
                silent = await node.post(path, {})
            if silent["result"] != "timeout":
                found.append(f"a call without an answer ended as {silent['result']}")
        except TimeoutError:
            found.append("a call without an answer never ended")
    return found


def _socket(node: Running, identity: str, protocol: str = "ocpp1.6") -> connect:
    return connect(
        f"{node.stations_url}/{identity}",
        subprotocols=[Subprotocol(protocol)],
        ping_interval=None,
        close_timeout=1,
    )


async def _say(socket: ClientConnection, action: str, payload: dict[str, Any]) -> Any:
    await socket.send(json.dumps([2, f"{action}-{time.monotonic_ns()}", action, payload]))
    answer = json.loads(await asyncio.wait_for(socket.recv(), 10))
    assert answer[0] == 3, answer
    return answer[2]


@pytest.mark.parametrize("days", [1, -1])
async def test_a_day_forward_or_back_disturbs_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    clock = Jumping()
    install(monkeypatch, clock)
    assert await over_a_jump(tmp_path, clock, timedelta(days=days)) == []


@pytest.mark.parametrize("days", [1, -1])
async def test_a_build_that_times_by_the_wall_is_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    """The twin."""
    clock = Careless()
    install(monkeypatch, clock)
    try:
        found = await over_a_jump(tmp_path, clock, timedelta(days=days))
    except (AssertionError, TimeoutError, httpx.TransportError, OSError) as error:
        found = [repr(error)]
    assert found


async def charge(node: Running, identity: str, readings: list[tuple[str, int]]) -> Any:
    """A 1.6 transaction with these registers at these times, first and last its own; its row by the API."""
    async with _socket(node, identity) as socket:
        about = {"chargePointModel": "Odd", "chargePointVendor": "Releve"}
        await _say(socket, "BootNotification", about)
        (at, wh), *between, (end, last) = readings
        begun = await _say(
            socket,
            "StartTransaction",
            {"connectorId": 1, "idTag": "ADA", "meterStart": wh, "timestamp": at},
        )
        number = begun["transactionId"]
        for at, wh in between:
            value = {"timestamp": at, "sampledValue": [{"value": str(wh)}]}
            await _say(
                socket,
                "MeterValues",
                {"connectorId": 1, "transactionId": number, "meterValue": [value]},
            )
        stop = {"transactionId": number, "meterStop": last, "timestamp": end}
        await _say(socket, "StopTransaction", stop)
    (row,) = (await node.get("/transactions"))["items"]
    return row


async def kept(directory: Path) -> tuple[list[int], list[str]]:
    """Times of the samples as they lie in the database, microseconds, in the order of arrival; kinds of anomalies."""
    _, _, samples, anomalies = await read(f"sqlite:///{directory / 'releve.db'}")
    return [at for _, at, _ in samples], [kind for _, kind, _ in anomalies]


def micros(text: str) -> int:
    return (datetime.fromisoformat(text) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(
        microseconds=1
    )


@pytest.mark.parametrize(
    "times",
    [
        pytest.param(
            [
                "2028-02-28T23:40:00+00:00",
                "2028-02-28T23:50:00+00:00",
                "2028-02-29T00:00:00+00:00",
                "2028-02-29T23:59:59+00:00",
                "2028-03-01T00:10:00+00:00",
            ],
            id="leap day",
        ),
        pytest.param(
            [
                "2026-10-25T02:10:00+02:00",
                "2026-10-25T02:50:00+02:00",
                "2026-10-25T02:10:00+01:00",
                "2026-10-25T02:50:00+01:00",
                "2026-10-25T03:20:00+01:00",
            ],
            id="the hour that comes twice",
        ),
        pytest.param(
            [
                "2027-03-28T01:30:00+01:00",
                "2027-03-28T01:59:00+01:00",
                "2027-03-28T03:01:00+02:00",
                "2027-03-28T03:20:00+02:00",
                "2027-03-28T03:40:00+02:00",
            ],
            id="the hour that is missing",
        ),
    ],
)
async def test_odd_days_are_days(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, times: list[str]
) -> None:
    now = datetime.fromisoformat(times[-1]) + timedelta(seconds=5)
    install(monkeypatch, Jumping(now - datetime.now(UTC)))
    async with running(tmp_path, **OPEN) as node:
        row = await charge(node, "ODD", list(zip(times, range(1000, 6000, 1000), strict=True)))
        assert (row["state"], row["energy_wh"], row["held"]) == ("ended", 4000, False)
        begun, ended = (datetime.fromisoformat(row[name]) for name in ("started_at", "ended_at"))
        assert begun == datetime.fromisoformat(times[0])
        assert ended == datetime.fromisoformat(times[-1])
        found, anomalies = await kept(tmp_path)
        assert sorted(found) == [micros(text) for text in times[1:-1]]
        assert anomalies == []


@pytest.mark.parametrize("days", [1, -1])
async def test_a_station_whose_clock_jumps_gets_no_negative_bill(tmp_path: Path, days: int) -> None:
    """Its times are kept as they came; the energy is what the registers say; a person sees that something was odd."""
    begin = datetime.now(UTC) - timedelta(hours=1)
    moments = [begin + timedelta(minutes=minute) for minute in range(5)]
    moments[2] += timedelta(days=days)
    times = [moment.isoformat() for moment in moments]
    async with running(tmp_path, **OPEN) as node:
        row = await charge(node, "ODD", list(zip(times, range(1000, 6000, 1000), strict=True)))
        assert (row["state"], row["energy_wh"]) == ("ended", 4000)
        found, anomalies = await kept(tmp_path)
        assert sorted(found) == sorted(micros(text) for text in times[1:-1])
        assert anomalies, "nobody was told that the registers and the times do not fit together"
