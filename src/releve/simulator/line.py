"""The line to the CSMS: one WebSocket connection and the RPC session on it."""

import asyncio
import base64
import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass
from ssl import SSLContext
from urllib.parse import quote

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI
from websockets.typing import Subprotocol

from releve.ocpp.errors import ErrorCode
from releve.ocpp.rpc.events import (
    AnswerMalformed,
    CallAnswered,
    CallReceived,
    CallRefused,
    FrameMalformed,
    Overrun,
)
from releve.ocpp.rpc.ids import MessageIds
from releve.ocpp.rpc.session import Session
from releve.ocpp.rpc.vocabulary import Role
from releve.ocpp.version import Version
from releve.simulator.clock import Clock


class CallFailed(Exception):
    """A call of ours got no CALLRESULT."""


class Refused(CallFailed):
    """The CSMS answered with a CALLERROR."""

    def __init__(self, code: ErrorCode, description: str) -> None:
        super().__init__(f"{code.value}: {description}" if description else code.value)
        self.code = code
        self.description = description


class NoAnswer(CallFailed):
    """The CSMS did not answer in time, or not readably."""


class LineDown(CallFailed):
    """There is no connection, or it broke before the answer."""


class ConnectFailed(Exception):
    """The connection could not be opened; the text says why, `status` is the HTTP answer if there was one."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class Ids:
    """Message ids, with the possibility of using one again."""

    def __init__(self, rng: random.Random, *, from_one: bool) -> None:
        self._new: Callable[[], str] = MessageIds(f"{rng.getrandbits(64):016x}")
        self.reuse: str | None = None
        if from_one:
            self.restart()

    def restart(self) -> None:
        """Number from 1, as some stations do on each connection."""
        count = itertools.count(1)
        self._new = lambda: str(next(count))

    def __call__(self) -> str:
        if self.reuse is not None:
            again, self.reuse = self.reuse, None
            return again
        return self._new()


@dataclass(frozen=True, slots=True)
class Address:
    """Where and as whom to connect. `url` is the CSMS's, without the identity."""

    url: str
    identity: str
    version: Version
    password: bytes | None = None
    trailing_slash: bool = False
    offer_subprotocol: bool = True
    ssl: SSLContext | None = None

    @property
    def connection_url(self) -> str:
        """The URL with the identity behind it, percent-encoded (OCPP-J 1.6, 3.1.1)."""
        path = quote(self.identity, safe="")
        return f"{self.url.rstrip('/')}/{path}{'/' if self.trailing_slash else ''}"

    @property
    def headers(self) -> dict[str, str]:
        """Basic authentication, as bytes: 1.6 keys need not be text."""
        if self.password is None:
            return {}
        pair = self.identity.encode() + b":" + self.password
        return {"Authorization": "Basic " + base64.b64encode(pair).decode("ascii")}


OnCall = Callable[[CallReceived], None]
OnClosed = Callable[[str], None]


async def open_socket(address: Address, timeout_s: float = 10.0) -> ClientConnection:
    """Open the WebSocket.

    Raises:
        ConnectFailed: refused, unreachable, or another subprotocol chosen than the one offered.
    """
    offered = [Subprotocol(address.version.value)] if address.offer_subprotocol else None
    try:
        socket = await connect(
            address.connection_url,
            subprotocols=offered,
            additional_headers=address.headers,
            compression=None,
            open_timeout=timeout_s,
            ping_interval=None,
            close_timeout=2,
            max_size=4 * 1024 * 1024,
            ssl=address.ssl,
            user_agent_header="releve-simulator",
        )
    except InvalidHandshake as problem:
        response = getattr(problem, "response", None)
        status = getattr(response, "status_code", None)
        raise ConnectFailed(f"refused: {problem}", status) from problem
    except (OSError, TimeoutError, InvalidURI, EOFError) as problem:
        raise ConnectFailed(str(problem) or type(problem).__name__) from problem
    if offered and socket.subprotocol is None:
        await socket.close()
        raise ConnectFailed(f"the CSMS does not speak {address.version.value}")
    return socket


class Line:
    """An open connection. Text goes out as soon as the session has some; `listen` reads until the end."""

    def __init__(
        self,
        socket: ClientConnection,
        version: Version,
        ids: Ids,
        clock: Clock,
        on_call: OnCall,
        on_odd: Callable[[str], None],
    ) -> None:
        self._socket = socket
        self._session = Session(version, Role.STATION, ids)
        self._ids = ids
        self._clock = clock
        self._on_call = on_call
        self._on_odd = on_odd
        self._writing = asyncio.Lock()
        self._closed = False
        self._pong: asyncio.Future[float] | None = None

    @property
    def open(self) -> bool:
        return not self._closed

    def now(self) -> float:
        """Real seconds (simulated ones on a manual clock): networks do not get faster with the simulation."""
        return self._clock.time() / self._clock.speed

    async def call(
        self, action: str, payload: bytes, timeout_s: float, message_id: str | None = None
    ) -> bytes:
        """Send a CALL and wait for its CALLRESULT's payload.

        Raises:
            Refused, NoAnswer, LineDown: see there.
        """
        if self._closed:
            raise LineDown("no connection")
        token: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._ids.reuse = message_id
        self._session.call(action, payload, self.now(), timeout_s, token)
        await self.flush()
        return await token

    async def listen(self) -> str:
        """Read until the connection ends; returns why it did."""
        try:
            async for text in self._socket:
                frame = text.encode() if isinstance(text, str) else text
                self._take(self._session.receive(frame, self.now()))
                await self.flush()
        except ConnectionClosed as end:
            return self._finish(f"{end}")
        return self._finish(f"closed with {self._socket.close_code}")

    async def answer(self, call_id: str, payload: bytes) -> None:
        """Answer the CALL in progress, and take up the next one that waits."""
        await self._next(self._session.answer(call_id, payload))

    async def refuse(self, call_id: str, code: ErrorCode, description: str) -> None:
        """Answer the CALL in progress with a CALLERROR, and take up the next one that waits."""
        await self._next(self._session.refuse(call_id, code, description[:255]))

    async def send(self, action: str, payload: bytes) -> None:
        """Send what nobody answers (2.1, part 4, SEND). Raises LineDown."""
        if self._closed:
            raise LineDown("no connection")
        self._session.send(action, payload)
        await self.flush()

    async def send_raw(self, text: str) -> None:
        """Send anything at all, past the session."""
        async with self._writing:
            await self._socket.send(text)

    async def flush(self) -> None:
        """Write what the session has for the socket."""
        async with self._writing:
            for frame in self._session.take():
                try:
                    await self._socket.send(frame.decode())
                except ConnectionClosed:
                    return

    async def ping(self) -> None:
        """Send a ping; a line on which the last one is still unanswered is dead, and cut."""
        if self._pong is not None and not self._pong.done():
            self._on_odd("the CSMS does not answer pings")
            self.abort()
            return
        try:
            self._pong = asyncio.ensure_future(await self._socket.ping())
            self._pong.add_done_callback(_seen)
        except ConnectionClosed:
            return

    def tick(self) -> bool:
        """End the open call if its time is over; tells whether it did (then `flush`)."""
        ended = self._session.tick(self.now())
        if ended is None:
            return False
        _fail(ended.token, NoAnswer(f"no answer to {ended.action}"))
        return True

    async def close(self) -> None:
        """Close in an orderly way."""
        await self._socket.close()

    def abort(self) -> None:
        """Cut the connection without a word, as when the power or the network fails."""
        self._socket.transport.abort()

    def _take(self, event: object) -> None:
        match event:
            case CallReceived():
                self._on_call(event)
            case CallAnswered(token=token, payload=payload):
                _succeed(token, bytes(payload))
            case CallRefused(token=token, code=code, description=description):
                _fail(token, Refused(code, description))
            case AnswerMalformed(token=token, action=action):
                _fail(token, NoAnswer(f"unreadable answer to {action}"))
            case FrameMalformed() | Overrun():
                self._on_odd(f"could not use a frame of the CSMS: {event}")
            case _:
                self._on_odd(f"{type(event).__name__}: {event}")

    async def _next(self, waiting: CallReceived | None) -> None:
        await self.flush()
        if waiting is not None:
            self._on_call(waiting)

    def _finish(self, why: str) -> str:
        self._closed = True
        for aborted in self._session.close():
            _fail(aborted.token, LineDown(f"connection lost before {aborted.action} was answered"))
        return why


def _succeed(token: object, payload: bytes) -> None:
    if isinstance(token, asyncio.Future) and not token.done():
        token.set_result(payload)


def _fail(token: object, problem: CallFailed) -> None:
    if isinstance(token, asyncio.Future) and not token.done():
        token.set_exception(problem)
        token.exception()  # seen: at shutdown nobody may be left to await it


def _seen(pong: "asyncio.Future[float]") -> None:
    """A pong that never came is told when the next ping is due, not here."""
    if not pong.cancelled():
        pong.exception()
