"""A node: everything of Relève in one process, started and stopped."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path

import structlog

from releve import storage
from releve.app.background import Tasks
from releve.app.chores import Chores
from releve.app.clock import SystemClock
from releve.app.errands import TaskErrands
from releve.app.house_services import build_services
from releve.app.http import HttpServer, address, build_http, with_files
from releve.app.metrics import exposition
from releve.app.plugins import load_plugins
from releve.app.secret import load_secret
from releve.app.tls_doors import OpenTlsDoors
from releve.bus.local import LocalBus
from releve.dialects import DIALECTS
from releve.gateway.calls import StationCalls
from releve.gateway.door_settings import CertificatePair, DoorSettings
from releve.gateway.doorman import StationDoorman
from releve.gateway.house import House
from releve.gateway.journal import Journal
from releve.gateway.roster import Roster
from releve.gateway.server import StationServer, serve_stations
from releve.gateway.throttle import Throttle
from releve.gateway.tls import server_context
from releve.ocpp.rpc.ids import MessageIds
from releve.services.admission import Admission, UnknownStations
from releve.services.credentials import Credentials
from releve.services.desk import Desk
from releve.services.flags import Flags
from releve.services.ports import StoreFailed
from releve.settings import Settings, SettingsError
from releve.storage.ids import SystemIds

log = structlog.get_logger(__name__)


class Node:
    """Made by `start_node`; `stop` ends it."""

    http: HttpServer | None = None
    https: HttpServer | None = None

    def __init__(
        self, settings: Settings, store: storage.SqlStore, bus: LocalBus, pepper: bytes
    ) -> None:
        self.settings = settings
        self.clock = SystemClock()
        self.store = store
        self.bus = bus
        ids = SystemIds()
        roster = Roster()
        caller = StationCalls(roster, settings.call_timeout)
        credentials = Credentials(pepper, ids)
        self.background = Tasks()
        self.errands = TaskErrands()
        self.tls_doors = OpenTlsDoors()
        ports = (settings, store, self.clock, ids, credentials, roster, caller, pepper)
        self.services = build_services(
            *ports, self.background, doors=self.tls_doors, errands=self.errands
        )
        load_plugins(self.services.data_transfer)
        self.house = House(
            store=store,
            services=self.services,
            clock=self.clock,
            ids=ids,
            flags=Flags(ids),
            journal=Journal(store),
            roster=roster,
            new_message_id=MessageIds(secrets.token_hex(8)),
        )
        self.doorman = self._doorman(credentials, ids)
        self.desk = Desk(self.services, store.catalogue, bus, roster, self.clock, settings)
        self.doors: list[StationServer] = []
        self.chores = Chores(self)

    def _doorman(self, credentials: Credentials, ids: SystemIds) -> StationDoorman:
        admission = Admission(
            self.store,
            self.clock,
            ids,
            credentials,
            UnknownStations(self.settings.unknown_stations),
            self.services.security.trust,
            self.services.security.events,
            self.services.client_status,
            hide_unknown=self.settings.hide_unknown_stations,
        )
        return StationDoorman(self.house, admission, DIALECTS, Throttle(), self.clock.monotonic)

    @property
    def station_port(self) -> int:
        """The port of the first door, the real one where 0 was asked for."""
        return self.doors[0].port

    async def open(self) -> None:
        """Open the doors to stations and to people."""
        unknown = await self.store.everyone_unknown(self.clock.now())
        if unknown:
            log.info(
                "stations were connected before this start; waiting for them", stations=unknown
            )
        await self.services.security.trust.refresh()
        await self._open_doors()
        await self._open_http()
        self.chores.start()

    async def _open_http(self) -> None:
        """Console, API and files: plain, and over TLS where it is asked for."""
        settings, files = self.settings, self.services.files
        app = with_files(build_http(self.desk, self.store.healthy, exposition(self)), files)
        host, port, proxies = settings.http_host, settings.http_port, settings.trusted_proxies
        with _opening("console and API", host, port):
            self.http = HttpServer(app, host, port, proxies)
        await self.http.start()
        plain, secure = address(host, self.http.port), ""
        if settings.http_tls_port:
            pair = _usable(Path(settings.tls_certificates[0]), Path(settings.tls_keys[0]))
            with _opening("console and API over TLS", host, settings.http_tls_port):
                self.https = HttpServer(app, host, settings.http_tls_port, proxies, pair)
            await self.https.start()
            secure = address(host, self.https.port, secure=True)
        files.reached_at(plain, secure)

    async def _open_doors(self) -> None:
        plain = door_settings(self.settings)
        with _opening("stations", plain.host, plain.port):
            self.doors.append(await serve_stations(self.doorman, plain))
        self.house.wheel = self.doors[0].wheel
        if self.settings.station_tls_port:
            pairs = zip(self.settings.tls_certificates, self.settings.tls_keys, strict=True)
            certificates = tuple(_usable(Path(c), Path(k)) for c, k in pairs)
            tls = replace(plain, port=self.settings.station_tls_port, certificates=certificates)
            await self._open_tls(tls)

    async def _open_tls(self, tls: DoorSettings) -> None:
        """One door for security profiles 2 and 3, or one for each (A00.FR.006)."""
        own = self.settings.station_certificate_port
        doors = [replace(tls, ask_certificates=not own)]
        if own:
            doors.append(replace(tls, port=own, demand_certificates=True))
        for settings in doors:
            with _opening("stations over TLS", settings.host, settings.port):
                door = await serve_stations(self.doorman, settings)
            self.doors.append(door)
            if door.tls is not None:
                self.tls_doors.add(door.tls)

    async def stop(self) -> None:
        """Close the doors, finish what is under way, write it down. Stations come back by themselves."""
        self.bus.close()  # ends the live streams, which would keep the HTTP server waiting
        for server in (self.https, self.http):
            if server is not None:
                await server.stop()
        await self.chores.stop()
        await self.errands.stop()
        await self.background.stop()
        for door in reversed(self.doors):  # the first one's timer wheel serves all links
            await door.close(reason="the system is restarting", grace_s=2.0)
        while self.house.tasks:
            await self.house.settled()
        await self.store.close()


async def start_node(settings: Settings) -> Node:
    """Prepare the store (migrations included) and open a node. Raises SettingsError in an operator's words."""
    pepper = load_secret(Path(settings.secret_file))
    clock = SystemClock()
    try:
        for revision in await storage.migrate(settings.database_url):
            log.info("database migrated", revision=revision)
        bus = LocalBus()
        store = await storage.open_store(settings.database_url, clock=clock, bus=bus)
    except (storage.StoreUnavailable, StoreFailed, ValueError) as error:
        raise SettingsError(f"The database cannot be used: {error}") from error
    bus.replay = store.catalogue.announced
    node = Node(settings, store, bus, pepper)
    try:
        await node.open()
    except BaseException:
        await node.stop()
        raise
    return node


def _usable(certificate: Path, key: Path) -> CertificatePair:
    """The pair, or what is wrong with it."""
    pair = CertificatePair(certificate, key)
    try:
        server_context([pair])
    except OSError as error:  # files that cannot be read, and ssl.SSLError
        raise SettingsError(
            f"The certificate {certificate} with the key {key} cannot be used: {error}"
        ) from error
    return pair


@contextmanager
def _opening(door: str, host: str | None, port: int) -> Iterator[None]:
    """Tell what could not be opened, and why, in an operator's words."""
    try:
        yield
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise SettingsError(
            f"The port for {door} cannot be opened at {host or '*'}:{port}: {reason}"
        ) from error


def door_settings(settings: Settings) -> DoorSettings:
    """The door's limits, from the node's settings."""
    try:
        proxies = tuple(ip_network(text, strict=False) for text in settings.trusted_proxies)
    except ValueError as error:
        raise SettingsError(f"RELEVE_TRUSTED_PROXIES: {error}") from error
    return DoorSettings(
        host=settings.station_host,
        port=settings.station_port,
        prefixes=settings.station_prefixes,
        trusted_proxies=proxies,
        max_message_bytes=settings.max_message,
        max_unsent_bytes=settings.max_send_queue,
        handshake_timeout_s=settings.handshake_timeout,
        max_handshakes=settings.max_handshakes,
        max_handshakes_per_address=settings.max_handshakes_per_address,
        ping_interval_s=settings.ping_interval or None,
        pong_timeout_s=settings.ping_timeout or None,
    )
