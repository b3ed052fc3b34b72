"""I, Q: what a driver is offered when the card is accepted: the tariff, in words or for machines, and ways to transfer
energy."""

from __future__ import annotations

import msgspec

from releve.domain.ids import OperatorId, StationId
from releve.domain.station import Station
from releve.domain.tariff import Tariff, TariffText
from releve.domain.tariff_text import shown
from releve.domain.token import IdToken, Judgement, Verdict
from releve.services.device import DeviceFacts, device_facts
from releve.services.live import Inbound
from releve.services.ports import Store, Work
from releve.services.tariffs import TariffBook
from releve.services.v2x import V2x

TARIFF = "TariffCostCtrlr"
DISPLAY = "DisplayMessageCtrlr"
ASKED = (
    (TARIFF, "Available", "Tariff"),
    (TARIFF, "Enabled", "Tariff"),
    (TARIFF, "MaxElements", "Tariff"),
    (TARIFF, "ConditionsSupported", "Tariff"),
    (DISPLAY, "Available", ""),
    (DISPLAY, "Enabled", ""),
    (DISPLAY, "Language", ""),
    (DISPLAY, "PersonalMessageSize", ""),
)


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """tariff: for local cost calculation (2.1). text: for the display. Both None where the station can do neither."""

    tariff: Tariff | None = None
    text: TariffText | None = None
    energy_transfer: tuple[str, ...] = ()


NOTHING = Offer()


class Offers:
    def __init__(self, store: Store, book: TariffBook, v2x: V2x) -> None:
        self._store = store
        self._book = book
        self._v2x = v2x

    async def at_authorization(
        self, inbound: Inbound, token: IdToken, judgement: Judgement
    ) -> Offer:
        """What goes with an accepted Authorize."""
        if judgement.verdict is not Verdict.ACCEPTED:
            return NOTHING
        station = inbound.station
        evses = {evse for evse, _ in inbound.live.evses}
        async with self._store.work(station.operator) as work:
            modes = await self._v2x.offered(work, station.id, token.value, evses)
            offer = Offer(energy_transfer=tuple(mode.value for mode in modes))
            tariff = await self._book.choose(
                work, station, inbound.at, token.value, judgement.group
            )
            if tariff is None:
                return offer
            facts = await device_facts(work, station.id, ASKED)
            offer = msgspec.structs.replace(offer, text=self._text(facts, tariff))
            if tariff.scope.of_driver and _reckons(facts) and misfit(facts, tariff) is None:
                self._book.keep(work, tariff, inbound.at)
                return msgspec.structs.replace(offer, tariff=tariff)  # I08.FR.01
        return offer  # I08.FR.34: what the station cannot reckon, we do

    def _text(self, facts: DeviceFacts, tariff: Tariff) -> TariffText | None:
        """Only for stations that can show a tariff or messages, and know it (I01.FR.02)."""
        if not shows_tariffs(facts):
            return None
        text = shown(tariff, facts.text(DISPLAY, "Language"))
        most = facts.number(DISPLAY, "PersonalMessageSize")
        if most == 0:
            return None
        if most is not None and len(text.content) > most:
            return msgspec.structs.replace(text, content=text.content[:most])
        return text

    async def facts(self, operator: OperatorId, station: StationId) -> DeviceFacts:
        """What is known of a station's tariffs and display."""
        async with self._store.work(operator) as work:
            return await device_facts(work, station, ASKED)

    async def updated_text(self, work: Work, station: Station, tariff: Tariff) -> TariffText | None:
        """The text for a driver whose tariff changed (I06.FR.02); None for a station that shows none."""
        return self._text(await device_facts(work, station.id, ASKED), tariff)


def shows_tariffs(facts: DeviceFacts) -> bool:
    """Whether it said that it supports tariff information or display messages, and has not switched them off."""
    tariff = facts.flag(TARIFF, "Available", "Tariff") or facts.flag(TARIFF, "Enabled", "Tariff")
    display = facts.flag(DISPLAY, "Available") or facts.flag(DISPLAY, "Enabled")
    return bool(
        (tariff and facts.flag(TARIFF, "Enabled", "Tariff") is not False)
        or (display and facts.flag(DISPLAY, "Enabled") is not False)
    )


def _reckons(facts: DeviceFacts) -> bool:
    return facts.flag(TARIFF, "Enabled", "Tariff") is True


def misfit(facts: DeviceFacts, tariff: Tariff) -> str | None:
    """Why the station cannot take this tariff, by what it has said of itself; None: nothing speaks against it."""
    if facts.flag(TARIFF, "Enabled", "Tariff") is False:
        return "Tariffs are switched off at this station (TariffCostCtrlr.Enabled[Tariff])."
    most = facts.number(TARIFF, "MaxElements", "Tariff")
    if most is not None and tariff.most_prices > most:
        return (
            f"The tariff has {tariff.most_prices} prices in one component, the station takes {most} "
            "(TariffCostCtrlr.MaxElements)."
        )
    if tariff.conditional and facts.flag(TARIFF, "ConditionsSupported", "Tariff") is False:
        return (
            "The tariff has conditions, and the station supports none "
            "(TariffCostCtrlr.ConditionsSupported)."
        )
    return None
