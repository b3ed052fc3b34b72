"""`releve station log`: have a station hand in a log, and save it."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click

from releve.cli.client import Api, Json, station_path, through_api, wait_option
from releve.cli.common import fail
from releve.cli.times import moment, told
from releve.domain.operation import OperationState

LOGS = ("DiagnosticsLog", "SecurityLog", "DataCollectorLog")


@click.command("log")
@click.argument("identity")
@click.option("--log", "kind", type=click.Choice(LOGS), default=LOGS[0], show_default=True)
@click.option("--since", type=moment, help="Only what happened since.")
@click.option("--until", type=moment, help="Only what happened until then.")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, writable=True, allow_dash=True, path_type=Path),
    help="Where to save it, - for standard output. Default: here, under its own name.",
)
@wait_option
@through_api
def log(
    api: Api,
    identity: str,
    kind: str,
    since: datetime | None,
    until: datetime | None,
    output: Path | None,
    wait_s: float,
) -> None:
    """Have the station IDENTITY hand in a log, wait for it, and save it."""
    body = {"log": kind, "since": told(since), "until": told(until)}
    begun = api.post(f"{station_path(identity)}/logs", body)
    if not wait_s and begun["state"] not in (OperationState.FAILED, OperationState.CANCELLED):
        api.tell(begun, f"Asked. Operation {begun['id']}.")
        return
    ended = api.follow(begun, wait_s)
    file = ended["result"].get("file")
    if ended["state"] != OperationState.DONE:
        api.ended(ended, "")
    if file is None:
        fail("The station says that it has handed the log in, but no file has come here.")
    saved = _save(api, file, output, ended["id"])
    if saved is not None:
        api.tell(ended, f"Saved {saved} ({file['size']} bytes).")


def _save(api: Api, file: Json, output: Path | None, operation: str) -> Path | None:
    """Fetch the file; where it was saved, None: nowhere but on standard output."""
    address = f"/files/{file['id']}/content"
    if output is not None and str(output) == "-":
        api.download(address, sys.stdout.buffer)
        return None
    path = output or Path(Path(file["name"]).name)
    if output is None and path.exists():  # a file that is there already is not lost for a name
        path = path.with_name(f"{operation}-{path.name}")
    partial = path.with_name(f"{path.name}.part")
    try:
        with partial.open("wb") as into:
            api.download(address, into)
        partial.replace(path)
    except OSError as error:
        fail(f"{path} cannot be written: {error.strerror or error}")
    finally:
        partial.unlink(missing_ok=True)
    return path
