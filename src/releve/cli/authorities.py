"""`releve ca`: the certificate authority, and what it signed for stations."""

from __future__ import annotations

import click

from releve.cli.common import database_option, load_settings, run, with_services
from releve.domain.ids import DEFAULT_OPERATOR, StationId
from releve.domain.security import StationCertificate
from releve.domain.security_documents import Authority
from releve.services.certificates.pem import load_chain
from releve.services.errors import NotFound
from releve.services.security.authorities import ALGORITHMS
from releve.services.services import Services

BY = "command"


@click.group()
def ca() -> None:
    """The certificate authority for stations. Whom else to trust: `releve authority`.

    A node that runs takes changes over within half a minute.
    """


@ca.command("create")
@click.option("--organisation", required=True, help="O of all its certificates.")
@click.option(
    "--name", default="", help="Begins the authorities' names; default: the organisation."
)
@database_option
def create(organisation: str, name: str, database_url: str | None) -> None:
    """Create root and issuing authority, for ECDSA and RSA. Once."""

    async def work(services: Services) -> list[Authority]:
        return await services.security.authorities.create(
            DEFAULT_OPERATOR, organisation, name=name, by=BY
        )

    for made in run(with_services(load_settings(database_url=database_url), work)):
        click.echo(f"Created {made.algorithm.upper()}, valid until {_ends(made.issuing)}.")
    click.echo("Stations that check it need its root: releve ca root")


@ca.command("show")
@database_option
def show(database_url: str | None) -> None:
    """Show the authority and the rules."""

    async def work(services: Services) -> None:
        authorities = await services.security.authorities.all(DEFAULT_OPERATOR)
        for one in authorities:
            click.echo(f"{one.algorithm.upper():6} {one.organisation}, until {_ends(one.issuing)}")
        if not authorities:
            click.echo("No certificate authority yet: releve ca create")
        policy = await services.security.trust_desk.policy(DEFAULT_OPERATOR)
        owners = ", ".join(policy.organisations) or "none"
        click.echo(f"Organisations accepted: {owners}")
        click.echo(
            f"Certificates last {policy.certificate_days} days, renewed {policy.renew_before_days} before."
        )

    run(with_services(load_settings(database_url=database_url), work))


@ca.command("root")
@click.option(
    "--algorithm", type=click.Choice(list(ALGORITHMS)), default="ecdsa", show_default=True
)
@database_option
def root(algorithm: str, database_url: str | None) -> None:
    """Print the root certificate (PEM)."""

    async def work(services: Services) -> str:
        for one in await services.security.authorities.all(DEFAULT_OPERATOR):
            if one.algorithm == algorithm:
                return one.root
        raise NotFound("There is no certificate authority yet: releve ca create")

    click.echo(run(with_services(load_settings(database_url=database_url), work)), nl=False)


@ca.command("certificates")
@click.argument("identity")
@database_option
def certificates(identity: str, database_url: str | None) -> None:
    """List the certificates signed for a station: serial, state, end."""

    async def work(services: Services) -> list[StationCertificate]:
        return await services.certificates.of(DEFAULT_OPERATOR, await _station(services, identity))

    for one in run(with_services(load_settings(database_url=database_url), work)):
        click.echo(f"{one.serial:40}  {one.state:9} {one.not_after:%Y-%m-%d}  {one.issuer_name}")


@ca.command("revoke")
@click.argument("identity")
@click.argument("serial")
@click.confirmation_option(prompt="Refuse the station with this certificate?")
@database_option
def revoke(identity: str, serial: str, database_url: str | None) -> None:
    """Revoke a certificate that was signed here for a station."""

    async def work(services: Services) -> None:
        station = await _station(services, identity)
        await services.certificates.revoke(DEFAULT_OPERATOR, station, serial)

    run(with_services(load_settings(database_url=database_url), work))
    click.echo("Revoked.")


async def _station(services: Services, identity: str) -> StationId:
    async with services.store.work(DEFAULT_OPERATOR) as work:
        found = await work.stations.find(identity)
    if found is None:
        raise NotFound(f"There is no station {identity}.")
    return found.id


def _ends(pem: str) -> str:
    return f"{load_chain(pem)[0].not_valid_after_utc:%Y-%m-%d}"
