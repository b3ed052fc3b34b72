"""A full disk, a disk that fails: no false answer, no error of our making, a reason at `/readyz`, and the way back."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.support.absence import absent
from tests.torture import disk_faults
from tests.torture.losses import disk_site

IO_ERROR = ("disk I/O error", "Input/output error")
FAULTS = {
    "full": (disk_faults.FULL, ("database or disk is full", "No space left on device")),
    "writes fail": (disk_faults.BROKEN_WRITES, IO_ERROR),
    "flushes fail": (disk_faults.BROKEN_FLUSHES, IO_ERROR),
}


@pytest.fixture(autouse=True)
def _compiler() -> None:
    if not shutil.which("cc"):
        absent("no C compiler (cc) for the disk below SQLite")


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_failing_disk_is_told_and_survived(tmp_path: Path, fault: str) -> None:
    """The same process serves again when the disk does; the power failure at the end forgives nothing."""
    orders, wanted = FAULTS[fault]
    async with disk_site(tmp_path) as place:
        outcome, reason = await disk_faults.failing(place, orders, fault)
        assert place.site.starts == 1
    assert not outcome.findings, outcome
    assert any(words in reason for words in wanted), reason


@pytest.mark.parametrize("fault", ["full", "flushes fail"])
async def test_a_build_that_believes_its_failures_is_found_out(tmp_path: Path, fault: str) -> None:
    """The twin: a node that takes a failed batch for a good one."""
    orders, _ = FAULTS[fault]
    async with disk_site(tmp_path, ["believe-failures"]) as place:
        outcome, _ = await disk_faults.failing(place, orders, fault)
    assert any(
        "lost" in finding or "not in the database" in finding for finding in outcome.findings
    ), outcome


async def test_nothing_is_built_on_what_a_failed_flush_left(tmp_path: Path) -> None:
    """A commit that can be read and is not on the disk: the next node must not append to it as if it were."""
    async with disk_site(tmp_path) as place:
        outcome = await disk_faults.failed_flush_then_kill(place, "gate")
    assert not outcome.findings, outcome


async def test_a_build_that_trusts_what_it_can_read_is_found_out(tmp_path: Path) -> None:
    """The twin: a node that does not write the log anew."""
    async with disk_site(tmp_path, ["trust-the-log"]) as place:
        outcome = await disk_faults.failed_flush_then_kill(place, "gate")
    assert any(
        "lost" in finding or "not in the database" in finding for finding in outcome.findings
    ), outcome
