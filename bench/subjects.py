"""What is measured, and how each of it is started."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bench.databases import Database, Sqlite, postgres
from bench.messages import VERSIONS
from bench.processes import ROOT, BenchError, Child, python

PEERS = ROOT / "bench" / "peers"
OCPP_RPC = "ocpp-rpc@2.2.1"
INSTALL_S = 120


@dataclass(slots=True)
class Running:
    """A server that listens."""

    subject: Subject
    child: Child
    port: int
    database: Database | None = None

    def stop(self) -> None:
        """End it and remove what it kept."""
        self.child.stop()
        if self.database is not None:
            self.database.drop()


@dataclass(frozen=True, slots=True)
class Place:
    """Where and how big. stations: how many of each version will come."""

    directory: Path
    core: int
    stations: int


@dataclass(frozen=True, slots=True)
class Subject:
    """Something to measure. bare: it knows no OCPP. make: its command and database, or in words why not."""

    key: str
    label: str
    make: Callable[[Place], tuple[list[str], Database | None] | str]
    bare: bool = False
    optional: bool = False
    versions: tuple[str, ...] = field(default=VERSIONS)

    def start(self, place: Place) -> Running | str:
        """Start it; in words why it cannot be, where something that it needs is not on this machine."""
        directory = place.directory / self.key
        directory.mkdir(parents=True)
        made = self.make(Place(directory, place.core, place.stations))
        if isinstance(made, str):
            return made
        command, database = made
        child = None
        try:
            child = Child(command, place.core, directory / "log")
            word, _, port = child.hear().partition(" ")
            if word != "READY":
                raise BenchError(f"{self.label} said {word!r} instead of READY")
        except BaseException:
            if child is not None:
                child.stop()
            if database is not None:
                database.drop()
            raise
        return Running(self, child, int(port), database)


def _echo(place: Place) -> tuple[list[str], None] | str:
    compiler = shutil.which("cc")
    if compiler is None:
        return "no C compiler (cc)"
    program = place.directory / "echo"
    source = PEERS / "echo.c"
    subprocess.run([compiler, "-O2", "-D_GNU_SOURCE", "-o", str(program), str(source)], check=True)
    return [str(program), "0"], None


def _module(name: str, needs: str) -> Callable[[Place], tuple[list[str], None] | str]:
    def make(place: Place) -> tuple[list[str], None] | str:
        try:
            __import__(needs)
        except ImportError:
            return f"{needs} is not installed (development dependency)"
        return python(name), None

    return make


def _ocpp_rpc(mode: str) -> Callable[[Place], tuple[list[str], None] | str]:
    def make(place: Place) -> tuple[list[str], None] | str:
        node, npm = shutil.which("node"), shutil.which("npm")
        if node is None or npm is None:
            return "no Node"
        command = [npm, "install", "--silent", "--no-audit", "--no-fund", OCPP_RPC]
        (place.directory / "package.json").write_text("{}")
        try:
            subprocess.run(command, cwd=place.directory, check=True, timeout=INSTALL_S)
        except (subprocess.SubprocessError, OSError):
            return f"npm could not install {OCPP_RPC}"
        return [node, str(PEERS / "ocpp_rpc.mjs"), str(place.directory), mode], None

    return make


def _releve_sqlite(place: Place) -> tuple[list[str], Database]:
    return _releve(place, Sqlite(place.directory))


def _releve_postgres(place: Place) -> tuple[list[str], Database] | str:
    database = postgres()
    return database if isinstance(database, str) else _releve(place, database)


def _releve(place: Place, database: Database) -> tuple[list[str], Database]:
    arguments = (str(place.directory), database.url)
    registering = python("bench.register", *arguments, str(place.stations))
    try:
        subprocess.run(
            registering, check=True, cwd=ROOT, timeout=INSTALL_S, capture_output=True, text=True
        )
    except BaseException as error:
        database.drop()
        if isinstance(error, subprocess.CalledProcessError):
            raise BenchError(
                f"the stations could not be registered: {error.stderr[-3000:]}"
            ) from error
        raise
    return python("bench.peers.releve_node", *arguments), database


SUBJECTS = (
    Subject("echo", "C epoll echo, no OCPP, nothing stored", _echo, bare=True),
    Subject(
        "picows",
        "picows echo, no OCPP, nothing stored",
        _module("bench.peers.picows_echo", "picows"),
        bare=True,
    ),
    Subject("sqlite", "**Relève, SQLite (WAL, FULL)**", _releve_sqlite),
    Subject("postgres", "**Relève, PostgreSQL**", _releve_postgres),
    Subject(
        "ocpp-rpc", "npm `ocpp-rpc` strict, nothing stored", _ocpp_rpc("strict"), optional=True
    ),
    Subject(
        "ocpp",
        "PyPI `ocpp` on `websockets`, nothing stored",
        _module("bench.peers.pypi_ocpp", "ocpp"),
    ),
)
"""`optional`: measured only when asked for, because it is fetched over the network."""
UNIT = "echo"
"""The subject that ratios refer to."""
