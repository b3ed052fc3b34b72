"""A station has come in: how it proved who it is settles what was open."""

from __future__ import annotations

import msgspec

from releve.domain.station import Station
from releve.services.admission import Admitted, allowed_profiles
from releve.services.live import Inbound
from releve.services.operations import Operations
from releve.services.ports import Work
from releve.services.security import passwords, profiles


class Arrivals:
    def __init__(self, operations: Operations) -> None:
        self._operations = operations

    def arrived(self, work: Work, row: Station, admitted: Admitted) -> Station:
        """Note within `work` what the connection has shown; the station as it is then.

        row: as it stands now, which may be later than what was judged.
        """
        changes: dict[str, object] = {}
        came = admitted.profile
        if came and came != row.security_profile and came in allowed_profiles(row):
            # A05.FR.07: from now on a lower one is refused. (A downgrade was allowed before it was asked for.)
            changes |= {"security_profile": came, "profile_next": None}
        elif came and came == row.security_profile == row.profile_next:
            changes |= {"profile_next": None}
        if admitted.new_password and row.credential_next is not None:
            changes |= {"credential": row.credential_next, "credential_next": None}
        if admitted.certificate_name and not row.certificate_name:
            changes |= {"certificate_name": admitted.certificate_name}
        if not changes:
            return row
        settled = msgspec.structs.replace(row, **changes)
        work.stations.save_security(settled)
        return settled

    async def settle(self, inbound: Inbound, admitted: Admitted) -> None:
        """End the operations that waited for this connection."""
        if admitted.new_password:
            await self._operations.progress(
                inbound, (passwords.KIND,), None, "Presented", done={"Presented"}
            )
        live = inbound.live
        if live.renewing is not None and live.station.registered:  # it may not boot again by itself
            live.renewing()
        if admitted.profile and admitted.profile != admitted.station.security_profile:
            status = f"Profile{admitted.profile}"
            await self._operations.progress(inbound, (profiles.KIND,), None, status, done={status})
