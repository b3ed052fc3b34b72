"""Whatever profiles a station reports and whatever a car plans: what they allow together is reckoned, or unreadable."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from releve.dialects.registry import Unreadable
from releve.dialects.v2 import smart_charging as v2
from releve.domain.charging_profile import ChargingProfile, ChargingSchedule, RateUnit
from releve.energy.composite import composite
from releve.energy.course import Frame, Installed
from releve.energy.leading import Case
from releve.energy.supply import Supply
from releve.energy.within import excess
from tests.support.messages import payloads

NOW = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
DAY_S = 86_400


def _read(kind: type[Any], wire: Any) -> Any:
    try:
        return v2.read(kind, wire)
    except Unreadable:
        assume(False)


@pytest.mark.parametrize("package", ["v201", "v21"])
def test_absurd_profiles_break_nothing(package: str) -> None:
    @settings(max_examples=60, deadline=None)
    @given(
        reported=payloads(package, "ReportChargingProfilesRequest"),
        planned=payloads(package, "NotifyEVChargingScheduleRequest"),
        unit=st.sampled_from(RateUnit),
    )
    def reckoned(reported: Any, planned: Any, unit: RateUnit) -> None:
        profiles = [
            Installed(reported["evseId"], _read(ChargingProfile, each), NOW)
            for each in reported["chargingProfile"]
        ]
        plan = _read(ChargingSchedule, planned["chargingSchedule"])
        base = msgspec.convert(planned["timeBase"], datetime)
        case = Case(evse=planned["evseId"], supply=Supply(), frame=Frame(NOW, UTC, None))
        for begin in (NOW, base):
            offer = composite(case, profiles, unit, begin, DAY_S)
            excess(plan, base, offer)

    reckoned()
