"""Fleets: drivers come and go, faults come and go, and the seed decides about all of it."""

import asyncio
from collections import Counter

from releve.simulator import Scenario, WallClock, run_fleet
from tests.unit.simulator.csms import Csms

BUSY = """
name = "busy"
tokens = [{ value = "ADA" }, { value = "BOB" }]
strangers = 0.2
ramp_s = 1.0
[[groups]]
model = "VN-Duo 22"
version = "VERSION"
identity = "B-{n}"
count = 2
[groups.traffic]
present_at_start = 1.0
within_s = 5.0
arrivals_per_hour = 60.0
stay_minutes = [1.0, 3.0]
unplug_first = 0.3
[groups.faults]
offline_every_minutes = 5.0
offline_minutes = [0.2, 0.5]
fault_every_minutes = 10.0
fault_minutes = [0.5, 1.0]
"""


async def run_until(csms, scenario, enough, speed=200.0, seed=None, **options):
    """Run a fleet until `enough(counts of happenings)`; returns all that happened."""
    stop, seen, counts = asyncio.Event(), [], Counter()

    def listen(happening):
        seen.append(happening)
        counts[happening.kind] += 1
        if happening.kind == "bug" or enough(counts):
            stop.set()

    async with asyncio.timeout(60):
        await run_fleet(
            scenario, csms.url, stop=stop, speed=speed, seed=seed, on_event=listen, **options
        )
    assert not counts["bug"], [each for each in seen if each.kind == "bug"]
    return seen


async def test_a_busy_day_in_every_version(csms):
    for version in ("1.6", "2.0.1", "2.1"):
        scenario = Scenario.parse(BUSY.replace("VERSION", version))
        seen = await run_until(
            csms, scenario, lambda c: c["transaction-ended"] >= 8 and c["offline"] and c["fault"]
        )
        kinds = Counter(each.kind for each in seen)
        assert kinds["not-authorized"] or kinds["transaction-started"] > 8
        assert kinds["repaired"] <= kinds["fault"]
    assert len(asyncio.all_tasks()) <= 3  # this test, and the CSMS's last goodbyes


async def test_the_demonstration_charges_within_half_a_minute(csms):
    """At ten times the pace: by 30 simulated seconds most of the twelve stations charge."""
    seen = await run_until(
        csms, Scenario.load("demo"), lambda c: c["charging-state"] >= 14, speed=10.0
    )
    began = min(each.at for each in seen)
    charging = {each.station: each.at for each in reversed(seen) if each.kind == "charging-state"}
    assert len(charging) >= 7
    assert all((at - began).total_seconds() < 30 for at in charging.values())


async def test_who_starts_from_afar_comes_with_a_car(csms):
    """As a driver does who has paid on a page."""
    text = BUSY.replace("VERSION", "2.1").replace(
        "present_at_start = 1.0", "present_at_start = 0.0"
    )
    scenario = Scenario.parse(
        text.replace("arrivals_per_hour = 60.0", "arrivals_per_hour = 0.01").split(
            "[groups.faults]"
        )[0]
    )
    token = {"idToken": "PSP-1", "type": "DirectPayment"}
    info = {"status": "Accepted", "cacheExpiryDateTime": "2020-01-01T00:00:00Z"}  # ask each time
    csms.replies["Authorize"] = lambda _: {"idTokenInfo": info}
    asked = []

    def enough(counts):
        if counts["booted"] >= 2 and not asked:
            start = {"idToken": token, "remoteStartId": 7, "evseId": 1}
            asked.append(asyncio.ensure_future(csms.call("RequestStartTransaction", start)))
        return counts["transaction-ended"]

    await run_until(csms, scenario, enough, speed=50.0)
    assert (await asked[0])["status"] == "Accepted"
    events = csms.sent("TransactionEvent")
    assert {e["transactionInfo"].get("remoteStartId") for e in events} >= {7}
    assert len({e["transactionInfo"]["transactionId"] for e in events}) == 1


async def test_the_same_seed_is_the_same_day(csms):
    scenario = Scenario.parse(BUSY.replace("VERSION", "1.6"))

    async def day(seed):
        """The first car at each EVSE, with its state of charge."""
        seen = await run_until(csms, scenario, lambda c: c["plugged"] >= 4, speed=20.0, seed=seed)
        plugs = [each for each in seen if each.kind == "plugged"]
        return {(each.station, each.evse): each.text for each in reversed(plugs)}

    first, again, other = await day(5), await day(5), await day(6)
    both = first.keys() & again.keys()
    assert len(both) >= 3
    assert {key: first[key] for key in both} == {key: again[key] for key in both}
    assert first != other


async def test_passwords_may_be_given_by_identity(csms):
    scenario = Scenario.parse(BUSY.replace("VERSION", "1.6"))
    await run_until(csms, scenario, lambda c: c["booted"] >= 2, passwords={"B-1": "p", "B-2": "q"})
    assert all("Authorization" in headers for headers in csms.headers)


async def test_stations_keep_trying_until_the_csms_is_there():
    scenario = Scenario.parse(BUSY.replace("VERSION", "1.6"))
    async with Csms() as csms:
        csms.http_status = 503

        def watch(counts):
            if counts["refused"] >= 3:
                csms.http_status = None
            return counts["booted"] >= 2

        seen = await run_until(csms, scenario, watch)
    assert any("again in" in each.text for each in seen if each.kind == "refused")


async def test_a_clock_may_be_given(csms):
    scenario = Scenario.parse(BUSY.replace("VERSION", "2.1"))
    seen = await run_until(csms, scenario, lambda c: c["plugged"] >= 2, clock=WallClock(speed=50.0))
    assert seen
