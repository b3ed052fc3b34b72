"""`releve operation`: what stations were asked that takes time, and how far it has come."""

from __future__ import annotations

import click

from releve.cli.client import Api, Json, through_api, wait_option
from releve.domain.operation import OperationState

MOST = 200


@click.group()
def operation() -> None:
    """What stations were asked that takes time: updates, logs, reports, ..."""


@operation.command("list")
@click.option("--station", help="Only those of the station with this identity.")
@click.option("--kind", help="As listed: firmware-update, log, ...")
@click.option("--state", type=click.Choice([str(state) for state in OperationState]))
@click.option("--limit", type=click.IntRange(1, MOST), default=50, show_default=True)
@through_api
def operation_list(
    api: Api, station: str | None, kind: str | None, state: str | None, limit: int
) -> None:
    """List operations, newest first: id, begin, station, kind, state, last word."""
    page = api.get("/operations", station=station, kind=kind, state=state, limit=limit)
    api.tell(page["items"], *(_line(one) for one in page["items"]))


@operation.command("show")
@click.argument("number", metavar="ID")
@through_api
def operation_show(api: Api, number: str) -> None:
    """Show an operation."""
    found = api.get(f"/operations/{number}")
    details = {**found["arguments"], **found["result"]}
    told = [f"  {name}: {value}" for name, value in details.items()]
    api.tell(found, _line(found), *([found["problem"]] if found["problem"] else []), *told)


@operation.command("wait")
@click.argument("number", metavar="ID")
@wait_option
@through_api
def operation_wait(api: Api, number: str, wait_s: float) -> None:
    """Wait for the end of an operation. Exit code 0: done; 1: it came to nothing; 3: it is not over yet."""
    api.ended(api.follow(api.get(f"/operations/{number}"), wait_s), "Done.")


@operation.command("cancel")
@click.argument("number", metavar="ID")
@through_api
def operation_cancel(api: Api, number: str) -> None:
    """Stop waiting for an operation. What the station is doing is not stopped by this."""
    api.tell(api.post(f"/operations/{number}/cancel"), "Cancelled.")


def _line(one: Json) -> str:
    begun = f"{one['created_at'][:19]}Z"
    return f"{one['id']:20} {begun} {one['identity']:24} {one['kind']:20} {one['state']:9} {one['status']}".rstrip()
