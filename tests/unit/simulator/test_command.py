"""`releve simulate`: help, exit codes, Ctrl-C, words."""

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE

import pytest
from click.testing import CliRunner

from releve.cli.simulate import simulate
from releve.simulator import Quirk


def run(*words):
    return CliRunner().invoke(simulate, list(words))


@pytest.mark.parametrize("command", ["", "station", "fleet", "load", "scenarios"])
def test_help_explains(command):
    result = run(*filter(None, [command]), "--help")
    assert result.exit_code == 0
    assert len(result.output) > 100


def test_the_words_of_scenario_files_are_listed():
    result = run("scenarios")
    assert result.exit_code == 0
    for word in ("demo", "VN-Duo 22", "limousine", *Quirk):
        assert word in result.output


def test_a_wrong_scenario_is_told_and_is_misuse(tmp_path):
    path = tmp_path / "bad.toml"
    path.write_text('name = "x"\ngroups = []\n')
    result = run("fleet", str(path))
    assert result.exit_code == 2
    assert "groups: expected `array` of length >= 1" in result.output


def test_a_wrong_option_is_misuse():
    assert run("station", "--version", "3.0").exit_code == 2
    assert run("load", "--connections", "0").exit_code == 2
    assert run("load", "--url", "http://nowhere").exit_code == 2


async def launch(*words):
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from releve.cli import main; main()",
        "simulate",
        *words,
        stdout=PIPE,
        stderr=PIPE,
    )


async def test_a_station_charges_until_ctrl_c(csms):
    process = await launch(
        "station", "--url", csms.url, "--version", "2.0.1", "--speed", "20", "--verbose"
    )
    await csms.wait_for("TransactionEvent", 2, timeout_s=20)
    process.send_signal(signal.SIGINT)
    output, errors = await process.communicate()

    assert process.returncode == 0, errors.decode()
    assert errors == b""
    text = output.decode()
    assert "1 station at" in text
    assert "ADA may charge at EVSE" in text
    assert "transactions began" in text


async def test_a_run_that_never_connected_fails(unused_tcp_port):
    url = f"ws://127.0.0.1:{unused_tcp_port}/ocpp"
    process = await launch("station", "--url", url, "--for", "0.5", "--idle")
    output, _ = await process.communicate()
    assert process.returncode == 1
    assert b"cannot connect" in output


async def test_load_reports_and_tells_success(csms):
    process = await launch(
        "load", "--url", csms.url, "--connections", "10", "--rate", "50", "--duration", "0.5"
    )
    output, _ = await process.communicate()
    assert process.returncode == 0
    assert b"10 of 10 opened" in output
    assert b"p99" in output


async def test_load_that_is_refused_fails(csms):
    csms.http_status = 401
    process = await launch("load", "--url", csms.url, "--connections", "2", "--duration", "0.1")
    output, _ = await process.communicate()
    assert process.returncode == 1
    assert b"2 x HTTP 401" in output
