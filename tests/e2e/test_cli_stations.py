"""Commands that go through the API of a running server: what they do at stations, print, and end with."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from releve.cli import main
from releve.domain.ids import DEFAULT_OPERATOR
from releve.simulator import SimStation, WallClock
from tests.support.rig import Rig, rigged
from tests.support.running import Running

PASSWORD = "a-password-of-16-"
SPEED = 60.0


class Terminal:
    """Runs commands against a node, as a person with an API key does on another machine."""

    def __init__(self, node: Running, directory: Path, key: str) -> None:
        self.node = node
        self.directory = directory
        self.key = key

    async def __call__(self, *words: str, server: str = "", key: str | None = None) -> Result:
        """The end of a command; it runs in a thread, for the node runs here."""
        assert self.node.node.http is not None
        where = server or f"http://127.0.0.1:{self.node.node.http.port}"
        environment = {
            "RELEVE_API_KEY": self.key if key is None else key,
            "RELEVE_DATABASE_URL": f"sqlite:///{self.directory / 'releve.db'}",
            "RELEVE_SECRET_FILE": str(self.directory / "releve.secret"),
            "RELEVE_STATION_HOST": "127.0.0.1",
        }
        more = ["--server", where] if where != "database" else []
        ended = await asyncio.to_thread(CliRunner().invoke, main, [*words, *more], env=environment)
        assert ended.exception is None or isinstance(ended.exception, SystemExit), ended.exc_info
        return ended

    async def says(self, *words: str, code: int = 0, **how: Any) -> str:
        """What a command prints, when it ends with this code; its errors when that is not 0."""
        ended = await self(*words, **how)
        assert ended.exit_code == code, ended.output
        return ended.stderr if code == 1 else ended.stdout

    def saved(self, name: str = "") -> Any:
        """The text of a file that a command left where it ran; the names of all without one."""
        here = self.directory / "home"
        return (here / name).read_text("utf-8") if name else [one.name for one in here.iterdir()]

    async def json(self, *words: str) -> Any:
        """What it prints for a program."""
        return json.loads(await self.says(*words, "--json"))


@pytest.fixture
async def terminal(node: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.chdir(home)
    _, key = await node.node.services.access.add_key(DEFAULT_OPERATOR, "terminal", ("admin",))
    return Terminal(node, tmp_path, key)


@pytest.fixture(params=["1.6", "2.0.1"])
async def sim(request: pytest.FixtureRequest, node: Running) -> AsyncIterator[SimStation]:
    """A station CP-1 that is connected, of the simulator."""
    await node.add_station("CP-1", password=PASSWORD)
    await node.add_token("ADA")
    clock = WallClock(SPEED)
    url = node.stations_url
    async with SimStation(request.param, "CP-1", url, PASSWORD, clock=clock, reboot_s=1.0) as one:
        await one.connect()
        await one.boot()
        yield one


@pytest.fixture
async def rig(node: Running) -> AsyncIterator[Rig]:
    """Scripted stations, for what simulated ones do not have."""
    async with rigged(node) as made:
        yield made


async def test_a_transaction_is_started_and_stopped(terminal: Terminal, sim: SimStation) -> None:
    sim.plug_in(1)
    assert "no such transaction" in await terminal.says("station", "stop", "CP-1", code=1)
    started = await terminal.says("station", "start", "CP-1", "--evse", "1", "--token", "ADA")
    assert started == "The station answered Accepted.\n"
    await sim.wait_for("transaction-started", timeout_s=20)
    await sim.delivered(20)
    (row,) = (await terminal.node.get("/transactions"))["items"]
    other = await terminal.says("station", "stop", "CP-1", "--transaction", "other", code=1)
    assert "no such transaction" in other
    assert await terminal.says("station", "stop", "CP-1", "--transaction", row["reference"])
    await sim.wait_for("transaction-ended", timeout_s=20)
    await sim.delivered(20)
    assert (await terminal.node.get(f"/transactions/{row['id']}"))["stop_reason"] == "Remote"


async def test_a_reset_and_an_unlock(terminal: Terminal, sim: SimStation) -> None:
    unlocked = await terminal.json("station", "unlock", "CP-1", "1")
    assert (unlocked["accepted"], unlocked["status"]) == (True, "Unlocked")
    refused = await terminal.says("station", "unlock", "CP-1", "9", code=1)
    assert refused.startswith("releve: The station answered ")
    assert "Accepted" in await terminal.says("station", "reset", "CP-1", "--kind", "Immediate")
    await sim.wait_for("booted", timeout_s=20)


async def test_variables_are_asked_and_set(terminal: Terminal, sim: SimStation) -> None:
    old = sim.plan.version.value.endswith("1.6")
    name = "HeartbeatInterval" if old else "OCPPCommCtrlr.HeartbeatInterval"
    assert await terminal.says("station", "set", "CP-1", f"{name}=123") == f"{name} = Accepted\n"
    assert await terminal.says("station", "get", "CP-1", name) == f"{name} = 123\n"
    assert sim.station.behaviour.heartbeat_interval_s == 123
    assert f"{name} = 123" in await terminal.says("station", "variables", "CP-1")
    told = await terminal.json("station", "get", "CP-1", name)
    assert told["variables"][0]["value"] == "123"
    unknown = "Nonsense" if old else "Nonsense.Nonsense"
    ended = await terminal("station", "get", "CP-1", name, unknown)
    assert (ended.exit_code, ended.stderr) == (1, "releve: 1 of 2 refused.\n")
    assert ended.stdout.startswith(f"{name} = 123\n{unknown} = Unknown")
    assert (await terminal("station", "set", "CP-1", name)).exit_code == 2
    if not old:
        assert (await terminal("station", "get", "CP-1", "Nonsense")).exit_code == 2


async def test_a_log_is_saved(terminal: Terminal, sim: SimStation) -> None:
    said = await terminal.says("station", "log", "CP-1", "--output", "mine.log")
    saved = terminal.saved("mine.log")
    assert said == f"Saved mine.log ({len(saved)} bytes).\n"
    assert "booted" in saved
    own = await terminal.says("station", "log", "CP-1")
    name = re.fullmatch(r"Saved (CP-1-\S+\.log) .*\n", own)
    assert name is not None
    first = terminal.saved(name[1])
    printed = await terminal.says("station", "log", "CP-1", "--output", "-")
    assert printed.startswith(first[:40])
    assert sorted(terminal.saved()) == sorted(["mine.log", name[1]])
    nowhere = await terminal.says("station", "log", "CP-1", "--output", "none/x.log", code=1)
    assert "none/x.log cannot be written" in nowhere
    asked = await terminal.says("station", "log", "CP-1", "--wait", "0")
    number = asked.split()[-1].rstrip(".")
    assert await terminal.says("operation", "wait", number) == "Done.\n"


async def test_firmware_is_uploaded_and_installed(
    terminal: Terminal, sim: SimStation, tmp_path: Path
) -> None:
    image = tmp_path / "fw-7.1.bin"
    image.write_bytes(b"firmware" * 100_000)
    number = (await terminal.says("firmware", "upload", str(image), "--version", "7.1")).strip()
    listed = await terminal.json("firmware", "list")
    assert [(one["id"], one["size"], one["version"]) for one in listed] == [
        (number, 800_000, "7.1")
    ]
    ended = await terminal("firmware", "update", number, "CP-1")
    assert (ended.exit_code, ended.stdout) == (0, "Installed.\n")
    progress = ended.stderr.splitlines()
    assert progress[0].startswith("Operation ")
    assert len(progress) >= 3
    assert progress[-1] == "CP-1: done"
    assert "firmware-update" in await terminal.says("operation", "list", "--station", "CP-1")


async def test_a_roll_out_tells_who_has_not_installed(
    terminal: Terminal, rig: Rig, tmp_path: Path
) -> None:
    good, bad = await rig.station("2.0.1"), await rig.station("2.0.1")
    good.answers("UpdateFirmware", {"status": "Accepted"})
    bad.answers("UpdateFirmware", {"status": "Rejected"})
    image = tmp_path / "fw.bin"
    image.write_bytes(b"firmware")
    number = (await terminal.says("firmware", "upload", str(image))).strip()
    ended = await terminal(
        "firmware", "update", number, good.identity, bad.identity, "--wait", "0.2"
    )
    assert ended.exit_code == 3
    rollout = ended.stderr.split()[1]
    assert f"releve firmware follow {rollout}" in ended.stderr
    asked = await good.expect("UpdateFirmware")
    told = {"status": "Installed", "requestId": asked["requestId"]}
    await good.call("FirmwareStatusNotification", told)
    await terminal.node.node.services.rollouts.advance_all(DEFAULT_OPERATOR)
    ended = await terminal("firmware", "follow", rollout)
    assert ended.exit_code == 1
    assert re.fullmatch(rf"{bad.identity} +failed +Rejected\n", ended.stdout)
    assert "2 stations: 1 done, 1 failed\n" in ended.stderr
    assert "1 of 2 have not installed it." in ended.stderr
    assert rollout in await terminal.says("firmware", "rollouts")
    again = await terminal.says("firmware", "cancel", rollout, code=1)
    assert again == "releve: This roll-out has ended already.\n"


async def test_operations_are_listed_shown_waited_for_and_cancelled(
    terminal: Terminal, rig: Rig
) -> None:
    station = await rig.station("2.0.1")
    station.answers("GetLog", {"status": "Accepted"})
    begun = await rig.post(f"/stations/{station.id}/logs", {})
    number = begun["id"]
    (listed,) = await terminal.json("operation", "list", "--state", "running")
    assert (listed["id"], listed["kind"]) == (number, "log")
    assert f"{number} " in await terminal.says("operation", "show", number)
    late = await terminal("operation", "wait", number, "--wait", "0.1")
    assert late.exit_code == 3
    assert f"releve operation wait {number}" in late.stderr
    assert await terminal.says("operation", "cancel", number) == "Cancelled.\n"
    over = await terminal.says("operation", "wait", number, code=1)
    assert "Cancelled by" in over
    twice = await terminal.says("operation", "cancel", number, code=1)
    assert twice == "releve: This operation has ended already.\n"


async def test_messages_are_shown_listed_and_cleared(terminal: Terminal, rig: Rig) -> None:
    station = await rig.station("2.0.1")
    name = station.identity
    station.answers("SetDisplayMessage", {"status": "Accepted"})
    station.answers("GetDisplayMessages", {"status": "Unknown"})
    station.answers("ClearDisplayMessage", [{"status": "Accepted"}, {"status": "Unknown"}])
    how = ("--priority", "InFront", "--language", "fr", "--until", "2099-01-01T00:00Z")
    said = await terminal.says("display", "show", name, "Bonjour", "--id", "7", *how)
    assert said == "Shown, as message 7.\n"
    shown = (await station.expect("SetDisplayMessage"))["message"]
    assert (shown["id"], shown["priority"], shown["message"]["language"]) == (7, "InFront", "fr")
    assert shown["endDateTime"].startswith("2099-01-01T00:00:00")
    listed = await terminal.says("display", "list", name)
    assert listed.split() == ["7", "InFront", "2099-01-01T00:00", "Bonjour"]
    assert await terminal.says("display", "clear", name, "7") == "Cleared.\n"
    assert "Unknown" in await terminal.says("display", "clear", name, "7", code=1)
    assert await terminal.says("display", "list", name, "--ask") == ""
    wrong = await terminal("display", "show", name, "x", "--until", "tomorrow")
    assert (wrong.exit_code, "'tomorrow' is no time" in wrong.stderr) == (2, True)


async def test_reservations_are_made_listed_and_cancelled(
    terminal: Terminal, sim: SimStation
) -> None:
    made = await terminal.json("reservation", "make", "CP-1", "ADA", "--evse", "1")
    number = made["reservation"]["id"]
    listed = (await terminal.says("reservation", "list", server="database")).split()
    assert listed[:4] == [number, "CP-1", "1", "ADA"]
    assert await terminal.says("reservation", "cancel", number) == "Cancelled.\n"
    assert await terminal.says("reservation", "list", server="database") == ""
    again = await terminal.says("reservation", "cancel", number, code=1)
    assert again.startswith("releve: ")


async def test_a_limit_is_set(terminal: Terminal, sim: SimStation) -> None:
    said = await terminal.says("station", "limit", "CP-1", "10", "--evse", "1")
    assert re.search(r"Set, as charging profile \d+\.\n", said)
    told = await terminal.json("station", "limit", "CP-1", "8", "--minutes", "5", "--evse", "1")
    assert told["accepted"]


async def test_what_goes_wrong_is_told_in_a_line(terminal: Terminal, rig: Rig) -> None:
    away = await rig.station("2.0.1", connect=False)
    said = await terminal.says("station", "reset", away.identity, code=1)
    assert said == "releve: The station is not connected.\n"
    assert await terminal.says("station", "reset", "NOBODY", code=1) == (
        "releve: There is no such station.\n"
    )
    wrong = await terminal.says("operation", "list", code=1, key="rlv_wrong")
    assert wrong.startswith("releve: ")
    assert wrong.count("\n") == 1
    nobody = await terminal.says("operation", "list", code=1, server="http://127.0.0.1:9")
    assert nobody.startswith("releve: the server at http://127.0.0.1:9 cannot be reached")
    mute = await terminal("operation", "list", key="")
    assert (mute.exit_code, "--key" in mute.stderr) == (2, True)
    long = await terminal.says("display", "show", away.identity, "x" * 1001, code=1)
    assert "content" in long
    old = await terminal.json("operation", "list")
    assert old == []


async def test_the_server_is_this_machines_by_its_settings(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert terminal.node.node.http is not None
    monkeypatch.setenv("RELEVE_HTTP_PORT", str(terminal.node.node.http.port))
    monkeypatch.setenv("RELEVE_HTTP_HOST", "0.0.0.0")
    assert await terminal.says("operation", "list", server="database") == ""
