"""A CSMS of a hundred lines for the simulator's tests: it shares no code with Relève's own.

Everything that a station sends is checked against the official schemas (PyPI `ocpp`, development only).
"""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any

import jsonschema_rs
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

Payload = dict[str, Any]
Reply = Callable[[Payload], Payload | None]
FOLDERS = {"ocpp1.6": "v16", "ocpp2.0.1": "v201", "ocpp2.1": "v21"}


class CallError(Exception):
    """A scripted reply raises this to answer with a CALLERROR, or arrives as the station's."""

    def __init__(self, code: str, description: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.description = description


@cache
def validator(subprotocol: str, name: str) -> Any:
    text = (files("ocpp") / FOLDERS[subprotocol] / "schemas" / f"{name}.json").read_text(
        "utf-8-sig"
    )
    return jsonschema_rs.validator_for(json.loads(text))


def check(subprotocol: str, action: str, payload: Payload, *, response: bool | None) -> None:
    """Raise if `payload` breaks the official schema; response None: it is a SEND, and wants none."""
    suffix = "" if response is None or subprotocol == "ocpp1.6" else "Request"
    validator(subprotocol, action + ("Response" if response else suffix)).validate(payload)


def choose(_socket: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
    """The first that is offered and known; a station that offers none is let in as well."""
    return next((name for name in offered if name in FOLDERS), None)


class Csms:
    """Accepts everything. `replies` overrides the answer to an action; None from a reply: no answer."""

    def __init__(
        self, replies: Mapping[str, Reply] | None = None, *, validate: bool = True
    ) -> None:
        self.replies: dict[str, Reply] = dict(replies or {})
        self.validate = validate
        self.received: list[tuple[str, Payload]] = []
        self.sends: list[tuple[str, Payload]] = []
        """What came without wanting an answer (2.1, message type 6)."""
        self.ids: list[str] = []
        self.broken: list[str] = []
        self.headers: list[Mapping[str, str]] = []
        self.paths: list[str] = []
        self.http_status: int | None = None
        """Answer the next handshakes with this."""
        self.transactions = 0
        self.socket: ServerConnection | None = None
        self._waiting: dict[str, asyncio.Future[Payload]] = {}
        self._news = asyncio.Condition()
        self._server: Server | None = None
        self._calls = 0
        self.clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    async def __aenter__(self) -> "Csms":
        self._server = await serve(
            self._serve,
            "127.0.0.1",
            0,
            subprotocols=list(FOLDERS),
            select_subprotocol=choose,
            process_request=self._admit,
            ping_interval=None,  # type: ignore[arg-type]
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    @property
    def url(self) -> str:
        assert self._server is not None
        port = next(iter(self._server.sockets)).getsockname()[1]
        return f"ws://127.0.0.1:{port}/ocpp"

    def now(self) -> str:
        return self.clock().isoformat().replace("+00:00", "Z")

    def sent(self, action: str) -> list[Payload]:
        return [payload for name, payload in self.received if name == action]

    @property
    def actions(self) -> list[str]:
        return [name for name, _ in self.received]

    async def wait_for(self, action: str, count: int = 1, timeout_s: float = 10) -> Payload:
        """The `count`-th message of `action`, as soon as it is there."""
        async with asyncio.timeout(timeout_s), self._news:
            await self._news.wait_for(lambda: len(self.sent(action)) >= count)
        return self.sent(action)[count - 1]

    async def wait_for_sends(self, count: int, timeout_s: float = 10) -> list[tuple[str, Payload]]:
        """What came without wanting an answer, as soon as there is so much of it."""
        async with asyncio.timeout(timeout_s), self._news:
            await self._news.wait_for(lambda: len(self.sends) >= count)
        return self.sends

    async def call(self, action: str, payload: Payload, timeout_s: float = 10) -> Payload:
        """Call the station; raises CallError when it answers with one."""
        assert self.socket is not None
        self._calls += 1
        key = f"c{self._calls}"
        future: asyncio.Future[Payload] = asyncio.get_running_loop().create_future()
        self._waiting[key] = future
        await self.socket.send(json.dumps([2, key, action, payload]))
        async with asyncio.timeout(timeout_s):
            answer = await future
        if self.validate:
            self._check(self.socket, action, answer, response=True)
        return answer

    def _admit(self, socket: ServerConnection, _request: Request) -> Response | None:
        return None if self.http_status is None else socket.respond(self.http_status, "no\n")

    def freeze(self) -> None:
        """Read nothing more from the station's socket: a half-open connection."""
        assert self.socket is not None
        self.socket.transport.pause_reading()

    async def _serve(self, socket: ServerConnection) -> None:
        self.socket = socket
        assert socket.request is not None
        self.headers.append(socket.request.headers)
        self.paths.append(socket.request.path)
        try:
            async for text in socket:
                await self._take(socket, json.loads(text))
        except ConnectionClosed:
            pass

    async def _take(self, socket: ServerConnection, frame: list[Any]) -> None:
        if frame[0] == 2:
            _, key, action, payload = frame
            self.ids.append(key)
            if self.validate:
                self._check(socket, action, payload, response=False)
            async with self._news:
                self.received.append((action, payload))
                self._news.notify_all()
            await self._answer(socket, key, action, payload)
        elif frame[0] == 6:
            _, _, action, payload = frame
            if self.validate:
                self._check(socket, action, payload, response=None)
            async with self._news:
                self.sends.append((action, payload))
                self._news.notify_all()
        elif frame[0] == 3 and frame[1] in self._waiting:
            self._waiting.pop(frame[1]).set_result(frame[2])
        elif frame[0] == 4 and frame[1] in self._waiting:
            self._waiting.pop(frame[1]).set_exception(CallError(frame[2], frame[3]))

    async def _answer(
        self, socket: ServerConnection, key: str, action: str, payload: Payload
    ) -> None:
        reply = self.replies.get(action)
        try:
            answer = reply(payload) if reply is not None else self._usual(action, payload)
        except CallError as error:
            await socket.send(json.dumps([4, key, error.code, error.description, {}]))
            return
        if answer is not None:
            await socket.send(json.dumps([3, key, answer]))

    def _usual(self, action: str, payload: Payload) -> Payload:
        accepted = {"status": "Accepted"}
        match action:
            case "BootNotification":
                return {"status": "Accepted", "currentTime": self.now(), "interval": 300}
            case "Heartbeat":
                return {"currentTime": self.now()}
            case "Authorize":
                return {"idTokenInfo" if "idToken" in payload else "idTagInfo": accepted}
            case "StartTransaction":
                self.transactions += 1
                return {"transactionId": self.transactions, "idTagInfo": accepted}
            case "TransactionEvent":
                return {"idTokenInfo": accepted} if "idToken" in payload else {}
            case "DataTransfer":
                return accepted
            case _:
                return {}

    def _check(
        self, socket: ServerConnection, action: str, payload: Payload, *, response: bool | None
    ) -> None:
        subprotocol = socket.subprotocol or "ocpp1.6"
        try:
            check(subprotocol, action, payload, response=response)
        except jsonschema_rs.ValidationError as error:
            self.broken.append(f"{action}: {error.message} in {payload}")
