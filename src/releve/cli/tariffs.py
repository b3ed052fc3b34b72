"""`releve tariff`: what charging costs."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

import click

from releve.cli.common import database_option, load_settings, run, with_services
from releve.domain.ids import DEFAULT_OPERATOR
from releve.domain.tariff import Scope, flat
from releve.domain.tariff_text import shown
from releve.services.services import Services


class Amount(click.ParamType[Decimal]):
    """An amount of money, or a percentage."""

    name = "amount"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Decimal:
        """As people write it, with a point or a comma."""
        try:
            return Decimal(str(value).replace(",", "."))
        except InvalidOperation:
            self.fail(f"{value} is not an amount", param, ctx)


AMOUNT = Amount()


@click.group()
def tariff() -> None:
    """What charging costs."""


@tariff.command("add")
@click.argument("name")
@click.option("--currency", default="EUR", show_default=True)
@click.option("--kwh", type=AMOUNT, help="Price per kWh, without tax.")
@click.option("--minute", type=AMOUNT, help="Price per minute of charging.")
@click.option("--session", type=AMOUNT, help="Price per session.")
@click.option("--idle-minute", type=AMOUNT, help="Price per minute of idling.")
@click.option("--tax", type=AMOUNT, help="Percent on all of it.")
@click.option("--token", "tokens", multiple=True, help="For this token; may be repeated.")
@click.option("--group", "groups", multiple=True, help="For this group of tokens.")
@click.option("--station", "stations", multiple=True, help="At this station.")
@click.option("--site", "sites", multiple=True, help="At this site.")
@database_option
def tariff_add(
    name: str,
    currency: str,
    kwh: Decimal | None,
    minute: Decimal | None,
    session: Decimal | None,
    idle_minute: Decimal | None,
    tax: Decimal | None,
    tokens: tuple[str, ...],
    groups: tuple[str, ...],
    stations: tuple[str, ...],
    sites: tuple[str, ...],
    database_url: str | None,
) -> None:
    """Add a flat rate: for everyone, unless a token, group, station or site is named."""
    everyone = not (tokens or groups or stations or sites)
    made = flat(
        name,
        currency.upper(),
        kwh=kwh,
        minute=minute,
        session=session,
        idle_minute=idle_minute,
        tax=tax,
        scope=Scope(
            tokens=tokens, groups=groups, stations=stations, sites=sites, everyone=everyone
        ),
    )

    async def work(services: Services) -> None:
        await services.tariffs.add(DEFAULT_OPERATOR, made)

    run(with_services(load_settings(database_url=database_url), work))
    click.echo(f"Added {name}: {shown(made).content}")


@tariff.command("list")
@database_option
def tariff_list(database_url: str | None) -> None:
    """List tariffs: name, what the driver reads."""

    async def work(services: Services) -> None:
        for one in await services.tariffs.all(DEFAULT_OPERATOR):
            click.echo(f"{one.name:30} {shown(one).content}")

    run(with_services(load_settings(database_url=database_url), work))


@tariff.command("remove")
@click.argument("name")
@click.confirmation_option(prompt="Remove this tariff?")
@database_option
def tariff_remove(name: str, database_url: str | None) -> None:
    """Forget a tariff; transactions keep what they cost."""

    async def work(services: Services) -> None:
        await services.tariffs.remove(DEFAULT_OPERATOR, name)

    run(with_services(load_settings(database_url=database_url), work))
    click.echo("Removed.")
