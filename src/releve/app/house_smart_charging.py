"""The services of smart charging, built and tied to their ports."""

from __future__ import annotations

from typing import TypedDict

from releve.services.commands import Commands
from releve.services.operations import Operations
from releve.services.ports import Clock, Presence, Store
from releve.services.quirks import QuirkTable
from releve.services.reports import Reports
from releve.services.smart_charging.dynamic import DynamicProfiles
from releve.services.smart_charging.limits import ChargingLimits
from releve.services.smart_charging.needs import ChargingNeedsDesk
from releve.services.smart_charging.planning import LimitPlanner
from releve.services.smart_charging.profiles import SmartCharging
from releve.services.smart_charging.schedules import CompositeSchedules
from releve.services.smart_charging.situation import Situations


class SmartChargingServices(TypedDict):
    """Fields of `Services`."""

    smart_charging: SmartCharging
    dynamic_profiles: DynamicProfiles
    composite_schedules: CompositeSchedules
    charging_limits: ChargingLimits
    charging_needs: ChargingNeedsDesk
    planner: LimitPlanner


def build_smart_charging(
    store: Store,
    clock: Clock,
    presence: Presence,
    quirks: QuirkTable,
    commands: Commands,
    operations: Operations,
    reports: Reports,
) -> SmartChargingServices:
    """All of block K."""
    profiles = SmartCharging(
        store, clock, commands, operations, reports, Situations(clock, presence, quirks)
    )
    planner = LimitPlanner(store)
    return SmartChargingServices(
        smart_charging=profiles,
        dynamic_profiles=DynamicProfiles(store, clock, commands),
        composite_schedules=CompositeSchedules(commands, profiles),
        charging_limits=ChargingLimits(store),
        charging_needs=ChargingNeedsDesk(store, clock, profiles, planner, presence),
        planner=planner,
    )
