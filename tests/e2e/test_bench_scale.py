"""The benchmarks of scale run, on small numbers. No figure is judged here."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(module, *arguments):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("RELEVE_")}
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "left out" not in done.stderr
    return done.stdout


def numbers(line):
    return [float(each) for each in re.findall(r"(?<=\| )\d+(?:\.\d+)?", line)]


def test_stations_return(tmp_path):
    said = run("bench.storm", "--stations", "60", "--knocking", "30", "--only", "plain,tls")
    plain, tls = said.splitlines()[-2:]
    for line in (plain, tls):
        stations, seconds, sent_away, cpu_ms, *_ = numbers(line)
        assert (stations, sent_away) == (60, 0)
        assert seconds > 0
        assert cpu_ms > 0


def test_stations_are_weighed_and_talk():
    said = run("bench.scale", "--stations", "80", "--tls", "", "--seconds", "3", "--factor", "200")
    (line,) = [line for line in said.splitlines() if line.startswith("| plain")]
    stations, kilobytes, per_second, us, *_ = numbers(line)
    assert stations == 80
    assert kilobytes > 0
    assert per_second > 0
    assert us > 0


def test_neighbours_are_listened_to():
    said = run("bench.big", "--seconds", "1", "--talkers", "2")
    lines = said.splitlines()[2:]
    assert len(lines) == 4
    assert all(numbers(line)[0] > 0 for line in lines[1:]), "big messages were answered"


@pytest.mark.postgres
def test_reads_are_timed(tmp_path):
    said = run(
        "bench.reads",
        *("--rows", "5000", "--stations", "600", "--times", "2", "--directory", str(tmp_path)),
    )
    assert "| SQLite p50 | p99 | CPU | PostgreSQL p50 | p99 | CPU |" in said
    assert "| transactions: first page |" in said
