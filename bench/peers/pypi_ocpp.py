"""PyPI's `ocpp` on `websockets`, as its examples show it, with Basic authentication and without any store.

It validates by JSON Schema, as it does by default.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import logging
from datetime import UTC, datetime
from typing import Any

import uvloop
from ocpp.routing import on  # type: ignore[import-untyped]
from ocpp.v16 import ChargePoint as ChargePoint16  # type: ignore[import-untyped]
from ocpp.v16 import call_result as v16
from ocpp.v201 import ChargePoint as ChargePoint201  # type: ignore[import-untyped]
from ocpp.v201 import call_result as v201
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

from bench.messages import PROTOCOLS, password_of


def now() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


class Station16(ChargePoint16):  # type: ignore[misc]
    @on("BootNotification")  # type: ignore[untyped-decorator]
    def booted(self, **_: Any) -> v16.BootNotification:
        return v16.BootNotification(current_time=now(), interval=300, status="Accepted")

    @on("StartTransaction")  # type: ignore[untyped-decorator]
    def started(self, **_: Any) -> v16.StartTransaction:
        return v16.StartTransaction(transaction_id=1, id_tag_info={"status": "Accepted"})

    @on("MeterValues")  # type: ignore[untyped-decorator]
    def measured(self, **_: Any) -> v16.MeterValues:
        return v16.MeterValues()


class Station201(ChargePoint201):  # type: ignore[misc]
    @on("BootNotification")  # type: ignore[untyped-decorator]
    def booted(self, **_: Any) -> v201.BootNotification:
        return v201.BootNotification(current_time=now(), interval=300, status="Accepted")

    @on("TransactionEvent")  # type: ignore[untyped-decorator]
    def told(self, **_: Any) -> v201.TransactionEvent:
        return v201.TransactionEvent()


def admit(connection: ServerConnection, request: Request) -> Response | None:
    """Basic authentication; None lets the station in."""
    identity = request.path.rpartition("/")[2]
    expected = base64.b64encode(f"{identity}:{password_of(identity)}".encode()).decode()
    given = request.headers.get("Authorization", "").removeprefix("Basic ")
    if hmac.compare_digest(given, expected):
        return None
    return connection.respond(401, "no")


async def talk(connection: ServerConnection) -> None:
    """Serve one station in the version that was agreed."""
    assert connection.request is not None
    identity = connection.request.path.rpartition("/")[2]
    kind = Station16 if connection.subprotocol == "ocpp1.6" else Station201
    await kind(identity, connection).start()


async def main() -> None:
    """Serve until killed."""
    logging.getLogger("ocpp").setLevel(logging.WARNING)
    async with serve(
        talk,
        "127.0.0.1",
        0,
        subprotocols=list(PROTOCOLS.values()),  # type: ignore[arg-type]
        process_request=admit,
        backlog=4096,
        max_queue=16,
    ) as server:
        print("READY", next(iter(server.sockets)).getsockname()[1], flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main())
