"""`releve serve`: the central system."""

from __future__ import annotations

import resource

import click

from releve.app import Node, calm_collector, start_node
from releve.cli.common import (
    configure_logging,
    database_option,
    load_settings,
    run,
    until_stopped,
)
from releve.domain.ids import DEFAULT_OPERATOR
from releve.settings import Settings


@click.command()
@database_option
@click.option("--host", "http_host", help="Address of console and API (default 127.0.0.1).")
@click.option("--port", "http_port", type=int, help="Port of console and API (default 8080).")
@click.option("--station-host", help="Address on which stations connect (default: all).")
@click.option("--station-port", type=int, help="Port on which stations connect (default 9000).")
@click.option(
    "--unknown-stations",
    type=click.Choice(["refuse", "quarantine", "accept"]),
    help="What happens to unregistered stations.",
)
@click.option(
    "--unknown-tokens", type=click.Choice(["reject", "accept"]), help="May any token charge?"
)
def serve(**options: object) -> None:
    """Run the central system until Ctrl-C.

    Every setting can be given by an environment variable RELEVE_<NAME>, or in the TOML file that RELEVE_CONFIG names;
    see docs/settings.md.
    """
    settings = load_settings(**options)
    configure_logging(settings)
    run(_serve(settings))


def raise_file_limit() -> None:
    """Every station is an open file: take as many as the system allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


async def _serve(settings: Settings) -> None:
    raise_file_limit()
    node = await start_node(settings)
    try:
        await first_administrator(node)
        announce(node)
        calm_collector()
        await until_stopped()
        click.echo("Stopping …")
    finally:
        await node.stop()


def announce(node: Node) -> None:
    """Say where everything is."""
    settings = node.settings
    click.echo(f"  Console       {settings.console_url}")
    click.echo(f"  API           {settings.console_url}/api/v1  (documentation: /api/docs)")
    click.echo(f"  Stations      {settings.stations_at}/<identity>  (OCPP 1.6, 2.0.1, 2.1)")
    if settings.station_tls_port:
        click.echo(f"                and over TLS at port {settings.station_tls_port}")
    if settings.unknown_stations == "refuse":
        click.echo(
            "                Unregistered stations are refused; --unknown-stations quarantine"
        )
        click.echo("                puts them into the console's inbox instead.")


async def first_administrator(node: Node, again: str = "") -> str | None:
    """Make the first administrator of a new install and print the password, once. Returns it."""
    access = node.services.access
    if await access.users(DEFAULT_OPERATOR):
        return None
    _, password = await access.add_user(DEFAULT_OPERATOR, "admin")
    click.echo("")
    click.secho("  First administrator", bold=True)
    click.echo("  Name          admin")
    click.echo(f"  Password      {password}")
    database = f" --database {again}" if again else ""
    click.echo("  It is shown this once; another is made by")
    click.echo(f"                releve user password admin{database}")
    click.echo("")
    return password
