"""A charging station: its parts, what it knows, and how it talks. What it does lies in the modules beside."""

import asyncio
import random
import re
from collections.abc import Awaitable, Callable, Coroutine
from copy import deepcopy
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, TypeVar, cast

from releve.ocpp import codec
from releve.ocpp.errors import ErrorCode, Malformed
from releve.ocpp.messages.base import Request, Response, Unanswered
from releve.ocpp.rpc.events import CallReceived
from releve.ocpp.version import Version
from releve.simulator import limits, power, reservations, sampling, sessions
from releve.simulator.certificates import CertificateStore
from releve.simulator.clock import Clock
from releve.simulator.dialect import BootReason, Dialect, NotAnswerable, Registration
from releve.simulator.driver_side import DriverSide
from releve.simulator.electrical import Unit
from releve.simulator.evse import Evse, Status
from releve.simulator.happening import Happening, Journal, Listener
from releve.simulator.line import CallFailed, Ids, Line, LineDown, NoAnswer
from releve.simulator.meter import Meter
from releve.simulator.monitors import MonitorBook
from releve.simulator.outbox import Entry, Outbox
from releve.simulator.plan import StationPlan
from releve.simulator.profiles.store import ProfileStore
from releve.simulator.publisher import Publisher
from releve.simulator.quirks import EPOCH, Quirk, bend
from releve.simulator.tokens import TokenBook
from releve.simulator.transfers import Timers, Transfers

R = TypeVar("R", bound=Response)
CALL_TIMEOUT_S = 30.0
HEX_KEY = re.compile("(?:[0-9a-fA-F]{2}){16,20}")
"""A 1.6 AuthorizationKey written as hexadecimal digits: 16 to 20 bytes."""
CLOCK_TOLERANCE = timedelta(seconds=2)
Job = Callable[[], Awaitable[None]]


class Station:
    """One station. Nothing happens until `releve.simulator.lifecycle` connects it."""

    security: int
    """The security profile of the last connection."""
    trusts_somebody = False
    """Whether it was given authorities for TLS when it was made."""
    starts = 0
    """How many transactions have begun."""

    def __init__(
        self,
        plan: StationPlan,
        dialect: Dialect,
        clock: Clock,
        listeners: tuple[Listener, ...] = (),
        call_timeout_s: float = CALL_TIMEOUT_S,
    ) -> None:
        self.plan = plan
        self.dialect = dialect
        self.clock = clock
        self.call_timeout_s = call_timeout_s
        self.rng = random.Random(plan.seed)
        self.journal = Journal(listeners)
        self.behaviour = deepcopy(plan.behaviour)
        self.evses: dict[int, Evse] = _evses(plan)
        self.profiles: ProfileStore = _profile_store(plan, self.evses)
        self.book = TokenBook()
        self.outbox = Outbox()
        self._ids_rng = random.Random(f"{plan.seed}/{clock.now().isoformat()}")
        self.ids = Ids(self._ids_rng, from_one=Quirk.IDS_FROM_ONE in plan.quirks)
        self.firmware = plan.model.firmware
        self.security = int(plan.password is not None)
        self.operative = True
        self.registration: Registration | None = None
        self.line: Line | None = None
        self.clock_set = Quirk.CLOCK_1970 not in plan.quirks
        self.timers = Timers()
        self.transfers = Transfers()
        self.reset_when_idle: Job | None = None
        self.reboot: Callable[[BootReason], Awaitable[None]] = _cannot_reboot
        """Set by the lifecycle that this station lives in."""
        self.boot_again = asyncio.Event()
        """Set when the CSMS asks for a BootNotification before the station would send one."""
        self._offset = timedelta(0)
        self._stepped_at = clock.time()
        self._notices: asyncio.Queue[Job] = asyncio.Queue()
        self.wake = asyncio.Event()
        """Set when the outbox may have something to send."""
        self._tasks: set[asyncio.Task[None]] = set()

    # What it knows

    @cached_property
    def certificates(self) -> CertificateStore:
        """Authorities it trusts, and its certificate for cars; none as it leaves the factory."""
        return CertificateStore()

    @cached_property
    def monitors(self) -> MonitorBook:
        """What it watches of its own variables (2.x)."""
        return MonitorBook(self.evses)

    @cached_property
    def publisher(self) -> Publisher:
        """The images that it offers to other stations, as a local controller (L03)."""
        return Publisher()

    @cached_property
    def side(self) -> DriverSide:
        """What drivers see beside the car, and what the grid and swaps are about."""
        return DriverSide()

    @property
    def identity(self) -> str:
        return self.plan.identity

    @property
    def connected(self) -> bool:
        return self.line is not None and self.line.open

    @property
    def online(self) -> bool:
        """Connected, and accepted by the CSMS at some time."""
        return self.connected and self.registration is Registration.ACCEPTED

    @property
    def status(self) -> Status:
        """The station as a whole (1.6 connector 0): Available, Unavailable, never more than that."""
        return Status.AVAILABLE if self.operative else Status.UNAVAILABLE

    @property
    def password(self) -> bytes | None:
        """What goes into the Authorization header: bytes in 1.6 (OCPP-J 6.2), text in 2.x."""
        text = self.behaviour.authorization_key or self.plan.password
        if text is None:
            return None
        is_hex = self.plan.version is Version.V16 and HEX_KEY.fullmatch(text) is not None
        if is_hex and Quirk.HEX_PASSWORD not in self.plan.quirks:
            return bytes.fromhex(text)
        return text.encode()

    @property
    def busy(self) -> bool:
        return any(evse.transaction is not None for evse in self.evses.values())

    def now(self) -> datetime:
        """The time by the station's own clock, to the millisecond."""
        moment = self.clock.now() + self._offset
        if not self.clock_set:
            moment = EPOCH + timedelta(seconds=self.clock.time())
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    def set_clock(self, told: datetime) -> None:
        """Take over the CSMS's time (1.6, 4.2). A simulation that runs faster keeps its own."""
        self.clock_set = True
        if self.clock.speed == 1.0 and abs(told - self.now()) > CLOCK_TOLERANCE:
            self._offset = told - self.clock.now()
            self.timers.aligned = None  # the quarters of the hour lie elsewhere now

    def running(self) -> dict[int, str]:
        """The transaction of each EVSE that has one."""
        return {e.id: e.transaction.key for e in self.evses.values() if e.transaction is not None}

    def new_key(self) -> str:
        """A transaction id that none of this station's ever had (E01.FR.08): a UUID.

        The moment of switching on is part of its seed, so that a second run begins no old transaction.
        """
        bits = f"{self._ids_rng.getrandbits(128):032x}"
        return f"{bits[:8]}-{bits[8:12]}-4{bits[13:16]}-a{bits[17:20]}-{bits[20:]}"

    # What it tells

    def note(self, kind: str, text: str, evse: int | None = None, **data: object) -> None:
        """Write something into the journal."""
        self.journal.add(Happening(kind, self.identity, self.now(), text, evse, data))

    def post(self, job: Job) -> None:
        """Have `job` send something in its turn: notifications leave in the order of their events."""
        self._notices.put_nowait(job)

    def queue(self, entry: Entry) -> None:
        """Hand a transaction message over for delivery, in order."""
        entry.offline = not self.online
        self.outbox.put(entry)
        self.wake.set()

    def refresh(self, evse: Evse) -> None:
        """Report the EVSE's status if it has changed since the last report (and the line is up)."""
        shown, now = self.dialect.visible(evse), self.clock.time()
        if shown != evse.shown:
            evse.shown, evse.shown_since = shown, now
        if shown == evse.last_reported or not self.online:
            return  # after an offline time the current status goes out, history does not (1.6, 4.9)
        if now - evse.shown_since < self.behaviour.minimum_status_duration_s:
            return  # MinimumStatusDuration: the next step looks again
        evse.last_reported = shown
        status, at, error = evse.status, self.now(), evse.fault
        self.note("status", f"EVSE {evse.id} is {status}", evse.id, status=status)

        async def report() -> None:
            try:
                await self.dialect.report_status(self, evse, status, at, error)
            except LineDown:
                evse.last_reported = None  # the CSMS may not know it: again after the reconnection
                raise

        self.post(report)

    async def ask(self, request: Request[R], message_id: str | None = None) -> R:
        """Send a CALL and return its typed response.

        Raises:
            CallFailed: refused, not answered, or the line is down.
        """
        action = type(request).__name__.removesuffix("Request")
        payload = bend(self.plan.quirks, action, codec.encode(request))
        answered = await self.ask_raw(action, payload, message_id)
        try:
            return cast(R, self.dialect.decode_response(action, answered))
        except Malformed as fault:
            raise NoAnswer(f"the answer to {action} is malformed: {fault}") from fault

    async def ask_raw(self, action: str, payload: bytes, message_id: str | None = None) -> bytes:
        """Send a CALL as it stands and return the payload of its CALLRESULT."""
        if self.line is None:
            raise LineDown("no connection")
        return await self.line.call(action, payload, self.call_timeout_s, message_id)

    async def tell(self, request: Unanswered) -> None:
        """Send a message that nobody answers (2.1, SEND). Raises LineDown."""
        if self.line is None:
            raise LineDown("no connection")
        await self.line.send(codec.action_of(type(request)), codec.encode(request))

    # What it is told

    def obey(self, call: CallReceived) -> None:
        """Handle a CALL of the CSMS: answer first, act afterwards."""
        if self.registration is Registration.REJECTED:
            self.note("ignored", f"ignored {call.action}: the CSMS has rejected this station")
            if self.line is not None:
                self.line.abort()  # 1.6, 4.2: SHALL NOT respond while rejected, MAY close
            return
        self.note("call-received", f"the CSMS asks for {call.action}", action=call.action)
        self.spawn(self._obey(call))

    async def _obey(self, call: CallReceived) -> None:
        line = self.line
        if line is None:
            return
        try:
            answer = self.dialect.handle(self, call.action, bytes(call.payload))
        except NotAnswerable as refusal:
            self.note(
                "call-refused", f"refused {call.action}: {refusal.description}", code=refusal.code
            )
            await line.refuse(call.id, refusal.code, refusal.description)
            return
        except Exception as bug:
            await line.refuse(call.id, ErrorCode.INTERNAL_ERROR, type(bug).__name__)
            raise
        await line.answer(call.id, codec.encode(answer.response))
        if answer.then is not None:
            await answer.then()

    # Time

    def step(self) -> None:
        """Let the time that has passed since the last step take effect."""
        self.catch_up()
        reservations.expire(self)
        reservations.drop(self)
        sessions.expire(self)
        limits.watch(self)
        self.settle()
        self.dialect.watch(self)
        sampling.sample(self)
        self._beat()
        self._ping()
        if self.outbox.head(self.clock.time()) is not None:
            self.wake.set()
        if self.line is not None and self.line.tick():
            self.spawn(self.line.flush())

    def catch_up(self) -> None:
        """Let the energy that has flowed since the last time reach meters and batteries."""
        now = self.clock.time()
        seconds, self._stepped_at = now - self._stepped_at, now
        power.flow(self, seconds)

    def _beat(self) -> None:
        """Send a heartbeat when its time has come."""
        interval_s = self.behaviour.heartbeat_interval_s
        if not self.online or interval_s <= 0:
            self.timers.heartbeat = None
        elif self.timers.heartbeat is None:
            self.timers.heartbeat = self.clock.time() + interval_s
        elif self.clock.time() >= self.timers.heartbeat:
            self.timers.heartbeat = self.clock.time() + interval_s
            self.post(self.beat)

    def _ping(self) -> None:
        """Ping the CSMS when that is switched on; an unanswered ping ends the connection."""
        interval_s = self.behaviour.ping_interval_s
        if self.line is None or not self.line.open or interval_s <= 0:
            self.timers.ping = None
        elif self.timers.ping is None:
            self.timers.ping = self.clock.time() + interval_s
        elif self.clock.time() >= self.timers.ping:
            self.timers.ping = self.clock.time() + interval_s
            self.spawn(self.line.ping())

    async def beat(self) -> None:
        """Send a heartbeat and take over the time it brings (1.6, 4.6)."""
        self.set_clock(await self.dialect.heartbeat(self))

    def balance(self) -> None:
        """Bring limits and flows in line with what is."""
        power.balance(self)

    def settle(self) -> None:
        """Bring limits, flows, charging states and statuses in line with what is."""
        self.balance()
        sessions.track(self)
        for evse in self.evses.values():
            self.refresh(evse)

    # Tasks

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run `work` beside the rest; what goes wrong in it is noted."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    async def notify(self) -> None:
        """Send what was posted, one after the other, for ever."""
        while True:
            job = await self._notices.get()
            try:
                await job()
            except CallFailed as problem:
                self.note("undelivered", f"a notification was not delivered: {problem}")

    def stop_tasks(self) -> set[asyncio.Task[None]]:
        """Cancel everything that was spawned; the caller may wait for the ends."""
        for task in self._tasks:
            task.cancel()
        return set(self._tasks)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if task.cancelled():
            return
        problem = task.exception()
        if isinstance(problem, CallFailed):
            self.note("undelivered", f"a message was not delivered: {problem}")
        elif problem is not None:
            self.note("bug", f"the simulator failed: {problem!r}", problem=problem)
            asyncio.get_running_loop().call_exception_handler(
                {"message": f"simulated station {self.identity} failed", "exception": problem}
            )


def _evses(plan: StationPlan) -> dict[int, Evse]:
    """The EVSEs of the model, numbered from 1."""
    found = {}
    for number, outlet in enumerate(plan.model.outlets, 1):
        rng = random.Random(f"{plan.seed}/{number}")
        meter = Meter(outlet.supply, rng, plan.register_wh)
        found[number] = Evse(number, outlet.supply, outlet.connectors, meter)
    return found


def _profile_store(plan: StationPlan, evses: dict[int, Evse]) -> ProfileStore:
    rules = replace(plan.model.rules, strict_duplicates=plan.version is not Version.V16)
    if Quirk.AMPS_ONLY in plan.quirks:
        rules = replace(rules, units=frozenset((Unit.AMPERE,)))
    if Quirk.STACK_LEVEL_ZERO in plan.quirks:
        rules = replace(rules, max_stack_level=0)
    if Quirk.FEW_PERIODS in plan.quirks:
        rules = replace(rules, max_periods=2)
    return ProfileStore(rules, {evse.id: evse.supply for evse in evses.values()})


async def _cannot_reboot(reason: BootReason) -> None:
    raise RuntimeError(f"a station without a lifecycle cannot reboot ({reason})")
