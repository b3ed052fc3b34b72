"""The harness itself: it must see what is wrong."""

from __future__ import annotations

import pytest

from tests.support.official import violation
from tests.support.rig import CallFailed, Rig


async def test_a_command_reaches_the_station_and_its_answer_the_operator(rig: Rig) -> None:
    station = await rig.station("2.0.1")
    station.answers("Reset", [{"status": "Scheduled"}, {"status": "Rejected"}])
    first = await rig.post(f"/stations/{station.id}/reset", {"kind": "OnIdle"})
    second = await rig.post(f"/stations/{station.id}/reset", {"kind": "Immediate"})
    assert (first["status"], second["status"]) == ("Scheduled", "Rejected")
    assert [r["type"] for r in station.asked("Reset")] == ["OnIdle", "Immediate"]
    assert await station.expect("Reset") == {"type": "OnIdle"}


async def test_what_is_not_scripted_is_refused(rig: Rig) -> None:
    station = await rig.station("1.6")
    result = await rig.post(f"/stations/{station.id}/clear-cache")
    assert (result["result"], result["code"]) == ("error", "NotSupported")


async def test_a_call_error_is_told(rig: Rig) -> None:
    station = await rig.station("1.6")
    with pytest.raises(CallFailed) as failed:
        await station.call("MakeCoffee", {}, checked=False)
    assert failed.value.code == "NotImplemented"


async def test_a_test_that_sends_nonsense_is_stopped(rig: Rig) -> None:
    station = await rig.station("2.1")
    with pytest.raises(AssertionError, match="forbids"):
        await station.call("Heartbeat", {"beat": 1})


def test_the_judge_knows_right_from_wrong() -> None:
    assert violation("v16", "ResetRequest", {"type": "Hard"}) == ""
    assert "ResetRequest" in violation("v16", "ResetRequest", {"type": "Warm"})
    assert violation("v16", "NoSuchRequest", {})
