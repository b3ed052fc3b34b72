"""The services, built and tied to their ports."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from releve.app import house_security
from releve.app.background import Tasks
from releve.app.block_services import driver_blocks
from releve.app.errands import TaskErrands
from releve.app.house_certificates import certificate_block
from releve.app.house_charging import charging_block
from releve.app.house_payments import payment_block
from releve.app.house_smart_charging import build_smart_charging
from releve.app.house_tokens import token_block
from releve.app.quirk_files import load_families
from releve.app.tls_doors import OpenTlsDoors
from releve.app.upkeep_services import upkeep
from releve.services.access import AccessControl
from releve.services.anomalies import AnomalyDesk
from releve.services.certificates.vault import Vault
from releve.services.commands import Commands
from releve.services.credentials import Credentials
from releve.services.device_model import DeviceModel
from releve.services.flags import Flags
from releve.services.limits import Limits
from releve.services.networks import MIGRATION, Networks
from releve.services.operations import Operations
from releve.services.ports import Background, Caller, Clock, Ids, Presence, Store
from releve.services.preparations import AfterBoot, Preparations
from releve.services.provisioning import BootPolicy, Provisioning
from releve.services.quirk_desk import QuirkDesk
from releve.services.quirks import QuirkTable
from releve.services.reports import Reports
from releve.services.security.ports import Errands, TlsDoors
from releve.services.services import Services
from releve.services.stations import StationDesk
from releve.settings import Settings

T = TypeVar("T")


@dataclass(frozen=True)
class Ground:
    """What the services of every block stand on."""

    settings: Settings
    store: Store
    clock: Clock
    ids: Ids
    credentials: Credentials
    presence: Presence
    caller: Caller
    background: Background
    flags: Flags
    quirks: QuirkTable
    limits: Limits
    commands: Commands
    operations: Operations
    reports: Reports
    vault: Vault
    doors: TlsDoors
    errands: Errands
    built: dict[str, Any] = field(default_factory=dict)
    """The services of the blocks before, by their names in `Services`."""


def build_services(
    settings: Settings,
    store: Store,
    clock: Clock,
    ids: Ids,
    credentials: Credentials,
    presence: Presence,
    caller: Caller,
    pepper: bytes | None = None,
    background: Background | None = None,
    *,
    doors: TlsDoors | None = None,
    errands: Errands | None = None,
) -> Services:
    """All services on these ports. background, doors, errands: those of a node that serves; a command has its own."""
    own = Path(settings.quirks_folder) if settings.quirks_folder else None
    quirks = QuirkTable(load_families(own))
    limits = Limits(store, presence, quirks)
    commands = Commands(store, clock, ids, presence, caller, limits)
    ground = Ground(
        settings=settings,
        store=store,
        clock=clock,
        ids=ids,
        credentials=credentials,
        presence=presence,
        caller=caller,
        background=background or Tasks(),
        flags=Flags(ids),
        quirks=quirks,
        limits=limits,
        commands=commands,
        operations=Operations(store, clock, ids, commands),
        reports=Reports(store),
        vault=Vault(credentials.secret if pepper is None else pepper),
        doors=doors or OpenTlsDoors(),
        errands=errands or TaskErrands(),
    )
    for block in BLOCKS:
        ground.built.update(block(ground))
    return Services(**ground.built)


def _spine(g: Ground) -> dict[str, Any]:
    """The registers, and what all blocks use."""
    return {
        "store": g.store,
        "reports": g.reports,
        "commands": g.commands,
        "operations": g.operations,
        "stations": StationDesk(g.store, g.clock, g.ids, g.credentials, g.presence, g.caller),
        "anomalies": AnomalyDesk(g.store, g.clock, g.presence),
        "access": AccessControl(g.store, g.clock, g.ids, offload),
    }


def _provisioning(g: Ground) -> dict[str, Any]:
    """B."""
    boots = BootPolicy(
        heartbeat_s=g.settings.heartbeat_interval,
        retry_s=g.settings.boot_retry_interval,
        jitter=g.settings.boot_jitter,
    )
    provisioning = Provisioning(g.store, g.clock, boots, g.quirks)
    device_model = DeviceModel(g.store, g.operations, g.commands, g.limits)
    stations: StationDesk = g.built["stations"]
    preparations = Preparations(
        g.store, g.clock, g.commands, g.operations, device_model, stations, g.background
    )
    delay = g.settings.report_delay
    provisioning.when_booted(
        AfterBoot(g.commands, stations, preparations, device_model, g.background, delay)
    )
    networks = Networks(g.store, g.clock, g.presence, g.commands, g.operations)
    provisioning.within_boot(networks.booted)
    g.operations.when_overdue(MIGRATION, networks.overdue)
    return {
        "provisioning": provisioning,
        "preparations": preparations,
        "networks": networks,
        "quirks": QuirkDesk(g.store, g.clock, g.presence, g.quirks),
        "device_model": device_model,
        "limits": g.limits,
    }


def _smart_charging(g: Ground) -> dict[str, Any]:
    """K."""
    services = build_smart_charging(
        g.store, g.clock, g.presence, g.quirks, g.commands, g.operations, g.reports
    )
    g.built["provisioning"].when_booted(services["smart_charging"].booted)
    return dict(services)


BLOCKS: tuple[Callable[[Ground], dict[str, Any]], ...] = (
    _spine,
    charging_block,
    _provisioning,
    _smart_charging,
    token_block,
    upkeep,
    house_security.build,
    payment_block,
    driver_blocks,
    certificate_block,
)
"""The services of each block by their names in `Services`; a new block adds its own here."""


async def offload(work: Callable[[], T], /) -> T:
    """Run something slow in a thread."""
    return await asyncio.get_running_loop().run_in_executor(None, work)
