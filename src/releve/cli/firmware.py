"""`releve firmware`: upload an image, have stations install it, and follow how far they have come."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path

import click

from releve.cli.client import (
    LOOK_S,
    Api,
    Json,
    Progress,
    station_path,
    through_api,
    wait_option,
)
from releve.cli.common import fail
from releve.cli.times import moment, told
from releve.domain.firmware import Turn
from releve.domain.operation import OperationState

COUNTED = (Turn.DONE, Turn.RUNNING, Turn.WAITING, Turn.FAILED, Turn.SKIPPED)


@click.group()
def firmware() -> None:
    """Firmware: images, and which stations are to install them."""


@firmware.command("upload")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--version", default="", help="As stations tell it at boot: confirms the update.")
@click.option("--vendor", default="", help="Only stations of this vendor.")
@click.option("--model", default="", help="Only stations of this model.")
@click.option("--sign-with", default="", help="Sign it with this key of the server.")
@through_api
def firmware_upload(
    api: Api, file: Path, version: str, vendor: str, model: str, sign_with: str
) -> None:
    """Upload the image FILE; prints the id that `releve firmware update` wants."""
    about = {"version": version, "vendor": vendor, "model": model, "sign_with": sign_with}
    with file.open("rb") as content:
        size = file.stat().st_size
        image = api.upload("/firmware", content, size, name=file.name, **about)
    api.tell(image, image["id"])


@firmware.command("list")
@through_api
def firmware_list(api: Api) -> None:
    """List the images: id, version, size, signed, name."""
    images = api.get("/firmware")["items"]
    lines = [
        f"{one['id']:20} {one['version']:12} {one['size'] or '-':>12} "
        f"{'signed' if one['signed'] else 'plain':6} {one['name']}"
        for one in images
    ]
    api.tell(images, *lines)


@firmware.command("update")
@click.argument("image")
@click.argument("stations", metavar="STATION...", nargs=-1, required=True)
@click.option("--retrieve-at", type=moment, help="When to fetch it. Default: at once.")
@click.option("--install-at", type=moment, help="When to install it. Default: once it is there.")
@click.option("--retries", type=click.IntRange(0, 100), help="Attempts to fetch it.")
@click.option("--signed/--plain", "signed", default=None, help="Default: signed when IMAGE is.")
@click.option("--at-once", type=click.IntRange(1, 100), help="Several stations: so many at a time.")
@click.option("--stop-after", type=click.IntRange(min=1), help="Several stations: failures.")
@wait_option
@through_api
def firmware_update(
    api: Api,
    image: str,
    stations: tuple[str, ...],
    retrieve_at: datetime | None,
    install_at: datetime | None,
    retries: int | None,
    signed: bool | None,
    at_once: int | None,
    stop_after: int | None,
    wait_s: float,
) -> None:
    """Have stations install IMAGE (an id of `releve firmware list`); several make a roll-out.

    Exit code 0: all have installed it; 1: one has not; 3: it goes on.
    """
    body: Json = {
        "image": image,
        "retrieve_at": told(retrieve_at),
        "install_at": told(install_at),
        "retries": retries,
        "signed": signed,
    }
    if len(stations) == 1:
        _one(api, stations[0], body, wait_s)
        return
    body |= {"stations": list(stations), "at_once": at_once, "stop_after_failures": stop_after}
    rollout = api.post("/firmware-rollouts", body)
    api.note(f"Roll-out {rollout['id']}")
    _follow(api, rollout, wait_s)


@firmware.command("rollouts")
@through_api
def firmware_rollouts(api: Api) -> None:
    """List roll-outs, newest first: id, begin, how far, label."""
    found = api.get("/firmware-rollouts")["items"]
    lines = [f"{one['id']:20} {one['created_at'][:19]}Z {_counts(one)}" for one in found]
    api.tell(found, *lines)


@firmware.command("follow")
@click.argument("rollout")
@wait_option
@through_api
def firmware_follow(api: Api, rollout: str, wait_s: float) -> None:
    """Follow ROLLOUT to its end. Exit code 0: all have installed it; 1: one has not; 3: it goes on."""
    _follow(api, api.get(f"/firmware-rollouts/{rollout}"), wait_s)


@firmware.command("cancel")
@click.argument("rollout")
@through_api
def firmware_cancel(api: Api, rollout: str) -> None:
    """Ask no further station of ROLLOUT. Those that have begun go on."""
    found = api.post(f"/firmware-rollouts/{rollout}/cancel")
    api.tell(found, f"Cancelled: {_counts(found)}.")


def _one(api: Api, station: str, body: Json, wait_s: float) -> None:
    operation = api.post(f"{station_path(station)}/firmware", body)
    if not wait_s and not OperationState(operation["state"]).ended:
        api.tell(operation, f"Asked. Operation {operation['id']}.")
        return
    api.note(f"Operation {operation['id']}")
    api.ended(api.follow(operation, wait_s), "Installed.")


def _follow(api: Api, rollout: Json, wait_s: float) -> None:
    until, progress = time.monotonic() + wait_s, Progress()
    while True:
        progress.show(_counts(rollout))
        if rollout["ended_at"] is not None:
            break
        left = until - time.monotonic()
        if left <= 0:
            progress.end()
            api.tell(rollout)
            api.not_over(f"releve firmware follow {rollout['id']}")
        time.sleep(min(LOOK_S / 4, left))
        rollout = api.get(f"/firmware-rollouts/{rollout['id']}")
    progress.end()
    missing = [step for step in rollout["steps"] if step["turn"] != Turn.DONE]
    lines = [f"{one['identity']:24} {one['turn']:8} {one['status']}".rstrip() for one in missing]
    api.tell(rollout, *lines)
    if missing:
        fail(f"{len(missing)} of {len(rollout['steps'])} have not installed it.")
    api.note("Installed everywhere.")


def _counts(rollout: Json) -> str:
    total = len(rollout["steps"])
    parts = [f"{rollout['counts'].get(turn, 0)} {turn}" for turn in COUNTED]
    return f"{total} stations: " + ", ".join(part for part in parts if not part.startswith("0 "))
