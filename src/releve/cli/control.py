"""`releve station reset`, `unlock`, `start`, `stop`: what an operator does at a station from afar."""

from __future__ import annotations

import click

from releve.cli.client import Api, Json, station_path, through_api
from releve.cli.common import fail
from releve.domain.commands import ResetKind


@click.command("reset")
@click.argument("identity")
@click.option(
    "--kind",
    type=click.Choice([str(kind) for kind in ResetKind]),
    default=str(ResetKind.ON_IDLE),
    show_default=True,
    help="OnIdle waits for transactions to end; ImmediateAndResume is 2.1's.",
)
@click.option("--evse", type=click.IntRange(min=1), help="Only this EVSE (2.x).")
@through_api
def reset(api: Api, identity: str, kind: str, evse: int | None) -> None:
    """Restart the station IDENTITY."""
    api.command(f"{station_path(identity)}/reset", {"kind": kind, "evse": evse})


@click.command("unlock")
@click.argument("identity")
@click.argument("evse", type=click.IntRange(min=1))
@click.option("--connector", type=click.IntRange(min=1), default=1, show_default=True)
@through_api
def unlock(api: Api, identity: str, evse: int, connector: int) -> None:
    """Release the cable at EVSE of the station IDENTITY (1.6: EVSE is the connector)."""
    body = {"evse": evse, "connector": connector}
    api.command(f"{station_path(identity)}/unlock", body, "Unlocked.")


@click.command("start")
@click.argument("identity")
@click.option("--evse", type=click.IntRange(min=1), help="Default: the station chooses.")
@click.option("--token", help="Whom it is for. Default: nobody (2.x NoAuthorization).")
@click.option("--token-type", default="ISO14443", show_default=True)
@through_api
def start(api: Api, identity: str, evse: int | None, token: str | None, token_type: str) -> None:
    """Start a transaction at the station IDENTITY. It begins when the car is plugged in."""
    body = {"evse": evse, "token": token, "token_type": token_type if token else None}
    api.command(f"{station_path(identity)}/start", body)


@click.command("stop")
@click.argument("identity")
@click.option("--evse", type=click.IntRange(min=1), help="The one that runs at this EVSE.")
@click.option("--transaction", help="The one with this id, as the station or this system has it.")
@through_api
def stop(api: Api, identity: str, evse: int | None, transaction: str | None) -> None:
    """Stop the transaction that runs at the station IDENTITY; with several, say which."""
    running = [
        one
        for one in api.pages("/transactions", station=identity, state="active", evse=evse)
        if transaction in (None, one["id"], one["reference"])
    ]
    if not running:
        fail("no such transaction runs there.")
    if len(running) > 1:
        fail(f"several run there, say which: {', '.join(_named(one) for one in running)}")
    api.command(f"/transactions/{running[0]['id']}/stop", {})


def _named(transaction: Json) -> str:
    return f"{transaction['reference']} (EVSE {transaction['evse']})"
