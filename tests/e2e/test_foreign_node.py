"""A station that is not ours, nor Python's: npm's `ocpp-rpc`, which holds our answers against the official schemas."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.running import Running
from tests.support.visitor import PATIENCE_S

PACKAGE = "ocpp-rpc@2.2.1"
SCRIPT = Path(__file__).parents[1] / "data/foreign_station.mjs"
PASSWORD = "a-password-of-twenty"


def find(name: str) -> str:
    """An executable of Node.js: the system's, or that of the wheel that the browser assets are built with."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"no {name} on the PATH")
    return found


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the package, fetched for this run."""
    directory = tmp_path_factory.mktemp("node")
    command = [find("npm"), "install", "--no-audit", "--no-fund", "--ignore-scripts", PACKAGE]
    try:
        done = subprocess.run(
            command, cwd=directory, capture_output=True, text=True, timeout=100, check=False
        )
    except subprocess.TimeoutExpired:
        pytest.skip("the npm registry does not answer")
    if done.returncode:
        pytest.skip(f"{PACKAGE} cannot be fetched: {done.stderr.strip()[-200:]}")
    return directory


async def run(node: Running, package: Path, protocol: str) -> list[Any]:
    """Let it charge once, tell it to stop as soon as energy flows; the answers that it got."""
    station = await node.add_station("NPM 1", password=PASSWORD)
    await node.add_token("ADA")
    process = await asyncio.create_subprocess_exec(
        find("node"),
        str(SCRIPT),
        str(package),
        node.stations_url,
        "NPM 1",
        PASSWORD,
        protocol,
        "ADA",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={"PATH": os.environ["PATH"]},
    )
    assert process.stdout is not None
    answers: list[Any] = []
    try:
        async with asyncio.timeout(2 * PATIENCE_S):
            async for line in process.stdout:
                if line == b"ok\n":
                    break
                answers.append(json.loads(line))
                if answers[-1][0] == "Heartbeat":
                    (row,) = (await node.get("/transactions", station=station))["items"]
                    assert (row["state"], row["energy_wh"]) == ("active", 2500)
                    outcome = await node.post(f"/transactions/{row['id']}/stop")
                    assert (outcome["result"], outcome["status"]) == ("answered", "Accepted")
            _, errors = await process.communicate()
            assert process.returncode == 0, errors.decode()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return answers


@pytest.mark.parametrize("protocol", ["ocpp1.6", "ocpp2.0.1"])
async def test_a_whole_charge_in_strict_mode(node: Running, package: Path, protocol: str) -> None:
    answers = await run(node, package, protocol)
    said = [action for action, _ in answers]
    transaction = (
        ["StartTransaction", "MeterValues", "Heartbeat", "StopTransaction"]
        if protocol == "ocpp1.6"
        else ["TransactionEvent", "TransactionEvent", "Heartbeat", "TransactionEvent"]
    )
    assert said == [
        "BootNotification",
        "StatusNotification",
        "Authorize",
        *transaction,
        "DataTransfer",
    ]
    assert answers[0][1]["status"] == "Accepted"
    assert answers[-1][1]["status"] == "UnknownVendorId"
    (row,) = (await node.get("/transactions"))["items"]
    assert (row["state"], row["energy_wh"], row["held"], row["complete"], row["token"]) == (
        "ended",
        5000,
        False,
        True,
        "ADA",
    )
