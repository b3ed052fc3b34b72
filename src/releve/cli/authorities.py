"""`releve ca`: the certificate authority, and whose certificates are believed."""

from __future__ import annotations

from pathlib import Path

import click

from releve.cli.common import database_option, load_settings, run, with_services
from releve.domain.ids import DEFAULT_OPERATOR, StationId
from releve.domain.security import StationCertificate
from releve.domain.security_documents import Authority, TrustAnchor
from releve.services.certificates.pem import load_chain
from releve.services.errors import NotFound
from releve.services.security.authorities import ALGORITHMS
from releve.services.services import Services

BY = "command"


@click.group()
def ca() -> None:
    """The certificate authority for stations, and whom else to trust.

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


@ca.command("trust")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--name", default="", help="What people call it; default: its common name.")
@database_option
def trust(file: Path, name: str, database_url: str | None) -> None:
    """Trust an authority: FILE has its certificate (PEM)."""

    text = file.read_text("utf-8", "replace")

    async def work(services: Services) -> TrustAnchor:
        return await services.security.trust_desk.add_anchor(
            DEFAULT_OPERATOR, text, name=name, by=BY
        )

    added = run(with_services(load_settings(database_url=database_url), work))
    click.echo(f"Trusted: {added.name} ({added.fingerprint[:16]})")


@ca.command("trusted")
@database_option
def trusted(database_url: str | None) -> None:
    """List trust anchors: fingerprint, end, name."""

    async def work(services: Services) -> list[TrustAnchor]:
        return await services.security.trust_desk.anchors(DEFAULT_OPERATOR)

    for one in run(with_services(load_settings(database_url=database_url), work)):
        click.echo(f"{one.fingerprint[:16]}  {one.not_after:%Y-%m-%d}  {one.name}")


@ca.command("distrust")
@click.argument("fingerprint")
@click.confirmation_option(prompt="Refuse stations whose certificates come from it?")
@database_option
def distrust(fingerprint: str, database_url: str | None) -> None:
    """Trust an authority no more; the beginning of its FINGERPRINT is enough."""

    async def work(services: Services) -> str:
        desk = services.security.trust_desk
        found = [
            a
            for a in await desk.anchors(DEFAULT_OPERATOR)
            if len(fingerprint) >= 8 and a.fingerprint.startswith(fingerprint.lower())
        ]
        if len(found) != 1:
            raise NotFound("There is no such trust anchor, or more than one begins like this.")
        await desk.remove_anchor(DEFAULT_OPERATOR, found[0].key)
        return found[0].name

    name = run(with_services(load_settings(database_url=database_url), work))
    click.echo(f"Trusted no more: {name}")


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
