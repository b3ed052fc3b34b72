"""Connecting, booting, losing the line, coming back, restarting."""

import asyncio
from ssl import SSLContext
from typing import TYPE_CHECKING

from releve.ocpp.version import Version
from releve.simulator import battery_swap, delivery, trust
from releve.simulator.backoff import BackOff
from releve.simulator.dialect import BootReason, Registration
from releve.simulator.line import (
    Address,
    CallFailed,
    ConnectFailed,
    Line,
    LineDown,
    open_socket,
)
from releve.simulator.network import ATTEMPTS, NetworkProfile, Route
from releve.simulator.quirks import Quirk

if TYPE_CHECKING:
    from releve.simulator.station import Station

OWN_RETRY_S = 30
"""What a station waits before it boots again when the CSMS leaves it the choice (interval 0)."""
TICK_S = 1.0
"""How often a station looks at its clock, in simulated seconds, unless time runs very fast."""
SHORTEST_TICK_S = 0.05
"""Real seconds."""


class Lifecycle:
    """What keeps one station going. `hold` for a fleet; for scripts, `connect` and `boot` one by one."""

    def __init__(self, station: "Station", url: str, ssl_context: SSLContext | None = None) -> None:
        self.station = station
        self.url = url
        self._ssl = ssl_context
        self.route = Route(station.behaviour)
        station.trusts_somebody = ssl_context is not None
        self._network = asyncio.Event()
        self._network.set()
        self._line_ended = asyncio.Event()
        self._line_ended.set()
        self._boot_reason = BootReason.POWER_UP
        self._must_boot = True
        self._offline_since: float | None = None
        self._held = False
        self._at_once = False
        """A restart is no failure of the network: no waiting before the next connection."""
        self._back_off = BackOff(station.behaviour, station.rng)
        station.reboot = self.reboot

    def start(self) -> None:
        """Start the station's own clockwork; no connection yet."""
        battery_swap.stock(self.station)
        for work in (self._tick(), self.station.notify(), delivery.pump(self.station)):
            self.station.spawn(work)

    async def hold(self) -> None:
        """Connect, boot, and reconnect for ever."""
        self._held = True
        while True:
            await self._network.wait()
            try:
                await self.connect()
                await self.register()
            except ConnectFailed as problem:
                self.route.failed()
                wait_s = self._back_off.next_wait_s()
                self.station.note("refused", f"cannot connect: {problem}; again in {wait_s:.0f} s")
                await self.station.clock.sleep(wait_s)
                continue
            except LineDown:
                pass
            await self._line_ended.wait()
            if self._at_once:
                self._at_once = False
            else:
                await self.station.clock.sleep(self._back_off.next_wait_s())

    async def connect(self) -> None:
        """Open the line once.

        Raises:
            ConnectFailed: see there.
        """
        station = self.station
        if not self._network.is_set():
            raise ConnectFailed("there is no network")
        await self._line_ended.wait()
        address = self._address()
        socket = await open_socket(address)
        if Quirk.IDS_FROM_ONE in station.plan.quirks:
            station.ids.restart()
        line = Line(
            socket,
            station.plan.version,
            station.ids,
            station.clock,
            station.obey,
            lambda text: station.note("odd", text),
        )
        station.line = line
        self._line_ended.clear()
        self._back_off.reset()
        station.security = _security(address)
        self.route.connected(station.security)
        station.note("connected", f"connected to {address.url} with {station.plan.version.value}")
        station.spawn(self._listen(line))

    async def register(self) -> None:
        """Boot if there is need to, and take up normal operation.

        Raises:
            LineDown: the connection broke before the CSMS had accepted.
        """
        station = self.station
        if self._must_boot or Quirk.REPEATED_BOOTS in station.plan.quirks:
            await self.boot()
        elif station.online:
            self._back_online()

    async def boot(self, reason: BootReason | None = None) -> None:
        """Send BootNotification until the CSMS accepts, at the pace that it asks for (1.6, 4.2; B01-B03)."""
        station = self.station
        while True:
            station.boot_again.clear()
            try:
                answer = await station.dialect.boot(station, reason or self._boot_reason)
            except LineDown:
                raise
            except CallFailed as problem:
                station.note("boot-answered", f"the boot notification failed: {problem}")
                await self._wait_to_boot(OWN_RETRY_S)
                continue
            station.registration = answer.registration
            station.set_clock(answer.current_time)
            text = f"the CSMS says {answer.registration}, interval {answer.interval_s} s"
            station.note("boot-answered", text, registration=answer.registration)
            if answer.registration is Registration.ACCEPTED:
                break
            await self._wait_to_boot(answer.interval_s or OWN_RETRY_S)
        if answer.interval_s > 0 and Quirk.HEARTBEAT_IGNORED not in station.plan.quirks:
            station.behaviour.heartbeat_interval_s = answer.interval_s
        self._must_boot = False
        station.note("booted", "in operation")
        battery_swap.begin(station)
        if station.plan.version is not Version.V16:
            station.post(lambda: station.dialect.security_event(station, "StartupOfTheDevice", ""))
        self._report_all()

    async def reboot(self, reason: BootReason) -> None:
        """Restart: the line drops, and after a while the station boots for `reason`.

        Profiles, availability, lists and the outbox survive (K01.FR.27; 1.6, 5.2).
        """
        station = self.station
        station.note("reset", f"restarts ({reason})")
        self._must_boot, self._boot_reason, self._at_once = True, reason, True
        self._network.clear()
        if station.line is not None and station.line.open:
            await station.line.close()
        await self._line_ended.wait()
        station.registration = None
        for evse in station.evses.values():
            evse.token = None
        await station.clock.sleep(station.plan.reboot_s)
        self.route.restart()
        self._network.set()
        if not self._held:
            await self._arrive()
            await self.boot()

    async def _arrive(self) -> None:
        """Connect by whichever profile works, each tried in its turn (B10.FR.03)."""
        for _ in range(self.route.attempts + ATTEMPTS - 1):
            try:
                await self.connect()
            except ConnectFailed as problem:
                self.station.note("refused", f"cannot connect: {problem}")
                self.route.failed()
            else:
                return
        await self.connect()

    async def go_offline(self, seconds: float | None = None) -> None:
        """The network fails: the line is cut without a word; it is back after `seconds`, or never by itself."""
        self.station.note("offline", "the network is down")
        self._network.clear()
        await self.kill()
        if seconds is not None:
            self.station.spawn(self._return_after(seconds))

    def come_back(self) -> None:
        """The network works again; a held station connects by itself."""
        self.station.note("online", "the network is back")
        self._network.set()

    async def kill(self) -> None:
        """Cut the connection as a failing network does, and wait until that has shown."""
        if self.station.line is not None and self.station.line.open:
            self.station.line.abort()
        await self._line_ended.wait()

    async def shut_down(self) -> None:
        """End everything this station does. Nothing is left running."""
        if self.station.line is not None and self.station.line.open:
            await self.station.line.close()
        await self.station.publisher.close()
        tasks = self.station.stop_tasks()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _listen(self, line: Line) -> None:
        why = await line.listen()
        self._offline_since = self.station.clock.time()
        self.station.outbox.went_offline()
        self.station.note("disconnected", f"the connection ended: {why}")
        self._line_ended.set()

    def _back_online(self) -> None:
        """After an offline period: current statuses that changed, and the queue (1.6, 4.9; B04)."""
        station = self.station
        away_s = station.clock.time() - (self._offline_since or station.clock.time())
        if (
            away_s > station.behaviour.offline_threshold_s
            and station.plan.version is not Version.V16
        ):
            self._report_all()  # B04.FR.01
        else:
            for evse in station.evses.values():
                station.refresh(evse)
        station.outbox.came_back()
        station.wake.set()

    def _report_all(self) -> None:
        """The statuses of the station (1.6) and of every EVSE, as after each boot."""
        station = self.station
        at = station.now()
        status = station.status
        station.post(lambda: station.dialect.report_status(station, None, status, at))
        for evse in station.evses.values():
            evse.last_reported = None
            station.refresh(evse)
        station.outbox.came_back()
        station.wake.set()

    async def _wait_to_boot(self, seconds: float) -> None:
        """Wait out the interval, unless the CSMS asks for a BootNotification before (B02.FR.06)."""
        station = self.station
        timer = asyncio.ensure_future(station.clock.sleep(seconds))
        asked = asyncio.ensure_future(station.boot_again.wait())
        ended = asyncio.ensure_future(self._line_ended.wait())
        waits = (timer, asked, ended)
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        if self._line_ended.is_set():
            raise LineDown("the connection ended before the CSMS accepted the station")

    async def _return_after(self, seconds: float) -> None:
        await self.station.clock.sleep(seconds)
        self.come_back()

    async def _tick(self) -> None:
        clock = self.station.clock
        pace_s = max(TICK_S, clock.speed * SHORTEST_TICK_S)
        while True:
            await clock.sleep(pace_s)
            self.station.step()

    def _address(self) -> Address:
        plan, profile = self.station.plan, self.route.profile
        own = profile.password.encode() if profile.password else None
        return Address(
            profile.url or self.url,
            profile.identity or plan.identity,
            plan.version,
            password=None if profile.security == 3 else own or self.station.password,
            trailing_slash=Quirk.TRAILING_SLASH in plan.quirks,
            offer_subprotocol=Quirk.NO_SUBPROTOCOL not in plan.quirks,
            ssl=self._context(profile),
        )

    def _context(self, profile: NetworkProfile) -> SSLContext | None:
        """For TLS: by what was installed for the slot that asks for it, else by what was given."""
        if not (profile.url or self.url).startswith("wss:"):
            return None
        found = trust.installed(self.station, profile.security) if profile.url else None
        return found or self._ssl


def _security(address: Address) -> int:
    """The security profile that a connection has (2.x part 2, A00)."""
    if not address.url.startswith("wss:"):
        return int(address.password is not None)
    return 2 if address.password is not None else 3
