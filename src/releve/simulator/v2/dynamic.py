"""Dynamic profiles: the station asks for new limits at the interval that it was given (K28.FR.10)."""

from releve.ocpp.messages import v21
from releve.simulator.line import CallFailed, LineDown, NoAnswer
from releve.simulator.profiles.model import Profile, Update
from releve.simulator.station import Station


def pull(station: Station, profile: Profile) -> None:
    """Ask again and again, as long as the profile is installed with this interval."""
    station.spawn(_pull(station, profile.id, profile.pull_every_s or 0))


async def _pull(station: Station, profile_id: int, every_s: int) -> None:
    while True:
        await station.clock.sleep(every_s)
        profile = station.profiles.get(profile_id)
        if profile is None or profile.pull_every_s != every_s:
            return
        if not station.online:
            continue
        try:
            answer = await station.ask(
                v21.PullDynamicScheduleUpdateRequest(charging_profile_id=profile_id)
            )
        except (CallFailed, LineDown, NoAnswer):
            continue
        if answer.status is v21.ChargingProfileStatusEnum.ACCEPTED and answer.schedule_update:
            apply(station, profile_id, answer.schedule_update)


def apply(station: Station, profile_id: int, update: v21.ChargingScheduleUpdate) -> bool:
    """Take over new limits at once (K28.FR.06, K28.FR.08); False when there is no such dynamic profile."""
    told = Update(update.limit, update.discharge_limit, update.setpoint)
    if not station.profiles.update(profile_id, told, station.now()):
        return False
    station.catch_up()
    station.settle()
    station.note("profile-set", f"charging profile {profile_id} now has {told or 'no new values'}")
    return True
