"""The services, built and tied to their ports."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from releve.app.quirk_files import load_families
from releve.services.access import AccessControl
from releve.services.anomalies import AnomalyDesk
from releve.services.authorization import Authorization, AuthorizationPolicy
from releve.services.availability import Availability
from releve.services.commands import Commands
from releve.services.credentials import Credentials
from releve.services.data_transfer import DataTransfers
from releve.services.device_model import DeviceModel
from releve.services.flags import Flags
from releve.services.limits import Limits
from releve.services.metering import Metering
from releve.services.operations import Operations
from releve.services.ports import Caller, Clock, Ids, Presence, Store
from releve.services.provisioning import BootPolicy, Provisioning
from releve.services.quirk_desk import QuirkDesk
from releve.services.quirks import QuirkTable
from releve.services.reports import Reports
from releve.services.services import Services
from releve.services.stations import StationDesk
from releve.services.tokens import TokenDesk
from releve.services.transaction_steps import Steps
from releve.services.transactions import Transactions
from releve.settings import Settings

T = TypeVar("T")


def build_services(
    settings: Settings,
    store: Store,
    clock: Clock,
    ids: Ids,
    credentials: Credentials,
    presence: Presence,
    caller: Caller,
) -> Services:
    """All services on these ports."""
    flags = Flags(ids)
    authorization = Authorization(
        store, AuthorizationPolicy(accept_unknown=settings.unknown_tokens == "accept"), flags
    )
    availability = Availability(store)
    metering = Metering(store, flags)
    reports = Reports(store)
    boots = BootPolicy(
        heartbeat_s=settings.heartbeat_interval,
        retry_s=settings.boot_retry_interval,
        jitter=settings.boot_jitter,
    )
    quirks = QuirkTable(
        load_families(Path(settings.quirks_folder) if settings.quirks_folder else None)
    )
    limits = Limits(store, presence, quirks)
    commands = Commands(store, clock, ids, presence, caller, limits)
    operations = Operations(store, clock, ids, commands)
    return Services(
        store=store,
        provisioning=Provisioning(store, clock, boots, quirks),
        quirks=QuirkDesk(store, clock, presence, quirks),
        device_model=DeviceModel(store, operations, commands, limits),
        limits=limits,
        authorization=authorization,
        transactions=Transactions(Steps(store, ids, authorization, availability, metering, flags)),
        availability=availability,
        metering=metering,
        data_transfer=DataTransfers(reports),
        reports=reports,
        commands=commands,
        operations=operations,
        stations=StationDesk(store, clock, ids, credentials, presence, caller),
        tokens=TokenDesk(store, clock, ids),
        anomalies=AnomalyDesk(store, clock, presence),
        access=AccessControl(store, clock, ids, offload),
    )


async def offload(work: Callable[[], T], /) -> T:
    """Run something slow in a thread."""
    return await asyncio.get_running_loop().run_in_executor(None, work)
