"""The power fails under load: what was acknowledged is on the disk, not only on its way there.

SQLite runs on a disk of our own (`tests/torture/disk`) that keeps only what was flushed. `make torture` does it 200
times.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.support.absence import absent
from tests.torture.losses import disk_site, without_power
from tests.torture.site import Died

LOSSES = 15
LOSSES_OF_A_CARELESS_ONE = 4


@pytest.fixture(autouse=True)
def _compiler() -> None:
    if not shutil.which("cc"):
        absent("no C compiler (cc) for the disk below SQLite")


@pytest.mark.timeout(300)
async def test_what_was_acknowledged_survives_power_losses(tmp_path: Path) -> None:
    async with disk_site(tmp_path) as place:
        outcome = await without_power(place, LOSSES, "dark")
    assert not outcome.findings, outcome
    assert outcome.acknowledged > LOSSES
    assert place.disk.lost_pages, "no loss took anything from the disk"


@pytest.mark.timeout(200)
@pytest.mark.parametrize("careless", ["synchronous-off", "synchronous-normal"])
async def test_a_build_that_flushes_less_is_found_out(tmp_path: Path, careless: str) -> None:
    """The twin. NORMAL is what many a guide recommends for the write-ahead log."""
    async with disk_site(tmp_path, [careless]) as place:
        try:
            outcome = await without_power(place, LOSSES_OF_A_CARELESS_ONE, careless)
        except Died:  # no node can start on what is left
            return
    assert outcome.findings, outcome
