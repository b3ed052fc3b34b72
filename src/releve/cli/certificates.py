"""`releve authority`, `releve station certificates`: whose certificates are believed, and what stations have."""

from __future__ import annotations

from pathlib import Path

import click

from releve.cli.common import database_option, load_settings, run, with_catalogue, with_services
from releve.domain.certificates import InstalledCertificate
from releve.domain.ids import DEFAULT_OPERATOR, StationId
from releve.domain.trusted_authority import AuthorityUse
from releve.services.errors import NotFound
from releve.services.services import Services
from releve.services.views import Catalogue

SHORT = 16
"""Characters of a fingerprint that are shown; any that tell authorities apart may be given."""


@click.group()
def authority() -> None:
    """Authorities: whose certificates are believed at the door and of cars, and installed in stations.

    A node that runs takes changes over within half a minute.
    """


@authority.command("add")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--use",
    "uses",
    multiple=True,
    required=True,
    type=click.Choice([str(use) for use in AuthorityUse]),
    help="What it is believed for; may be given several times.",
)
@click.option("--label", default="", help="What people call it.")
@database_option
def authority_add(file: Path, uses: tuple[str, ...], label: str, database_url: str | None) -> None:
    """Trust the authorities whose certificates are in FILE (PEM).

    ChargingStationCertificate: stations' own client certificates may come from them.
    """
    pem = file.read_text("utf-8", "replace")

    async def work(services: Services) -> list[str]:
        added = await services.authorities.add(
            DEFAULT_OPERATOR, pem, [AuthorityUse(use) for use in uses], label=label
        )
        return [one.subject for one in added]

    for subject in run(with_services(load_settings(database_url=database_url), work)):
        click.echo(f"Trusted: {subject}")


@authority.command("list")
@database_option
def authority_list(database_url: str | None) -> None:
    """List them, those that expire first in front."""

    async def work(services: Services) -> list[str]:
        return [
            f"{one.key[:SHORT]}  {one.expires_at:%Y-%m-%d}  {one.label or one.subject}  "
            f"[{', '.join(one.uses)}]"
            for one in await services.authorities.all(DEFAULT_OPERATOR)
        ]

    for line in run(with_services(load_settings(database_url=database_url), work)):
        click.echo(line)


@authority.command("remove")
@click.argument("fingerprint")
@click.confirmation_option(prompt="Trust it no more?")
@database_option
def authority_remove(fingerprint: str, database_url: str | None) -> None:
    """Trust an authority no more. FINGERPRINT: its beginning will do. Stations keep its certificate."""

    async def work(services: Services) -> str:
        beginning = fingerprint.casefold()
        found = [
            one
            for one in await services.authorities.all(DEFAULT_OPERATOR)
            if one.key.startswith(beginning)
        ]
        if len(found) != 1:
            raise NotFound(f"{len(found)} authorities have a fingerprint that begins so.")
        await services.authorities.remove(DEFAULT_OPERATOR, found[0].key)
        return found[0].subject

    subject = run(with_services(load_settings(database_url=database_url), work))
    click.echo(f"No longer trusted: {subject}")


@click.command("certificates")
@click.argument("identity")
@database_option
def station_certificates(identity: str, database_url: str | None) -> None:
    """List the certificates that a station has, as it last reported them."""
    settings = load_settings(database_url=database_url)

    async def find(catalogue: Catalogue) -> StationId:
        station = await catalogue.station(DEFAULT_OPERATOR, identity)
        if station is None:
            raise NotFound(f"There is no station {identity}.")
        return StationId(int(station.id))

    async def work(services: Services) -> list[InstalledCertificate]:
        return await services.station_certificates.held(DEFAULT_OPERATOR, number)

    number = run(with_catalogue(settings, find))
    held = run(with_services(settings, work))
    for one in held:
        until = f"{one.expires_at:%Y-%m-%d}" if one.expires_at else "(not known here)"
        click.echo(f"{one.use:30} {until:17} {one.subject or one.name.serial_number}")
    if not held:
        click.echo("None is known. Ask the station: POST /api/v1/stations/{id}/certificates/fetch")
