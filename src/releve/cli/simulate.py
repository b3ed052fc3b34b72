"""`releve simulate`: charging stations and cars, against any CSMS."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Coroutine
from datetime import UTC
from pathlib import Path
from ssl import SSLContext
from typing import Any, TypeVar

import click
import uvloop

from releve.simulator import (
    CAR_MODELS,
    MODELS,
    Happening,
    Quirk,
    Scenario,
    ScenarioError,
    run_fleet,
)
from releve.simulator.dialects import version_named
from releve.simulator.load import LoadPlan, Report, run_load
from releve.simulator.quirks import DESCRIPTIONS
from releve.simulator.scenario import Group, Metering, TokenSpec, Traffic, names
from releve.simulator.trust import given

T = TypeVar("T")
QUIET = frozenset(("sampled", "delivered", "call-received", "boot-answered"))
"""Happenings that are shown with --verbose only."""
FAILED = 1
MISUSED = 2


def _websocket(_context: click.Context, _parameter: click.Parameter, url: str) -> str:
    if not url.startswith(("ws://", "wss://")):
        raise click.BadParameter(f"{url} is no WebSocket address; it begins with ws:// or wss://.")
    return url


url_option = click.option(
    "--url",
    callback=_websocket,
    default="ws://127.0.0.1:9000/ocpp",
    show_default=True,
    help="Where the stations connect; their identity is added to it.",
)
speed_option = click.option(
    "--speed",
    type=click.FloatRange(min=0.01, max=10_000),
    default=1.0,
    show_default=True,
    help="Simulated seconds per real second. Above 1, timestamps run ahead of the CSMS's clock.",
)
ca_option = click.option(
    "--ca",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="PEM file of the authorities to trust for wss://; without it, the machine's own.",
)
seconds_option = click.option(
    "--for",
    "seconds",
    type=click.FloatRange(min=0, min_open=True),
    help="Stop after this many real seconds; without it, at Ctrl-C.",
)
verbose_option = click.option(
    "-v", "--verbose", is_flag=True, help="Show samples and messages too."
)
version_option = click.option(
    "--version",
    "version",
    type=click.Choice(["1.6", "2.0.1", "2.1"]),
    default="1.6",
    show_default=True,
    help="The OCPP version that is spoken.",
)


@click.group()
def simulate() -> None:
    """Simulate charging stations and cars, against this CSMS or any other.

    The stations speak OCPP 1.6, 2.0.1 and 2.1 over WebSockets, charge simulated cars, obey charging
    profiles, answer what a CSMS asks, and queue their messages while they are offline.
    """


@simulate.command()
@url_option
@click.option("--identity", default="CP-1", show_default=True, help="The station's identity.")
@version_option
@click.option(
    "--model",
    type=click.Choice(list(MODELS)),
    default="NL City 22",  # one outlet: one token cannot charge at two at once
    show_default=True,
    help="What is simulated.",
)
@click.option("--password", envvar="SIMULATOR_PASSWORD", help="For Basic authentication.")
@ca_option
@click.option("--token", default="ADA", show_default=True, help="The drivers' token.")
@click.option(
    "--car",
    type=click.Choice(list(CAR_MODELS)),
    default="family",
    show_default=True,
    help="What the drivers come with.",
)
@click.option("--idle", is_flag=True, help="No drivers: wait for what the CSMS asks.")
@click.option(
    "--sample-interval",
    type=click.IntRange(min=0),
    default=10,
    show_default=True,
    help="Seconds between meter values.",
)
@click.option(
    "--quirk",
    "quirks",
    type=click.Choice([quirk.value for quirk in Quirk]),
    multiple=True,
    help="A way to bend the rules; may be repeated.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="Same seed, same day.")
@speed_option
@seconds_option
@verbose_option
def station(
    url: str,
    identity: str,
    version: str,
    model: str,
    password: str | None,
    ca: Path | None,
    token: str,
    car: str,
    idle: bool,
    sample_interval: int,
    quirks: tuple[str, ...],
    seed: int,
    speed: float,
    seconds: float | None,
    verbose: bool,
) -> None:
    """One station, whose drivers come and go."""
    traffic = Traffic(
        present_at_start=0.0 if idle else 1.0,
        within_s=3.0,
        arrivals_per_hour=0.0 if idle else 12.0,
        cars={car: 1.0},
    )
    group = Group(
        model=model,
        version=version,
        identity=identity.replace("{", "{{").replace("}", "}}"),
        password=password,
        quirks=list(quirks),
        traffic=traffic,
        metering=Metering(sample_interval_s=sample_interval),
    )
    scenario = Scenario(
        name="station", groups=[group], tokens=[TokenSpec(token)], seed=seed, ramp_s=0.0
    )
    _run_scenario(scenario, url, speed, seed, seconds, verbose, ca=ca)


@simulate.command()
@click.argument("scenario")
@url_option
@click.option("--password", envvar="SIMULATOR_PASSWORD", help="One for all stations.")
@ca_option
@click.option("--seed", type=int, help="Instead of the scenario's own.")
@speed_option
@seconds_option
@verbose_option
def fleet(
    scenario: str,
    url: str,
    password: str | None,
    ca: Path | None,
    seed: int | None,
    speed: float,
    seconds: float | None,
    verbose: bool,
) -> None:
    """Many stations with their drivers, from SCENARIO: a TOML file or a name.

    `releve simulate scenarios` lists the names, and what a file may contain.
    """
    try:
        chosen = Scenario.load(scenario)
    except ScenarioError as error:
        for problem in error.problems:
            click.echo(problem, err=True)
        sys.exit(MISUSED)
    passwords = None if password is None else dict.fromkeys(_identities(chosen), password)
    _run_scenario(chosen, url, speed, seed, seconds, verbose, passwords, ca)


@simulate.command()
@url_option
@click.option("--connections", type=click.IntRange(min=1), default=1000, show_default=True)
@version_option
@click.option(
    "--rate",
    type=click.FloatRange(min=0),
    default=100.0,
    show_default=True,
    help="Messages per second over all connections; 0 keeps them idle.",
)
@click.option(
    "--duration",
    type=click.FloatRange(min=0, min_open=True),
    default=30.0,
    show_default=True,
    help="Seconds of sending, once all connections are open.",
)
@click.option(
    "--connect-rate",
    type=click.FloatRange(min=1),
    default=500.0,
    show_default=True,
    help="New connections per second.",
)
@click.option("--message", type=click.Choice(["meter-values", "heartbeat"]), default="meter-values")
@click.option(
    "--identity", default="LOAD-{n:06}", show_default=True, help="The pattern of identities."
)
@click.option("--password", envvar="SIMULATOR_PASSWORD", help="One for all stations.")
@click.option("--boot/--no-boot", default=True, help="Send BootNotification first.")
def load(
    url: str,
    connections: int,
    version: str,
    rate: float,
    duration: float,
    connect_rate: float,
    message: str,
    identity: str,
    password: str | None,
    boot: bool,
) -> None:
    """Thousands of connections at a steady rate: what a CSMS bears.

    The CSMS has to accept the identities. Prints throughput and how long answers took; exit code 1 when
    a connection failed or a message stayed without its answer.
    """
    plan = LoadPlan(
        url=url,
        connections=connections,
        version=version_named(version),
        rate=rate,
        duration_s=duration,
        connect_rate=connect_rate,
        identity=identity,
        password=password,
        message=message,
        boot=boot,
    )
    try:
        report = _run(_load(plan))
    except ValueError as error:
        click.echo(str(error), err=True)
        sys.exit(MISUSED)
    for line in report.lines():
        click.echo(line)
    sys.exit(0 if report.ok else FAILED)


@simulate.command()
def scenarios() -> None:
    """List the scenarios that come along, and the words that a scenario file may use."""
    click.echo("Scenarios:")
    for name in names():
        click.echo(f"  {name:<10} {Scenario.load(name).description}")
    click.echo("\nModels:")
    for model in MODELS.values():
        outlets = ", ".join(
            _outlet(each.supply.direct, each.supply.max_power_w) for each in model.outlets
        )
        click.echo(f"  {model.name:<18} {model.maker}: {outlets}")
    click.echo("\nCars:")
    for car in CAR_MODELS.values():
        direct = f", DC {car.dc_power_kw:g} kW" if car.dc_power_kw else ""
        click.echo(
            f"  {car.name:<18} {car.battery_kwh:g} kWh, AC {car.ac_phases} x {car.ac_current_a:g} A{direct}"
        )
    click.echo("\nQuirks:")
    for quirk, description in DESCRIPTIONS.items():
        click.echo(f"  {quirk.value:<20} {description}")


def _outlet(direct: bool, power_w: float) -> str:
    return f"{'DC' if direct else 'AC'} {power_w / 1000:.0f} kW"


def _identities(scenario: Scenario) -> list[str]:
    return [plan.identity for plan in scenario.stations]


def _run_scenario(
    scenario: Scenario,
    url: str,
    speed: float,
    seed: int | None,
    seconds: float | None,
    verbose: bool,
    passwords: dict[str, str] | None = None,
    ca: Path | None = None,
) -> None:
    context = None if ca is None else _trusting(ca)
    count = len(scenario.stations)
    click.echo(f"{count} station{'s' if count > 1 else ''} at {url}; Ctrl-C stops.")
    tally = _Tally(verbose)
    _run(_fleet(scenario, url, speed, seed, seconds, tally, passwords, context))
    click.echo(tally.summary())
    sys.exit(0 if tally.connected else FAILED)


def _trusting(ca: Path) -> SSLContext:
    try:
        return given(ca)
    except OSError as error:  # an SSLError is one
        click.echo(f"{ca} holds no certificates that can be read: {error}", err=True)
        sys.exit(MISUSED)


class _Tally:
    """Prints what happens, in plain words, and counts what matters in the end."""

    def __init__(self, verbose: bool) -> None:
        self._verbose = verbose
        self.connected = False
        self._counts: dict[str, int] = {}

    def __call__(self, happening: Happening) -> None:
        self._counts[happening.kind] = self._counts.get(happening.kind, 0) + 1
        self.connected = self.connected or happening.kind == "connected"
        if self._verbose or happening.kind not in QUIET:
            at = happening.at.astimezone(UTC)
            click.echo(f"{at:%H:%M:%S} {happening.station}: {happening.text}")

    def summary(self) -> str:
        count = self._counts.get
        return (
            f"{count('transaction-started', 0)} transactions began, "
            f"{count('transaction-ended', 0)} ended; {count('delivered', 0)} transaction messages "
            f"acknowledged, {count('discarded', 0)} given up."
        )


async def _fleet(
    scenario: Scenario,
    url: str,
    speed: float,
    seed: int | None,
    seconds: float | None,
    tally: _Tally,
    passwords: dict[str, str] | None,
    ssl_context: SSLContext | None,
) -> None:
    stop = _stop_on_signals()
    if seconds is not None:
        asyncio.get_running_loop().call_later(seconds, stop.set)
    await run_fleet(
        scenario,
        url,
        stop=stop,
        speed=speed,
        seed=seed,
        on_event=tally,
        passwords=passwords,
        ssl_context=ssl_context,
    )


async def _load(plan: LoadPlan) -> Report:
    return await run_load(
        plan, stop=_stop_on_signals(), progress=lambda line: click.echo(line, err=True)
    )


def _stop_on_signals() -> asyncio.Event:
    """Ctrl-C and SIGTERM end the run in an orderly way."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    return stop


def _run(main: Coroutine[Any, Any, T]) -> T:
    return uvloop.run(main)
