"""A station that a test scripts, frame by frame, on a library not ours; official schemas watch both sides."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from tests.support.official import PACKAGES, violation

PATIENCE_S = 20.0
CALL, RESULT, ERROR, RESULT_ERROR, SEND = 2, 3, 4, 5, 6


class CallFailed(Exception):
    """The CSMS answered a CALL with a CALLERROR."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(f"{code}: {description}")
        self.code = code
        self.description = description


class CallError(Exception):
    """Reply of a scripted station: this CALLERROR."""

    def __init__(self, code: str, description: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.description = description


Reply = dict[str, Any] | CallError
Script = Reply | list[Reply] | Callable[[dict[str, Any]], Any]
"""One reply for all; replies in turn, the last one for ever; or made from the request (may be a coroutine)."""


def now() -> str:
    """The time as stations write it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class ScriptedStation:
    """One station. `id`: its row id at the CSMS. Requests that are not scripted get NotSupported."""

    def __init__(
        self, version: str, identity: str, url: str, *, password: str | None = None, row: str = ""
    ) -> None:
        self.version = version
        self.identity = identity
        self.id = row
        self.password = password
        self.url = url
        self.faults: list[str] = []
        """What the CSMS sent that its schema forbids. The fixture fails the test when there is any."""
        self.socket: ClientConnection
        self._package = PACKAGES[version]
        self._scripts: dict[str, Script] = {}
        self._asked: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self._arrivals: dict[str, asyncio.Queue[dict[str, Any]]] = defaultdict(asyncio.Queue)
        self._waiting: dict[str, tuple[str, asyncio.Future[Any]]] = {}
        self._ids = count(1)
        self._reader: asyncio.Task[None] | None = None
        self._replies: set[asyncio.Task[None]] = set()

    @property
    def old(self) -> bool:
        """Whether it speaks 1.6."""
        return self.version == "1.6"

    # --- the line -----------------------------------------------------------------------------------------------

    async def connect(self, **options: Any) -> None:
        """Open the WebSocket; `options` as of websockets' `connect` (ssl, additional_headers, ...)."""
        headers = dict(options.pop("additional_headers", {}))
        if self.password is not None and "Authorization" not in headers:
            headers["Authorization"] = _basic(self.identity, self.password)
        protocols = options.pop("subprotocols", [Subprotocol(f"ocpp{self.version}")])
        self.socket = await connect(
            f"{self.url}/{self.identity}",
            subprotocols=protocols,
            additional_headers=headers,
            max_size=None,
            **options,
        )
        self._reader = asyncio.create_task(self._read())

    async def close(self) -> None:
        """Hang up; what was not answered is lost."""
        if self._reader is None:
            return
        await self.socket.close()
        await asyncio.gather(self._reader, *self._replies, return_exceptions=True)
        self._reader = None

    async def reconnect(self, **options: Any) -> None:
        """Hang up and connect again."""
        await self.close()
        await self.connect(**options)

    async def closed(self) -> int:
        """Wait until the CSMS hangs up; the close code."""
        await asyncio.wait_for(self.socket.wait_closed(), PATIENCE_S)
        return self.socket.close_code or 1006

    # --- the station calls --------------------------------------------------------------------------------------

    async def call(
        self,
        action: str,
        payload: dict[str, Any],
        *,
        checked: bool = True,
        message_id: str | None = None,
    ) -> dict[str, Any]:
        """Send a CALL; the payload of the CALLRESULT, which met its schema. CallFailed on a CALLERROR.

        checked: the payload must meet its schema, so that a test is not wrong by itself.
        """
        if checked and (problem := violation(self._package, f"{action}Request", payload)):
            raise AssertionError(f"the test sends what its schema forbids: {problem}")
        message_id = message_id or f"s-{next(self._ids)}"
        answer = asyncio.get_running_loop().create_future()
        self._waiting[message_id] = (action, answer)
        await self.socket.send(json.dumps([CALL, message_id, action, payload]))
        return dict(await asyncio.wait_for(answer, PATIENCE_S))

    async def send(self, action: str, payload: dict[str, Any]) -> None:
        """Send what is never answered (2.1 SEND)."""
        if problem := violation(self._package, f"{action}Request", payload):
            raise AssertionError(f"the test sends what its schema forbids: {problem}")
        await self.socket.send(json.dumps([SEND, f"s-{next(self._ids)}", action, payload]))

    async def boot(self, reason: str = "PowerUp", **about: Any) -> dict[str, Any]:
        """BootNotification; `about` goes into the station's own description."""
        if self.old:
            payload = {"chargePointModel": "M", "chargePointVendor": "V", **about}
        else:
            described = {"model": "M", "vendorName": "V", **about}
            payload = {"reason": reason, "chargingStation": described}
        return await self.call("BootNotification", payload)

    async def status(self, status: str, evse: int = 1, connector: int = 1, **more: Any) -> None:
        """StatusNotification of a connector (1.6: `evse` is the connector)."""
        if self.old:
            about = {"connectorId": evse, "errorCode": "NoError", "status": status, **more}
        else:
            about = {
                "timestamp": now(),
                "connectorStatus": status,
                "evseId": evse,
                "connectorId": connector,
                **more,
            }
        await self.call("StatusNotification", about)

    # --- the CSMS calls -----------------------------------------------------------------------------------------

    def answers(self, action: str, script: Script) -> None:
        """How it answers an action from now on."""
        self._scripts[action] = script

    def asked(self, action: str) -> list[dict[str, Any]]:
        """Payloads of the requests of an action that came so far, oldest first."""
        return list(self._asked[action])

    async def expect(self, action: str, timeout_s: float = PATIENCE_S) -> dict[str, Any]:
        """Wait for the next request of an action that was not expected yet; its payload."""
        try:
            return await asyncio.wait_for(self._arrivals[action].get(), timeout_s)
        except TimeoutError:
            came = {name: len(all_) for name, all_ in self._asked.items() if all_}
            raise AssertionError(f"no {action} came within {timeout_s} s; came: {came}") from None

    async def _read(self) -> None:
        try:
            async for text in self.socket:
                frame = json.loads(text)
                if frame[0] == CALL:
                    task = asyncio.create_task(self._reply(*frame[1:4]))
                    self._replies.add(task)
                    task.add_done_callback(self._replies.discard)
                elif frame[0] in (RESULT, ERROR):
                    self._take(frame)
        except ConnectionClosed:
            pass
        finally:
            for _, answer in self._waiting.values():
                if not answer.done():
                    answer.set_exception(ConnectionError("the CSMS closed the connection"))
                    answer.exception()  # not every test waits for it
            self._waiting.clear()

    def _take(self, frame: list[Any]) -> None:
        action, answer = self._waiting.pop(frame[1], ("", None))
        if answer is None or answer.done():
            return
        if frame[0] == ERROR:
            answer.set_exception(CallFailed(frame[2], frame[3]))
            return
        if problem := violation(self._package, f"{action}Response", frame[2]):
            self.faults.append(problem)
        answer.set_result(frame[2])

    async def _reply(self, message_id: str, action: str, payload: dict[str, Any]) -> None:
        if problem := violation(self._package, f"{action}Request", payload):
            self.faults.append(problem)
        self._asked[action].append(payload)
        reply = await self._scripted(action, payload)
        if isinstance(reply, CallError):
            frame = [ERROR, message_id, reply.code, reply.description, {}]
        else:
            frame = [RESULT, message_id, reply]
        try:
            await self.socket.send(json.dumps(frame))
        except ConnectionClosed:
            return
        finally:
            self._arrivals[action].put_nowait(payload)

    async def _scripted(self, action: str, payload: dict[str, Any]) -> Reply:
        script: Any = self._scripts.get(action, CallError("NotSupported", "not scripted"))
        if isinstance(script, list):
            script = script.pop(0) if len(script) > 1 else script[0]
        if not callable(script):
            return script  # type: ignore[no-any-return]
        try:
            made = script(payload)
            return await made if asyncio.iscoroutine(made) else made
        except CallError as error:
            return error


def _basic(user: str, password: str) -> str:
    from tests.support.visitor import basic

    return basic(user, password)
