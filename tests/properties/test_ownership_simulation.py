"""Who owns a station's line, in thousands of simulated lives; `make torture` plays a million."""

from __future__ import annotations

import pytest

from releve.domain.ids import StationId
from releve.gateway.link import Link
from releve.gateway.roster import Roster
from tests.torture.ownership import Failed, MakeRoster, quiet_loop, run_many, run_one

RUNS = 3_000


def test_nothing_crosses_and_nothing_is_left_open():
    answers = run_many(range(RUNS))
    assert answers > RUNS // 2  # they did talk


class LosesTheNewer(Roster):
    """steve#828: the old connection's end marks the new one offline."""

    def leave(self, link: Link) -> bool:
        self._links.pop(link.station.id, None)
        return True


class KeepsTheOlder(Roster):
    """lbbrhzn/ocpp#2122: the newcomer is not let in while the dead socket lingers."""

    def take(self, link: Link, now: float) -> Link | None:
        if link.station.id in self._links:
            return None
        return super().take(link, now)


class SilencesNobody(Roster):
    """The link that was replaced goes on talking."""

    def take(self, link: Link, now: float) -> Link | None:
        super().take(link, now)
        return None


class BelievesEveryone(Roster):
    """A former link still passes for the owner."""

    def owns(self, link: Link) -> bool:
        return True


class WaitsForNobody(Roster):
    """A newcomer loads its state while the former link's handler still writes."""

    def at_work(self, station: StationId) -> Link | None:
        return None


def first_failure(spoiled: MakeRoster) -> str:
    """What the first seed that finds it says; empty if none does."""
    with quiet_loop() as loop:
        for seed in range(RUNS):
            try:
                run_one(loop, seed, spoiled)
            except Failed as failed:
                return str(failed)
    return ""


@pytest.mark.parametrize(
    "spoiled", [LosesTheNewer, KeepsTheOlder, SilencesNobody, BelievesEveryone, WaitsForNobody]
)
def test_a_spoiled_roster_is_found_out(spoiled: MakeRoster):
    assert first_failure(spoiled).startswith("seed ")


def test_a_seed_tells_the_same_story_again():
    failure = first_failure(LosesTheNewer)
    seed = int(failure.removeprefix("seed ").partition(":")[0])
    with quiet_loop() as loop, pytest.raises(Failed) as again:
        run_one(loop, seed, LosesTheNewer)
    assert str(again.value) == failure
