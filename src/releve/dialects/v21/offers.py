"""I, Q: what an accepted Authorize tells the driver and the station."""

from __future__ import annotations

import msgspec

from releve.dialects.v2.tariff import wire_tariff
from releve.ocpp.messages.v21 import (
    AuthorizeResponse,
    EnergyTransferModeEnum,
    MessageContent,
    MessageFormatEnum,
    Tariff,
)
from releve.services.offers import Offer

LONGEST = 1024
_FORMATS = {str(kind): kind for kind in MessageFormatEnum}


def offered(response: AuthorizeResponse, offer: Offer) -> AuthorizeResponse:
    """The response with the tariff, in words (I01.FR.01) and for machines, and the energy transfers allowed."""
    if offer.tariff is not None:  # without validFrom: I08.FR.09
        tariff = msgspec.convert(wire_tariff(offer.tariff, valid_from=False), Tariff)
        response = msgspec.structs.replace(response, tariff=tariff)
    if offer.energy_transfer:
        modes = [EnergyTransferModeEnum(mode) for mode in offer.energy_transfer]
        response = msgspec.structs.replace(response, allowed_energy_transfer=modes)
    text, info = offer.text, response.id_token_info
    if text is None or info.personal_message is not None:
        return response
    message = MessageContent(
        format=_FORMATS.get(text.format, MessageFormatEnum.UTF8),
        language=text.language,
        content=text.content[:LONGEST],
    )
    info = msgspec.structs.replace(info, personal_message=message)
    return msgspec.structs.replace(response, id_token_info=info)
