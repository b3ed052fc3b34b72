"""`releve reservation`: what stations keep free: listed out of the database, made and cancelled through the API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import click

from releve.cli.client import Api, station_path, through_api
from releve.cli.common import database_option, load_settings, run, with_catalogue
from releve.cli.times import moment
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
    """List reservations, newest first: id, station, EVSE, token, until when, state."""

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


@reservation.command("make")
@click.argument("identity")
@click.argument("token")
@click.option("--minutes", type=click.IntRange(min=1), default=30, show_default=True)
@click.option("--until", type=moment, help="Instead of --minutes: when it ends.")
@click.option("--evse", type=click.IntRange(min=1), help="Default: any.")
@click.option("--connector-type", help="Instead of an EVSE: cType2, cCCS2, ... (2.x).")
@click.option("--token-type", default="ISO14443", show_default=True)
@click.option("--group", help="Token of the group that may charge, too.")
@click.option("--anyway", is_flag=True, help="Also where it overlaps another.")
@through_api
def reservation_make(
    api: Api,
    identity: str,
    token: str,
    minutes: int,
    until: datetime | None,
    evse: int | None,
    connector_type: str | None,
    token_type: str,
    group: str | None,
    anyway: bool,
) -> None:
    """Have the station IDENTITY keep itself, or one EVSE, free for TOKEN."""
    ends = until or datetime.now(UTC) + timedelta(minutes=minutes)
    body = {
        "token": token,
        "token_type": token_type,
        "expires_at": ends.isoformat(),
        "evse": evse,
        "connector_type": connector_type,
        "group": group,
        "anyway": anyway,
    }
    answer = api.post(f"{station_path(identity)}/reservations", body)
    kept = answer["reservation"]
    api.settle(answer, f"Reserved until {kept['expires_at'][:16]}Z: {kept['id']}" if kept else "")


@reservation.command("cancel")
@click.argument("number", metavar="ID")
@through_api
def reservation_cancel(api: Api, number: str) -> None:
    """Cancel the reservation with this id (of `releve reservation list`)."""
    api.command(f"/reservations/{number}/cancel", done="Cancelled.")


def _line(row: ReservationView) -> str:
    where = str(row.evse) if row.evse else (row.connector_type or "any")
    until = row.expires_at.isoformat(timespec="minutes")
    return f"{row.id:20} {row.identity:24} {where:8} {row.token:24} {until:22} {row.state} {row.status}".rstrip()
