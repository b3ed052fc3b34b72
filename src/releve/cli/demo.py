"""`releve demo`: the central system and a simulated site, to look at."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from decimal import Decimal
from functools import partial
from pathlib import Path

import click
import structlog

from releve.app import Node, start_node
from releve.cli.common import configure_logging, fail, load_settings, run, until_stopped
from releve.cli.serve import announce, first_administrator
from releve.domain.ids import DEFAULT_OPERATOR, StationId
from releve.domain.monitoring import MonitorType, Spot, StreamParams, WantedMonitor
from releve.domain.station import BootDecision
from releve.domain.tariff import flat
from releve.domain.v2x import CHARGING_ONLY, EnergyTransfer, TransferPermit
from releve.ocpp.version import Version
from releve.services.errors import Taken
from releve.services.live import Inbound
from releve.services.provisioning import Boot
from releve.services.services import Services
from releve.settings import Settings, SettingsError
from releve.simulator import Scenario, ScenarioError, run_fleet

log = structlog.get_logger(__name__)
DEMO_TARIFF = flat(
    "Standard",
    "EUR",
    kwh=Decimal("0.39"),
    session=Decimal("0.50"),
    idle_minute=Decimal("0.05"),
    idle_after_s=600,
    tax=Decimal(20),
)

POWER_STREAM = WantedMonitor(
    spot=Spot(component="EVSE", evse=1, variable="Power"),
    type=MonitorType.PERIODIC,
    value=5,
    severity=8,
    stream=StreamParams(interval_s=30),
)


@click.command()
@click.option("--port", "http_port", type=int, help="Port of the console (default 8080).")
@click.option("--station-port", type=int, help="Port for stations (default 9000).")
@click.option(
    "--directory",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("var/demo"),
    show_default=True,
    help="Where the demonstration's database lies.",
)
@click.option("--keep", is_flag=True, help="Go on with the data of the last demonstration.")
@click.option(
    "--scenario", default="demo", show_default=True, help="Name or TOML file of the site."
)
@click.option("--seed", type=int, default=1, show_default=True, help="Same seed, same day.")
@click.option(
    "--speed", type=float, default=1.0, show_default=True, help="Simulated seconds per second."
)
def demo(
    directory: Path, keep: bool, scenario: str, seed: int, speed: float, **options: object
) -> None:
    """Run the central system together with twelve simulated stations that charge simulated cars.

    Ctrl-C stops everything. Each run begins anew, unless --keep.
    """
    try:
        site = Scenario.load(scenario)
    except ScenarioError as error:
        fail(str(error))
    directory.mkdir(parents=True, exist_ok=True)
    database = directory / "releve.db"
    if not keep:
        for old in directory.glob("releve.db*"):
            old.unlink()
    settings = load_settings(
        database_url=f"sqlite:///{database.resolve()}",
        secret_file=str((directory / "releve.secret").resolve()),
        unknown_stations="quarantine",
        payment_provider="manual",
        report_delay=5.0,  # what stations can do is known when the first cars come
        log_level="warning",
        **options,
    )
    configure_logging(settings)
    run(_demo(settings, site, seed, speed))


async def _demo(settings: Settings, site: Scenario, seed: int, speed: float) -> None:
    node = await start_node(settings)
    stop = asyncio.Event()
    fleet: asyncio.Task[object] | None = None
    try:
        await _register(node, site)
        node.services.provisioning.when_booted(partial(_offer_payments, node.services))
        node.services.provisioning.when_booted(partial(_watch, node.services, set()))
        await first_administrator(node, again=settings.database_url)
        announce(node)
        click.echo("")
        click.echo(
            f"  {len(site.stations)} simulated stations connect now and begin to charge. Ctrl-C stops."
        )
        url = f"ws://127.0.0.1:{node.station_port}/ocpp"
        fleet = asyncio.create_task(run_fleet(site, url, speed=speed, seed=seed, stop=stop))
        stopped = asyncio.create_task(until_stopped())
        await asyncio.wait({fleet, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if fleet.done() and fleet.exception() is not None:
            raise SettingsError(f"The simulated site failed: {fleet.exception()}")
        await stopped
        click.echo("Stopping …")
    finally:
        stop.set()
        if fleet is not None:
            await asyncio.wait({fleet}, timeout=10)
        await node.stop()


def _offer_payments(services: Services, inbound: Inbound, boot: Boot) -> None:
    """Have stations of OCPP 2.1 show codes that lead to a payment, which needs no card: /pay/CP-12/1."""
    station = inbound.station
    if boot.decision is BootDecision.ACCEPTED and station.version == str(Version.V21):

        async def configure() -> None:
            await services.web_payments.configure(
                station.operator, station.id, static=True, by="demo"
            )

        inbound.later(configure)


def _watch(services: Services, done: set[StationId], inbound: Inbound, boot: Boot) -> None:
    """Once for each station, have it report its monitors; those of OCPP 2.1 stream the power of their first EVSE."""
    station = inbound.station
    old = station.version in (str(Version.V16), None)
    if boot.decision is not BootDecision.ACCEPTED or old or station.id in done:
        return
    done.add(station.id)

    async def monitor() -> None:
        if station.version == str(Version.V21):
            await services.monitors.set(station.operator, station.id, [POWER_STREAM], by="demo")
        await services.monitors.report(station.operator, station.id, by="demo")

    inbound.later(monitor)


async def _register(node: Node, site: Scenario) -> None:
    """Register the site's stations and tokens, as an operator would."""
    for station in site.stations:
        try:
            await node.services.stations.add(
                DEFAULT_OPERATOR, station.identity, name=station.name, site=site.title
            )
        except Taken:
            log.debug("registered before", station=station.identity)
    permit = TransferPermit(modes=(*CHARGING_ONLY, EnergyTransfer.DC_BPT))  # cars may give back
    await node.services.v2x.set_permit(DEFAULT_OPERATOR, permit)
    with suppress(Taken):
        await node.services.tariffs.add(DEFAULT_OPERATOR, DEMO_TARIFF)
    for token in site.tokens:
        try:
            await node.services.tokens.add(
                DEFAULT_OPERATOR,
                token.value,
                type=token.type,
                label=token.label,
                concurrent=True,  # a few cards for many drivers
            )
        except Taken:
            log.debug("registered before", token=token.value)
