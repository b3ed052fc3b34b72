"""The command `releve` as a person at a terminal meets it: its words and exit codes, Ctrl-C, what it leaves."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import sqlite3
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import httpx
import pytest
import structlog
from click.testing import CliRunner

from releve.cli import main

PATIENCE_S = 60.0
TRACEBACK = "Traceback"


class Command:
    """A started `releve`, its standard output line by line."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.output = ""

    async def says(self, pattern: str) -> re.Match[str]:
        """Wait for a line of output that the pattern is found in."""
        assert self.process.stdout is not None
        async with asyncio.timeout(PATIENCE_S):
            while line := (await self.process.stdout.readline()).decode():
                self.output += line
                if found := re.search(pattern, line):
                    return found
        raise AssertionError(f"it ended without saying {pattern}: {self.output}")

    async def ends(self) -> tuple[int, str, str]:
        """Wait for its end: exit code, all output, all errors."""
        output, errors = await asyncio.wait_for(self.process.communicate(), PATIENCE_S)
        self.output += output.decode()
        assert self.process.returncode is not None
        return self.process.returncode, self.output, errors.decode()

    async def stopped(self) -> tuple[int, str, str]:
        """Ctrl-C."""
        self.process.send_signal(signal.SIGINT)
        return await self.ends()


@asynccontextmanager
async def releve(directory: Path, *words: str, **settings: str) -> AsyncIterator[Command]:
    """Start the command in a directory of its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from releve.cli import main; main()",
        *words,
        cwd=directory,
        stdout=PIPE,
        stderr=PIPE,
        env={**os.environ, **{f"RELEVE_{k.upper()}": v for k, v in settings.items()}},
    )
    try:
        yield Command(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def done(directory: Path, *words: str, **settings: str) -> tuple[int, str, str]:
    """Run the command to its end."""
    async with releve(directory, *words, **settings) as command:
        return await command.ends()


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


def ports(http: int, stations: int) -> dict[str, str]:
    """The settings that choose the doors."""
    return {
        "http_port": str(http),
        "station_port": str(stations),
        "station_host": "127.0.0.1",
    }


async def test_serve_charge_stop_and_find_it_again(tmp_path: Path) -> None:
    """What the README's "Without make" says, with a station and a card registered at the terminal."""
    http, door = free_ports(2)
    doors = ports(http, door)
    async with releve(tmp_path, "serve", **doors) as server:
        password = (await server.says(r"Password +(\S+)"))[1]
        address = (await server.says(r"Stations +(ws://\S+)/<identity>"))[1]
        assert address == f"ws://localhost:{door}/ocpp"

        # The server runs on the same database and learns of what the commands write.
        code, told, _ = await done(tmp_path, "station", "add", "CP 1", **doors)
        assert code == 0
        assert f"Address   {address}/CP%201\n" in told
        key = re.search(r"Password  (\S+)", told)
        assert key is not None
        assert await done(tmp_path, "token", "add", "ADA", **doors) == (0, "Added ADA.\n", "")

        charge = ("simulate", "station", "--url", address, "--identity", "CP 1")
        async with releve(
            tmp_path, *charge, "--password", key[1], "--model", "NL City 22", "--speed", "10"
        ) as station:
            await station.says("begins a transaction")
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{http}") as browser:
                assert (await browser.get("/sign-in")).status_code == 200
                assert (await browser.get("/readyz")).status_code == 200
            code, told, errors = await station.stopped()
            assert (code, errors) == (0, "")
            assert "1 transactions began" in told

        code, told, errors = await server.stopped()
        assert code == 0
        assert told.endswith("Stopping …\n")
        assert password not in errors
        assert TRACEBACK not in errors

    with closing(sqlite3.connect(tmp_path / "var" / "releve.db")) as database:
        assert database.execute("SELECT count(*) FROM transactions").fetchone() == (1,)
    code, told, _ = await done(tmp_path, "station", "list", **doors)
    assert code == 0
    assert told.startswith("CP 1 ")
    assert "1.6" in told


async def test_the_demonstration_starts_and_stops(tmp_path: Path) -> None:
    http, door = free_ports(2)
    async with releve(tmp_path, "demo", "--port", str(http), "--station-port", str(door)) as demo:
        await demo.says(r"Name +admin")
        await demo.says(r"Password +\S{12,}")
        again = (await demo.says(r"(releve user password .*)"))[1].split()[1:]
        await demo.says(rf"Console +http://localhost:{http}")
        await demo.says(rf"Stations +ws://\S+:{door}/ocpp/<identity>")
        await demo.says("12 simulated stations connect now")
        # The hint is right: this is the demonstration's database.
        code, told, _ = await done(tmp_path, *again)
        assert code == 0
        assert told.startswith("Changed. Password: ")
        # A station shows codes for payments, and the page of the demonstration's provider takes them.
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{http}") as driver:
            for _ in range(120):  # it has to boot first
                scanned = await driver.get("/pay/CP-12/1")
                if scanned.status_code == 303:
                    break
                await asyncio.sleep(0.5)
            page = await driver.get(scanned.headers["location"])
            assert page.status_code == 200
            assert "/authorize" in page.text
        code, told, errors = await demo.stopped()
    assert code == 0
    assert told.endswith("Stopping …\n")
    assert TRACEBACK not in errors


async def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for settings, door in ((ports(port, 0), "console and API"), (ports(0, port), "stations")):
            code, _, errors = await done(tmp_path, "serve", log_level="warning", **settings)
            assert code == 1
            assert errors == (
                f"releve: The port for {door} cannot be opened at 127.0.0.1:{port}: "
                "Address already in use\n"
            )


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A directory of its own for commands that run in this process."""
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    structlog.reset_defaults()  # `serve` has sent the log to a stream that is closed now


def said(*words: str, **settings: str) -> tuple[int, str, str]:
    """Run a command to its end in this process: exit code, output, errors."""
    environment = {f"RELEVE_{k.upper()}": v for k, v in {**ports(0, 0), **settings}.items()}
    result = CliRunner().invoke(main, list(words), env=environment)
    return result.exit_code, result.stdout, result.stderr


MISTAKES: list[tuple[list[str], dict[str, str], int, str]] = [
    (["serve", "--database", "nonsense"], {}, 1, "RELEVE_DATABASE_URL"),
    (["serve"], {"database_url": "sqlite:///bad.db"}, 1, "bad.db: file is not a database"),
    (["serve"], {"database_url": "sqlite:////proc/none/a.db"}, 1, "/proc/none/a.db"),
    (["migrate"], {"database_url": "postgresql://u:hush@127.0.0.1:1/x"}, 1, "127.0.0.1:1/x"),
    (["serve"], {"http_port": "eighty"}, 1, "RELEVE_HTTP_PORT"),
    (["serve"], {"station_tls_port": "1", "tls_certificates": "a", "tls_keys": "b"}, 1, "a with"),
    (["serve", "--colour"], {}, 2, "--colour"),
    (["station", "password", "NOBODY"], {}, 1, "There is no station NOBODY."),
    (["station", "remove", "NOBODY", "--yes"], {}, 1, "There is no station NOBODY."),
    (["token", "block", "NOBODY"], {}, 1, "There is no token NOBODY."),
    (["user", "password", "nobody"], {}, 1, "nobody"),
    (["user", "add", "ada", "--password", "short"], {}, 1, "at least 10 characters"),
    (["simulate", "station", "--url", "http://x"], {}, 2, "ws:// or wss://"),
    (["simulate", "fleet", "nowhere"], {}, 2, "demo, fleet, quirks"),
]


@pytest.mark.parametrize(
    ("words", "settings", "code", "text"), MISTAKES, ids=[" ".join(m[0][:3]) for m in MISTAKES]
)
def test_a_mistake_is_told_in_a_line(
    here: Path, words: list[str], settings: dict[str, str], code: int, text: str
) -> None:
    (here / "bad.db").write_text("this is not a database, though it has its name " * 20)
    ended, output, errors = said(*words, **{"log_level": "warning", **settings})
    assert ended == code, errors
    assert text in errors
    assert TRACEBACK not in errors
    assert "hush" not in errors + output
    if code == 1:
        assert errors.startswith("releve: ")
        assert errors.count("\n") == 1


def test_the_register_at_the_terminal(here: Path) -> None:
    """Add, list, change, remove: each command finds what another has written."""
    assert said("migrate")[0] == 0
    assert said("migrate", "--check") == (0, "Up to date.\n", "")
    code, told, _ = said("user", "add", "ada", "--role", "viewer")
    assert code == 0
    assert re.fullmatch(r"Added ada\. Password: \S{12,}\n", told)
    assert said("user", "list")[1].split() == ["ada", "viewer"]
    assert said("token", "add", "CARD", "--label", "Ada")[0] == 0
    assert said("token", "add", "CARD")[0] == 1
    assert said("token", "block", "CARD")[1] == "Blocked.\n"
    listed = said("token", "list")[1].split()
    assert listed == ["CARD", "ISO14443", "blocked", "Ada"]
    assert said("token", "remove", "CARD", "--yes")[1] == "Removed.\n"
    assert said("token", "list")[1] == ""
