"""`releve station limit`: limit charging at a station, through the API of the server that it is connected to."""

from __future__ import annotations

import click

from releve.cli.client import Api, station_path, through_api
from releve.cli.common import fail


@click.command("limit")
@click.argument("identity")
@click.argument("limit", type=click.FloatRange(min=0))
@click.option("--unit", type=click.Choice(["A", "W"]), default="A", show_default=True)
@click.option("--evse", type=click.IntRange(min=0), default=0, help="Default: the whole station.")
@click.option("--phases", type=click.IntRange(1, 3), help="Phases that the limit is for.")
@click.option("--minutes", type=click.IntRange(min=1), help="Default: until it is cleared.")
@click.option("--transaction", is_flag=True, help="Only the transaction that runs at the EVSE.")
@click.option("--level", type=click.IntRange(min=0), default=0, help="Stack level.")
@through_api
def limit_command(
    api: Api,
    identity: str,
    limit: float,
    unit: str,
    evse: int,
    phases: int | None,
    minutes: int | None,
    transaction: bool,
    level: int,
) -> None:
    """Limit charging to LIMIT at the station IDENTITY, from now on."""
    body = {
        "evse": evse,
        "limit": limit,
        "unit": unit,
        "phases": phases,
        "seconds": None if minutes is None else minutes * 60,
        "transaction": transaction,
        "stack_level": level,
    }
    answer = api.post(f"{station_path(identity)}/charging-limit", body)
    if answer["accepted"]:
        api.tell(answer, *answer["changes"], f"Set, as charging profile {answer['profile']['id']}.")
        return
    api.tell(answer, *answer["changes"])
    said = answer["status"] or answer["result"]
    fail(f"not set: {said}. {answer['description']}".strip())
