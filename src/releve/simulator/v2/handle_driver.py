"""Display messages and tariffs (blocks I, O)."""

from __future__ import annotations

from releve.ocpp.messages import v21
from releve.simulator.dialect import Answer
from releve.simulator.station import Station
from releve.simulator.v2 import wire
from releve.simulator.v2.registry import answers

PARTS = 5
"""Messages in one NotifyDisplayMessages."""

Shown = v21.DisplayMessageStatusEnum


@answers
def set_display_message(
    request: v21.SetDisplayMessageRequest, station: Station
) -> v21.SetDisplayMessageResponse:
    """O01, O02, O06."""
    side, message = station.side, request.message
    side.forget_over(station.now())
    if message.message.format.value not in side.formats:
        return v21.SetDisplayMessageResponse(status=Shown.NOT_SUPPORTED_MESSAGE_FORMAT)
    known = message.transaction_id in station.running().values()
    if message.transaction_id is not None and not known:
        return v21.SetDisplayMessageResponse(status=Shown.UNKNOWN_TRANSACTION)  # O02.FR.01
    if message.id not in side.messages and len(side.messages) >= side.most_messages:
        full = wire.info("NoRoom")  # O01.FR.11
        return v21.SetDisplayMessageResponse(status=Shown.REJECTED, status_info=full)
    if message.priority is v21.MessagePriorityEnum.ALWAYS_FRONT:  # O01.FR.16
        front = [n for n, m in side.messages.items() if m.priority is message.priority]
        for number in front:
            del side.messages[number]
    side.messages[message.id] = message
    station.note("display", f"the display shows: {message.message.content}", message=message.id)
    return v21.SetDisplayMessageResponse(status=Shown.ACCEPTED)


@answers
def get_display_messages(request: v21.GetDisplayMessagesRequest, station: Station) -> Answer:
    """O03, O04."""
    station.side.forget_over(station.now())
    found = [
        message
        for message in station.side.messages.values()
        if (not request.id or message.id in request.id)
        and (request.priority is None or message.priority is request.priority)
        and (request.state is None or message.state is request.state)
    ]
    statuses = v21.GetDisplayMessagesStatusEnum
    if not found:
        return Answer(v21.GetDisplayMessagesResponse(status=statuses.UNKNOWN))

    async def tell() -> None:
        for start in range(0, len(found), PARTS):
            await station.ask(
                v21.NotifyDisplayMessagesRequest(
                    message_info=found[start : start + PARTS],
                    request_id=request.request_id,
                    tbc=start + PARTS < len(found),
                )
            )

    return Answer(v21.GetDisplayMessagesResponse(status=statuses.ACCEPTED), tell)


@answers
def clear_display_message(
    request: v21.ClearDisplayMessageRequest, station: Station
) -> v21.ClearDisplayMessageResponse:
    """O05."""
    known = station.side.messages.pop(request.id, None) is not None
    statuses = v21.ClearMessageStatusEnum
    return v21.ClearDisplayMessageResponse(status=statuses.ACCEPTED if known else statuses.UNKNOWN)


# --- tariffs ----------------------------------------------------------------------------------------------------


@answers
def set_default_tariff(
    request: v21.SetDefaultTariffRequest, station: Station
) -> v21.SetDefaultTariffResponse:
    """I07."""
    statuses = v21.TariffSetStatusEnum
    if request.evse_id and request.evse_id not in station.evses:
        unknown = wire.info("UnknownEvse")  # I07.FR.06
        return v21.SetDefaultTariffResponse(status=statuses.REJECTED, status_info=unknown)
    side = station.side
    if any(number == request.tariff.tariff_id for _, number in side.tariffs):  # I07.FR.04
        return v21.SetDefaultTariffResponse(status=statuses.DUPLICATE_TARIFF_ID)
    if request.tariff.valid_from is None:  # I07.FR.22
        side.tariffs = {
            key: tariff
            for key, tariff in side.tariffs.items()
            if tariff.valid_from is not None or request.evse_id not in (0, key[0])
        }
    side.tariffs[(request.evse_id, request.tariff.tariff_id)] = request.tariff
    text = request.tariff.description[0].content if request.tariff.description else ""
    station.note("tariff", f"tariff {request.tariff.tariff_id} is installed {text}".strip())
    return v21.SetDefaultTariffResponse(status=statuses.ACCEPTED)


@answers
def get_tariffs(request: v21.GetTariffsRequest, station: Station) -> v21.GetTariffsResponse:
    """I09."""
    found = [
        v21.TariffAssignment(
            tariff_id=number,
            tariff_kind=v21.TariffKindEnum.DEFAULT_TARIFF,
            valid_from=tariff.valid_from,
            evse_ids=[evse] if evse else sorted(station.evses),
        )
        for (evse, number), tariff in station.side.tariffs.items()
        if request.evse_id in (0, evse) or evse == 0
    ]
    statuses = v21.TariffGetStatusEnum
    return v21.GetTariffsResponse(
        status=statuses.ACCEPTED if found else statuses.NO_TARIFF, tariff_assignments=found
    )


@answers
def clear_tariffs(request: v21.ClearTariffsRequest, station: Station) -> v21.ClearTariffsResponse:
    """I10."""
    side, statuses = station.side, v21.TariffClearStatusEnum
    gone = [
        key
        for key in side.tariffs
        if (not request.tariff_ids or key[1] in request.tariff_ids)
        and (request.evse_id is None or key[0] == request.evse_id)
    ]
    for key in gone:
        del side.tariffs[key]
    results = [v21.ClearTariffsResult(tariff_id=n, status=statuses.ACCEPTED) for _, n in gone]
    return v21.ClearTariffsResponse(
        clear_tariffs_result=results or [v21.ClearTariffsResult(status=statuses.NO_TARIFF)]
    )


@answers
def change_transaction_tariff(
    request: v21.ChangeTransactionTariffRequest, station: Station
) -> v21.ChangeTransactionTariffResponse:
    """I11: these stations reckon no cost themselves, and show the new tariff."""
    statuses = v21.TariffChangeStatusEnum
    if request.transaction_id not in station.running().values():
        return v21.ChangeTransactionTariffResponse(status=statuses.TX_NOT_FOUND)  # I11.FR.04
    station.note("tariff", f"the driver is shown tariff {request.tariff.tariff_id}")
    return v21.ChangeTransactionTariffResponse(status=statuses.ACCEPTED)
