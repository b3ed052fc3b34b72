"""Roll-outs: one firmware image for many stations."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import get, post
from litestar.params import JSONBody

from releve.api.firmware_forms import Timing, when_of
from releve.api.here import Asker, Key, Line, TheDesk, station_ids
from releve.api.paging import Items
from releve.domain.firmware import Rollout, Turn
from releve.services.rollouts import MOST_AT_ONCE, MOST_STATIONS, Pace

TAGS = ["Firmware"]


class NewRollout(Timing, frozen=True, kw_only=True):
    """stations: ids or identities. at_once: how many at a time. stop_after_failures: 0, never."""

    image: Line
    stations: Annotated[list[Line], msgspec.Meta(min_length=1, max_length=MOST_STATIONS)]
    label: Line = ""
    at_once: Annotated[int, msgspec.Meta(ge=1, le=MOST_AT_ONCE)] = 5
    stop_after_failures: Annotated[int, msgspec.Meta(ge=0, le=MOST_STATIONS)] = 0


class RolloutStepView(msgspec.Struct, frozen=True, kw_only=True):
    """turn: waiting, running, done, failed or skipped. operation: the station's update, once asked."""

    station: str
    identity: str
    turn: str
    operation: str | None
    status: str
    attempts: int


class RolloutView(msgspec.Struct, frozen=True, kw_only=True):
    """counts: how many stations stand at each turn."""

    id: str
    image: str
    label: str
    at_once: int
    stop_after_failures: int
    counts: dict[str, int]
    steps: list[RolloutStepView]
    by: str
    created_at: datetime
    ended_at: datetime | None
    cancelled: bool


@get("/firmware-rollouts", operation_id="listRollouts", summary="Roll-outs", tags=TAGS)
async def list_rollouts(desk: TheDesk, asker: Asker) -> Items[RolloutView]:
    """Newest first."""
    found = await desk.services.rollouts.all(asker.operator)
    return Items(items=[rollout_view(one) for one in found])


@get(
    "/firmware-rollouts/{rollout:str}", operation_id="getRollout", summary="One roll-out", tags=TAGS
)
async def get_rollout(desk: TheDesk, asker: Asker, rollout: Key) -> RolloutView:
    """With each station's turn."""
    return rollout_view(await desk.services.rollouts.get(asker.operator, rollout))


@post(
    "/firmware-rollouts",
    operation_id="beginRollout",
    summary="Update many stations",
    tags=TAGS,
    opt={"scope": "admin", "pace": "disruptive"},
)
async def begin_rollout(desk: TheDesk, asker: Asker, data: JSONBody[NewRollout]) -> RolloutView:
    """Stations that are not connected get their turn when they are."""
    when = when_of(data)
    rollout = await desk.services.rollouts.begin(
        asker.operator,
        data.image,
        await station_ids(desk, asker, data.stations),
        when,
        Pace(at_once=data.at_once, stop_after_failures=data.stop_after_failures, label=data.label),
        by=asker.name,
    )
    return rollout_view(rollout)


@post(
    "/firmware-rollouts/{rollout:str}/cancel",
    operation_id="cancelRollout",
    summary="Ask no further station",
    tags=TAGS,
    opt={"scope": "admin"},
    status_code=200,
)
async def cancel_rollout(desk: TheDesk, asker: Asker, rollout: Key) -> RolloutView:
    """Stations that have begun go on."""
    return rollout_view(await desk.services.rollouts.cancel(asker.operator, rollout))


def rollout_view(rollout: Rollout) -> RolloutView:
    """A roll-out as the API shows it."""
    return RolloutView(
        id=rollout.id,
        image=rollout.image,
        label=rollout.label,
        at_once=rollout.at_once,
        stop_after_failures=rollout.stop_after_failures,
        counts={turn.value: rollout.count(turn) for turn in Turn},
        steps=[
            RolloutStepView(
                station=str(step.station),
                identity=step.identity,
                turn=step.turn.value,
                operation=str(step.operation) if step.operation else None,
                status=step.status,
                attempts=step.attempts,
            )
            for step in rollout.steps
        ],
        by=rollout.by,
        created_at=rollout.created_at,
        ended_at=rollout.ended_at,
        cancelled=rollout.cancelled,
    )


ROUTES = (list_rollouts, get_rollout, begin_rollout, cancel_rollout)
