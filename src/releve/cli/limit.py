"""`releve station limit`: limit charging at a station, through the API of the server that it is connected to."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import click
import httpx

from releve.cli.common import fail, load_settings

PATIENCE_S = 60.0


@click.command("limit")
@click.argument("identity")
@click.argument("limit", type=click.FloatRange(min=0))
@click.option("--unit", type=click.Choice(["A", "W"]), default="A", show_default=True)
@click.option("--evse", type=click.IntRange(min=0), default=0, help="Default: the whole station.")
@click.option("--phases", type=click.IntRange(1, 3), help="Phases that the limit is for.")
@click.option("--minutes", type=click.IntRange(min=1), help="Default: until it is cleared.")
@click.option("--transaction", is_flag=True, help="Only the transaction that runs at the EVSE.")
@click.option("--level", type=click.IntRange(min=0), default=0, help="Stack level.")
@click.option("--server", help="Address of the API. Default: this machine's, by its settings.")
@click.option(
    "--key", envvar="RELEVE_API_KEY", required=True, help="An API key with the scope control."
)
def limit_command(
    identity: str,
    limit: float,
    unit: str,
    evse: int,
    phases: int | None,
    minutes: int | None,
    transaction: bool,
    level: int,
    server: str | None,
    key: str,
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
    settings = load_settings()
    base = (server or f"http://{settings.http_host}:{settings.http_port}").rstrip("/")
    answer = _ask(f"{base}/api/v1/stations/{quote(identity, safe='')}/charging-limit", key, body)
    for change in answer["changes"]:
        click.echo(change)
    if not answer["accepted"]:
        said = answer["status"] or answer["result"]
        fail(f"not set: {said}. {answer['description']}".strip())
    click.echo(f"Set, as charging profile {answer['profile']['id']}.")


def _ask(url: str, key: str, body: dict[str, Any]) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {key}"}
    told = {name: value for name, value in body.items() if value is not None}
    try:
        answer = httpx.post(url, json=told, headers=headers, timeout=PATIENCE_S)
    except httpx.HTTPError as error:
        fail(f"the server at {url} cannot be reached: {error}")
    if answer.is_success:
        found: dict[str, Any] = answer.json()
        return found
    try:
        problem = answer.json()
        fail(str(problem.get("detail") or problem.get("title") or answer.reason_phrase))
    except ValueError:
        fail(f"{answer.status_code} {answer.reason_phrase}")
