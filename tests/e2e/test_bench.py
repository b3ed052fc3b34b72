"""`make bench` runs, and finds every acknowledged message in the database. No figure is judged here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.timeout(180)
def test_the_benchmark_runs_and_every_acknowledged_message_is_stored():
    command = [sys.executable, "-m", "bench", "--quick", "--json", "--only", "echo,picows,sqlite"]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("RELEVE_")}
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    measured = {(r["subject"], r["version"]): r["acknowledged"] for r in found["results"]}
    assert measured["sqlite", "1.6"] > 0
    assert measured["sqlite", "2.0.1"] > 0
    assert found["idle"][0]["connections"] == 200
