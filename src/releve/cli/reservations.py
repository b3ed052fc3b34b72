"""`releve reservation`: what stations keep free, out of the database.

Making and cancelling one needs the station, and so the running server: its API or the console.
"""

from __future__ import annotations

import click

from releve.cli.common import database_option, load_settings, run, with_catalogue
from releve.domain.ids import DEFAULT_OPERATOR
from releve.services.errors import NotFound
from releve.services.reservation_views import ReservationFilter, ReservationView
from releve.services.views import Catalogue

PAGE = 200


@click.group()
def reservation() -> None:
    """What stations keep free, and for whom."""


@reservation.command("list")
@click.option("--station", "identity", default="", help="Only those at this station.")
@click.option("--all", "everything", is_flag=True, help="Those that are over, too.")
@database_option
def reservation_list(identity: str, everything: bool, database_url: str | None) -> None:
    """List reservations, newest first: station, EVSE, token, until when, state."""

    async def look(catalogue: Catalogue) -> None:
        station = None
        if identity:
            found = await catalogue.station(DEFAULT_OPERATOR, identity)
            if found is None:
                raise NotFound("There is no such station.")
            station = found.id
        wanted = ReservationFilter(station=station, open=None if everything else True)
        after: str | None = None
        while True:
            page = await catalogue.reservations(DEFAULT_OPERATOR, wanted, after=after, limit=PAGE)
            for row in page.items:
                click.echo(_line(row))
            after = page.next
            if after is None:
                return

    run(with_catalogue(load_settings(database_url=database_url), look))


def _line(row: ReservationView) -> str:
    where = str(row.evse) if row.evse else (row.connector_type or "any")
    until = row.expires_at.isoformat(timespec="minutes")
    return (
        f"{row.identity:24} {where:8} {row.token:24} {until:22} {row.state} {row.status}".rstrip()
    )
