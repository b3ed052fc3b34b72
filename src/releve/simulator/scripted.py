"""A station that does what a script says, step by step: for tests and demonstrations."""

import json
from collections.abc import Iterable
from pathlib import Path
from ssl import SSLContext
from types import TracebackType
from typing import Any

from releve.ocpp.version import Version
from releve.simulator import external, sessions, upkeep
from releve.simulator.behaviour import Behaviour
from releve.simulator.car import CAR_MODELS, Car
from releve.simulator.clock import Clock, WallClock
from releve.simulator.dialects import dialect_for, version_named
from releve.simulator.electrical import Unit
from releve.simulator.evse import Evse, Status
from releve.simulator.happening import Happening, Listener, Match
from releve.simulator.lifecycle import Lifecycle
from releve.simulator.line import LineDown
from releve.simulator.makers import MODELS
from releve.simulator.plan import StationPlan
from releve.simulator.quirks import Quirk
from releve.simulator.station import CALL_TIMEOUT_S, Station
from releve.simulator.tokens import Token
from releve.simulator.transaction import Transaction

DRIVER = "ADA"
"""The token that is presented when a script names none."""


class SimStation:
    """One scripted station. Use it as an asynchronous context manager; nothing is left behind.

        async with SimStation("1.6", "CP-1", "ws://127.0.0.1:9000/ocpp") as station:
            await station.connect()
            await station.boot()
            await station.start(token="ADA")
            await station.stop(token="ADA")
            await station.delivered()

    It connects and boots only when told to; heartbeats, samples, statuses and retries then run by
    themselves, on `clock`. `wait_for` waits for a happening (see `Happening` for the kinds).
    """

    def __init__(
        self,
        version: Version | str,
        identity: str,
        url: str,
        password: str | None = None,
        *,
        model: str = "VN-Duo 22",
        clock: Clock | None = None,
        seed: str = "1",
        quirks: Iterable[Quirk] = (),
        behaviour: Behaviour | None = None,
        listeners: tuple[Listener, ...] = (),
        call_timeout_s: float = CALL_TIMEOUT_S,
        register_wh: float = 0.0,
        reboot_s: float = 5.0,
        local_controller: bool = False,
        ssl_context: SSLContext | None = None,
    ) -> None:
        self.plan = StationPlan(
            identity=identity,
            version=version if isinstance(version, Version) else version_named(version),
            model=MODELS[model],
            serial=f"{MODELS[model].serial_prefix}{identity}"[:25],
            seed=f"{seed}/{identity}",
            password=password,
            quirks=frozenset(quirks),
            behaviour=behaviour or Behaviour(),
            register_wh=register_wh,
            reboot_s=reboot_s,
            local_controller=local_controller,
        )
        self._url = url
        self._clock = clock
        self._listeners = listeners
        self._call_timeout_s = call_timeout_s
        self._ssl = ssl_context
        self._station: Station | None = None
        self._life: Lifecycle | None = None

    async def __aenter__(self) -> "SimStation":
        clock = self._clock or WallClock()
        dialect = dialect_for(self.plan.version)
        self._station = Station(self.plan, dialect, clock, self._listeners, self._call_timeout_s)
        self._life = Lifecycle(self._station, self._url, self._ssl)
        self._life.start()
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _problem: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        await self.life.shut_down()

    @property
    def station(self) -> Station:
        """The station itself, for whatever has no verb here."""
        if self._station is None:
            raise RuntimeError("use `async with SimStation(...)`")
        return self._station

    @property
    def life(self) -> Lifecycle:
        """Its lifecycle."""
        if self._life is None:
            raise RuntimeError("use `async with SimStation(...)`")
        return self._life

    # The line

    async def connect(self) -> None:
        """Open the WebSocket. Raises ConnectFailed (with the HTTP status, if it was refused)."""
        await self.life.connect()

    async def boot(self) -> None:
        """Send BootNotification until accepted, then the statuses."""
        await self.life.boot()

    async def register(self) -> None:
        """After a new connection: boot if that is due, else report what changed and empty the queue."""
        await self.life.register()

    async def kill_socket(self) -> None:
        """Cut the connection without a closing handshake."""
        await self.life.kill()

    async def go_offline(self, seconds: float | None = None) -> None:
        """No network from now on, for `seconds` or until `come_back`."""
        await self.life.go_offline(seconds)

    async def come_back(self) -> None:
        """The network works again: connect, and carry on without booting (2.x B04, 1.6 4.9)."""
        self.life.come_back()
        await self.connect()
        await self.register()

    async def send_raw(self, text: str) -> None:
        """Send a text frame as it is, right or wrong."""
        if self.station.line is None:
            raise LineDown("no connection")
        await self.station.line.send_raw(text)

    async def call(self, action: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Send any CALL; returns the CALLRESULT's payload. Raises Refused, NoAnswer, LineDown."""
        answer = await self.station.ask_raw(action, json.dumps(payload).encode())
        result: dict[str, Any] = json.loads(answer)
        return result

    async def heartbeat(self) -> None:
        """Send a Heartbeat now."""
        await self.station.beat()

    # The driver

    def plug_in(self, evse: int = 1, car: Car | None = None) -> Car:
        """Plug in `car` (a family car at half charge by default); returns it."""
        plugged = car or Car(CAR_MODELS["family"], 0.5)
        sessions.plug_in(self.station, self.evse(evse), plugged)
        return plugged

    async def present_token(
        self, token: str = DRIVER, evse: int = 1, type_: str = "ISO14443", chain: str = ""
    ) -> bool:
        """Hold a token to the reader; tells whether it was accepted. chain: a car's contract certificate (PEM)."""
        presented = Token(token, type_, chain)
        return await sessions.present_token(self.station, self.evse(evse), presented)

    async def start(
        self, evse: int = 1, token: str = DRIVER, car: Car | None = None
    ) -> Transaction:
        """Plug in if no car is there, present the token, and return the transaction that begins.

        Raises:
            RuntimeError: the token was not accepted, or nothing began.
        """
        if not self.evse(evse).plugged:
            self.plug_in(evse, car)
        accepted = await self.present_token(token, evse)
        transaction = self.evse(evse).transaction
        if not accepted or transaction is None:
            raise RuntimeError(f"no transaction began: {token} was not accepted")
        return transaction

    async def stop(self, evse: int = 1, token: str = DRIVER) -> bool:
        """Present the token to stop; tells whether the transaction is over."""
        await self.present_token(token, evse)
        return self.evse(evse).transaction is None

    def unplug(self, evse: int = 1) -> Car | None:
        """Pull the plug, whatever is going on."""
        return sessions.unplug(self.station, self.evse(evse))

    # What breaks

    def fail(self, evse: int = 1, error: str = "GroundFailure") -> None:
        """A fault at an EVSE; `error` is a 1.6 error code."""
        upkeep.fail(self.station, self.evse(evse), error)

    def repair(self, evse: int = 1) -> None:
        """The fault is gone."""
        upkeep.repair(self.station, self.evse(evse))

    async def limit_from_outside(self, limit: float, unit: Unit = Unit.AMPERE) -> None:
        """The grid operator limits the station, past the CSMS (K12)."""
        await external.impose(self.station, limit, unit)

    async def lift_limit(self) -> None:
        """The grid operator's limit ends (K13)."""
        await external.lift(self.station)

    # What can be seen

    def evse(self, number: int = 1) -> Evse:
        """EVSE `number`; KeyError if there is none."""
        return self.station.evses[number]

    def status(self, evse: int = 1) -> Status:
        """Its status in the words of 1.6."""
        return self.evse(evse).status

    def meter_wh(self, evse: int = 1) -> float:
        """Its energy register."""
        self.station.catch_up()
        return self.evse(evse).meter.register_wh

    @property
    def happenings(self) -> list[Happening]:
        """What happened so far, oldest first."""
        return self.station.journal.kept

    async def wait_for(
        self, kind: str, match: Match | None = None, timeout_s: float = 10.0
    ) -> Happening:
        """The next happening of `kind` that no earlier wait has returned. Raises TimeoutError."""
        return await self.station.journal.wait_for(kind, match, timeout_s)

    async def delivered(self, timeout_s: float = 10.0) -> None:
        """Wait until every transaction message is acknowledged or given up. Raises TimeoutError."""
        while len(self.station.outbox):
            done = ("delivered", "discarded")
            await self.station.journal.wait_for_any(done, timeout_s)

    def write_log(self, path: Path) -> None:
        """Write the journal as text, for a look after a failed test."""
        lines = (f"{each.at.isoformat()} {each.kind} {each.text}" for each in self.happenings)
        path.write_text("\n".join(lines) + "\n")
