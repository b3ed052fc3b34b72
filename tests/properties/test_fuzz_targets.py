"""The fuzz targets hold on their seeds and for a bounded while under atheris; `make fuzz` goes on from there."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from fuzz.__main__ import TARGETS, target
from fuzz.decoding import Decoding
from releve.ocpp import codec
from releve.ocpp.version import Version

ROOT = Path(__file__).parents[2]
RUNS = {"framing": 1_000}
OTHERS_RUNS = 20_000


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_holds_on_its_seeds(name: str):
    test, seeds = target(name)
    assert len(seeds) > 10
    for seed in seeds:
        test(seed)
        test(seed[:-1])


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_holds_for_a_while(name: str, tmp_path: Path):
    if importlib.util.find_spec("atheris") is None:
        pytest.skip("atheris is not installed: it has no wheel for every Python and machine")
    runs = RUNS.get(name, OTHERS_RUNS)
    done = subprocess.run(
        [sys.executable, "-m", "fuzz", name, f"-runs={runs}", "-seed=1", "-max_total_time=50"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert re.search(r"Done [1-9]\d* runs", done.stderr), done.stderr[-3000:]


@pytest.mark.parametrize("version", list(Version))
def test_a_codec_that_loses_something_is_found_out(
    version: Version, monkeypatch: pytest.MonkeyPatch
):
    _, seeds = target(f"decode_{version.name.lower()}")
    honest = codec.encode

    def forgetful(message: Any) -> bytes:
        text = honest(message)
        return text if next(calls) % 2 else text[:-1] + b' ,"more":1}'

    calls = count(1)
    monkeypatch.setattr(codec, "encode", forgetful)
    with pytest.raises(AssertionError, match="does not survive"):
        list(map(Decoding(version), seeds))
