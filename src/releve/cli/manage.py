"""`releve migrate`, `user`, `station`: what an operator does at the terminal.

These work on the database directly and need no running server; a server that runs on the same database sees the change
at a station's next connection, and a token's within a minute.
"""

from __future__ import annotations

import click

from releve import storage
from releve.cli.certificates import station_certificates
from releve.cli.common import (
    database_option,
    load_settings,
    run,
    with_catalogue,
    with_services,
)
from releve.cli.control import reset, start, stop, unlock
from releve.cli.limit import limit_command
from releve.cli.logs import log
from releve.cli.variables import get, set_, variables
from releve.domain.ids import DEFAULT_OPERATOR, StationId
from releve.services.access import ROLES
from releve.services.errors import NotFound
from releve.services.services import Services
from releve.services.views import Catalogue, StationFilter

PAGE = 200


@click.command()
@database_option
@click.option(
    "--check", is_flag=True, help="Only tell whether something is to be done (exit code 1)."
)
def migrate(database_url: str | None, check: bool) -> None:
    """Bring the database's tables up to date. `serve` does it at its start, too."""
    url = load_settings(database_url=database_url).database_url
    if check:
        waiting = run(storage.pending_migrations(url))
        click.echo(f"{len(waiting)} to apply." if waiting else "Up to date.")
        raise SystemExit(1 if waiting else 0)
    applied = run(storage.migrate(url))
    click.echo("\n".join(f"Applied {r}." for r in applied) or "Up to date.")


@click.group()
def user() -> None:
    """People who may sign in to the console."""


@user.command("add")
@click.argument("name")
@click.option("--role", type=click.Choice(list(ROLES)), default="admin", show_default=True)
@click.option("--password", help="Default: one is generated and shown.")
@database_option
def user_add(name: str, role: str, password: str | None, database_url: str | None) -> None:
    """Add a person."""

    async def work(services: Services) -> str:
        return (await services.access.add_user(DEFAULT_OPERATOR, name, password, role=role))[1]

    made = run(with_services(load_settings(database_url=database_url), work))
    click.echo(f"Added {name}." + ("" if password else f" Password: {made}"))


@user.command("password")
@click.argument("name")
@click.option("--password", help="Default: one is generated and shown.")
@database_option
def user_password(name: str, password: str | None, database_url: str | None) -> None:
    """Give a person a new password; their browsers are signed out."""

    async def work(services: Services) -> str:
        return await services.access.set_password(DEFAULT_OPERATOR, name, password)

    made = run(with_services(load_settings(database_url=database_url), work))
    click.echo("Changed." + ("" if password else f" Password: {made}"))


@user.command("list")
@database_option
def user_list(database_url: str | None) -> None:
    """List people and their roles."""

    async def work(services: Services) -> list[str]:
        return [f"{u.name:30} {u.role}" for u in await services.access.users(DEFAULT_OPERATOR)]

    for line in run(with_services(load_settings(database_url=database_url), work)):
        click.echo(line)


@user.command("remove")
@click.argument("name")
@click.confirmation_option(prompt="Remove this person?")
@database_option
def user_remove(name: str, database_url: str | None) -> None:
    """Remove a person; the last administrator stays."""

    async def work(services: Services) -> None:
        await services.access.remove_user(DEFAULT_OPERATOR, name)

    run(with_services(load_settings(database_url=database_url), work))
    click.echo("Removed.")


@click.group()
def station() -> None:
    """The register of stations, and what they are told."""


for _command in (
    limit_command,
    station_certificates,
    reset,
    unlock,
    start,
    stop,
    log,
    variables,
    get,
    set_,
):
    station.add_command(_command)


@station.command("add")
@click.argument("identity")
@click.option("--name", default="", help="What people call it.")
@click.option("--site", default="", help="Where it stands.")
@click.option("--no-password", is_flag=True, help="Ask no password of it (security profile 0).")
@database_option
def station_add(
    identity: str, name: str, site: str, no_password: bool, database_url: str | None
) -> None:
    """Register a station and print the address and password to enter there."""
    settings = load_settings(database_url=database_url)

    async def work(services: Services) -> str | None:
        found = await services.stations.add(DEFAULT_OPERATOR, identity, name=name, site=site)
        if no_password:
            return None
        return await services.stations.set_password(DEFAULT_OPERATOR, found.id, "")

    password = run(with_services(settings, work))
    click.echo(f"Address   {settings.station_address(identity)}")
    if password:
        click.echo(f"Password  {password}")


async def _station(services: Services, identity: str) -> StationId:
    async with services.store.work(DEFAULT_OPERATOR) as work:
        found = await work.stations.find(identity)
    if found is None:
        raise NotFound(f"There is no station {identity}.")
    return found.id


@station.command("list")
@click.option("--search", default="", help="Part of identity, name, vendor, model or site.")
@database_option
def station_list(search: str, database_url: str | None) -> None:
    """List stations: identity, boot decision, version, model, name."""

    async def look(catalogue: Catalogue) -> None:
        after: str | None = None
        while True:
            page = await catalogue.stations(
                DEFAULT_OPERATOR, StationFilter(search=search), after=after, limit=PAGE
            )
            for s in page.items:
                told = f"{s.identity:30} {s.boot:10} {s.version or '':10} {s.vendor} {s.model}"
                click.echo(f"{told}  {s.name}".rstrip())
            after = page.next
            if after is None:
                return

    run(with_catalogue(load_settings(database_url=database_url), look))


@station.command("password")
@click.argument("identity")
@database_option
def station_password(identity: str, database_url: str | None) -> None:
    """Make a new password for a station; the old one ends at once."""

    async def work(services: Services) -> str | None:
        found = await _station(services, identity)
        return await services.stations.set_password(DEFAULT_OPERATOR, found, "")

    click.echo(f"Password  {run(with_services(load_settings(database_url=database_url), work))}")


@station.command("remove")
@click.argument("identity")
@click.confirmation_option(prompt="Remove this station?")
@database_option
def station_remove(identity: str, database_url: str | None) -> None:
    """Forget a station; its transactions stay."""

    async def work(services: Services) -> None:
        found = await _station(services, identity)
        await services.stations.remove(DEFAULT_OPERATOR, found)

    run(with_services(load_settings(database_url=database_url), work))
    click.echo("Removed.")
