"""What happened lately is forgotten by itself, and so is what is known of a station that has gone."""

from __future__ import annotations

import ast
import gc
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from msgspec.structs import replace

import releve
from releve.domain.charging_needs import ChargingNeeds, NotedNeeds
from releve.domain.ids import DEFAULT_OPERATOR
from releve.domain.limits import Limit, Limits
from releve.services.lately import Lately
from tests.support.console import opened

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_moments_count_within_their_span():
    lately: Lately[str] = Lately(10 * MINUTE, 3)
    for minutes in (0, 4, 8):
        lately.note("A", NOON + minutes * MINUTE)
    assert [lately.count("A", NOON + m * MINUTE) for m in (8, 10, 14, 18)] == [3, 2, 1, 0]
    assert lately.count("B", NOON) == 0
    lately.note("A", NOON + 9 * MINUTE)
    assert lately.count("A", NOON + 9 * MINUTE) == 3, "no more than are remembered"
    lately.forget("A")
    assert lately.count("A", NOON + 9 * MINUTE) == 0


def test_keys_that_nothing_happens_to_any_more_leave():
    lately: Lately[int] = Lately(10 * MINUTE)
    for number in range(1000):
        lately.note(number, NOON + number * MINUTE)
        assert len(lately) <= 10
    lately.note(999, NOON + 1005 * MINUTE)
    assert lately.count(999, NOON + 1006 * MINUTE) == 1
    assert len(lately) < 7, "what is noted again is young again, the others are not"


async def test_the_needs_of_cars_are_gone_with_the_connection(tmp_path: Path) -> None:
    async with opened(tmp_path) as console:
        desk = console.desk.services.charging_needs
        inbound = await console.connected("CP-1")
        for evse in (1, 2):
            await desk.told(inbound, ChargingNeeds(evse=evse, energy_transfer="DC"))
        assert [len(noted) for noted in desk._latest.values()] == [2]
        kept = await desk.all(DEFAULT_OPERATOR, inbound.station.id)
        await console.gone(inbound)
        del inbound
        gc.collect()
        assert len(desk._latest) == 0
        async with console.store.work(DEFAULT_OPERATOR) as work:
            station = await work.stations.find("CP-1")
            assert await work.holdings.all(station.id, NotedNeeds) == kept, "the record stays"


LEAVES = {
    ("transaction_limits.py", "watched"): "when it ends; every hour what the store does not know",
    ("certificates/issuing.py", "_under_way"): "in `finally` of what is under way",
    ("local_lists.py", "_busy"): "in `finally` of what is under way",
    ("networks.py", "_away"): "when the station comes back, and with the end of its operation",
    ("security/client_status.py", "_under_way"): "in `finally` of what is under way",
    ("security/events.py", "_noticed"): "all of it, when there are MOST_NOTICED",
    ("smart_charging/needs.py", "_under_way"): "in `finally` of what is under way",
    (
        "transaction_steps.py",
        "suspects",
    ): "when the station has gone or the gap is filled (`gaps.py`)",
    ("v2g_certificates.py", "_under_way"): "in `finally` of what is under way",
}
"""Sets and dicts by station or transaction that live as long as the node, with how an entry leaves."""
KEYED = re.compile(r"(dict|set|defaultdict|OrderedDict)\[(tuple\[)?(StationId|TransactionId)")


def test_nothing_in_services_only_grows_with_stations_and_transactions():
    services = Path(releve.__file__).parent / "services"
    found = set()
    for path in services.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Attribute):
                continue
            if KEYED.match(ast.unparse(node.annotation)):
                found.add((str(path.relative_to(services)), node.target.attr))
    assert found == set(LEAVES)


async def test_limits_are_watched_as_long_as_the_store_knows_them(tmp_path: Path) -> None:
    async with opened(tmp_path) as console:
        services = console.desk.services
        inbound = await console.connected("CP-1")
        await console.charged(inbound, ended=False)
        ((live,), limits) = inbound.live.transactions.values(), services.limit_watch._limits
        row = live.row
        row = replace(
            row, limits=Limits(wanted=Limit(energy_wh=1000.0), unsupported=("energy_wh",))
        )
        limits.watch(row)
        await services.limit_watch.recall(DEFAULT_OPERATOR)
        assert list(limits.watched) == [row.id], "its station is here: it may not be written yet"
        await console.gone(inbound)
        services.limit_watch._recalled.clear()  # an hour later
        await services.limit_watch.recall(DEFAULT_OPERATOR)
        assert list(limits.watched) == []
        async with console.store.work(DEFAULT_OPERATOR) as work:
            work.transactions.save(row)
        services.limit_watch._recalled.clear()
        await services.limit_watch.recall(DEFAULT_OPERATOR)
        assert list(limits.watched) == [row.id]
