"""`releve display`: what drivers read at a station (2.x)."""

from __future__ import annotations

from datetime import datetime

import click

from releve.cli.client import Api, Json, station_path, through_api
from releve.cli.common import fail
from releve.cli.times import moment, told
from releve.domain.display_message import Format, Priority, ShownIn
from releve.domain.operation import OperationState

ASK_S = 60.0


@click.group()
def display() -> None:
    """What drivers read at stations (OCPP 2.0.1 and 2.1)."""


@display.command("show")
@click.argument("identity")
@click.argument("text")
@click.option("--id", "number", type=click.IntRange(min=0), help="Replaces the one with this id.")
@click.option("--priority", type=click.Choice([str(p) for p in Priority]), default="NormalCycle")
@click.option("--state", type=click.Choice([str(s) for s in ShownIn]), help="Only while it is so.")
@click.option("--format", "format_", type=click.Choice([str(f) for f in Format]), default="UTF8")
@click.option("--language", help="Of the text: fr, de-CH, ...")
@click.option("--transaction", help="Only for this transaction; it goes at its end.")
@click.option("--from", "start_at", type=moment, help="Default: at once.")
@click.option("--until", "end_at", type=moment, help="Default: until it is cleared.")
@through_api
def display_show(
    api: Api,
    identity: str,
    text: str,
    number: int | None,
    priority: str,
    state: str | None,
    format_: str,
    language: str | None,
    transaction: str | None,
    start_at: datetime | None,
    end_at: datetime | None,
) -> None:
    """Show TEXT at the station IDENTITY."""
    content = {"content": text, "format": format_}
    body = {
        "text": content | ({"language": language} if language else {}),
        "id": number,
        "priority": priority,
        "state": state,
        "transaction": transaction,
        "start_at": told(start_at),
        "end_at": told(end_at),
    }
    answer = api.post(f"{station_path(identity)}/display-messages", body)
    api.settle(answer, f"Shown, as message {answer['id']}.")


@display.command("list")
@click.argument("identity")
@click.option("--ask", is_flag=True, help="Ask the station first, instead of what is known here.")
@through_api
def display_list(api: Api, identity: str, ask: bool) -> None:
    """List the messages that the station IDENTITY has: id, priority, until when, text."""
    path = f"{station_path(identity)}/display-messages"
    if ask:
        read = api.follow(api.post(f"{path}/read"), ASK_S)
        if read["state"] != OperationState.DONE and read["status"] != "Unknown":
            fail(read["problem"])
    found = api.get(path)["items"]
    api.tell(found, *(_line(one) for one in found))


@display.command("clear")
@click.argument("identity")
@click.argument("number", metavar="ID", type=click.IntRange(min=0))
@through_api
def display_clear(api: Api, identity: str, number: int) -> None:
    """Clear the message ID at the station IDENTITY."""
    api.command(f"{station_path(identity)}/display-messages/clear", {"id": number}, "Cleared.")


def _line(one: Json) -> str:
    until = (one.get("end_at") or "-")[:16]
    return f"{one['id']:10} {one['priority']:12} {until:16} {one['text']['content']}"
