"""I: what an accepted Authorize tells the driver."""

from __future__ import annotations

import msgspec

from releve.ocpp.messages.v201 import AuthorizeResponse, MessageContent, MessageFormatEnum
from releve.services.offers import Offer

LONGEST = 512
_FORMATS = {str(kind): kind for kind in MessageFormatEnum}


def offered(response: AuthorizeResponse, offer: Offer) -> AuthorizeResponse:
    """The response with the tariff as personal message (I01.FR.01), unless it says something already."""
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
