"""Tokens: the register of what may charge."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, delete, get, patch, post
from litestar.params import JSONBody, QueryParameter
from msgspec import UNSET, UnsetType

from releve.api.here import Asker, Key, Line, Note, TheDesk, aware
from releve.api.paging import After, Count, paged
from releve.domain.ids import TokenId
from releve.services.access import Principal
from releve.services.desk import Desk
from releve.services.errors import NotFound
from releve.services.token_checks import TYPES
from releve.services.token_import import Imported, TokenImport
from releve.services.views import Page, TokenView

TAGS = ["Tokens"]
ADMIN = {"scope": "admin"}
TokenType = Annotated[
    str,
    msgspec.Meta(
        min_length=1,
        max_length=20,
        description=f"An IdTokenEnumType of OCPP: {', '.join(TYPES)}. OCPP 2.1 takes others, too.",
    ),
]
Amount = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^-?\d{1,7}(\.\d{1,4})?$", description="An amount of money, such as 12.50."
    ),
]


class NewToken(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """value: as the reader reports it; case does not matter. type: an IdTokenEnumType of OCPP, ISO14443 for most cards.

    group: members may stop each other's transactions. master: may stop any, may not start one. concurrent: may be in
    several at once. places: where it may charge, each a station's identity, identity/EVSE, or site:NAME; empty is
    everywhere. connector_types: in OCPP's words (cCCS2); empty is all. language, language2, message, priority: what
    stations are told of its holder. cache_s: how long stations may rely on an answer about it. credit: prepaid.
    """

    value: Line
    type: TokenType = "ISO14443"
    label: Line = ""
    group: Line | None = None
    blocked: bool = False
    not_before: datetime | None = None
    expires_at: datetime | None = None
    master: bool = False
    concurrent: bool = False
    places: list[Line] = []
    connector_types: list[Line] = []
    language: Line = ""
    language2: Line = ""
    message: Note = ""
    priority: int | None = None
    cache_s: int | None = None
    credit: Amount | None = None
    currency: Line = ""


class TokenChanges(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """What may be changed; absent fields stay, null empties those that may be empty."""

    label: str | UnsetType = UNSET
    group: str | UnsetType | None = UNSET
    blocked: bool | UnsetType = UNSET
    not_before: datetime | UnsetType | None = UNSET
    expires_at: datetime | UnsetType | None = UNSET
    master: bool | UnsetType = UNSET
    concurrent: bool | UnsetType = UNSET
    places: list[Line] | UnsetType = UNSET
    connector_types: list[Line] | UnsetType = UNSET
    language: Line | UnsetType = UNSET
    language2: Line | UnsetType = UNSET
    message: Note | UnsetType = UNSET
    priority: int | UnsetType | None = UNSET
    cache_s: int | UnsetType | None = UNSET
    credit: Amount | UnsetType | None = UNSET
    currency: Line | UnsetType = UNSET


class TopUp(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """amount: added to the credit; a negative one takes away."""

    amount: Amount


class CsvFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """csv: the file's text; its first line names columns: value, type, and fields of a token; lists are divided by |.
    update: registered tokens get the file's values, too. dry_run: only tell what would be done.
    """

    csv: Annotated[str, msgspec.Meta(min_length=1)]
    update: bool = False
    dry_run: bool = False


@get("/tokens", operation_id="listTokens", summary="List tokens", tags=TAGS)
async def list_tokens(
    request: Request[Any, Any, Any],
    desk: TheDesk,
    asker: Asker,
    search: Annotated[
        str, QueryParameter(description="Part of value, label or group.", max_length=200)
    ] = "",
    after: After = None,
    limit: Count = 50,
) -> Response[Page[TokenView]]:
    """Registered tokens by value."""
    return await paged(
        request,
        desk.catalogue.tokens(asker.operator, search=search, after=after, limit=limit),
    )


@post("/tokens", operation_id="addToken", summary="Register a token", tags=TAGS, opt=ADMIN)
async def add_token(desk: TheDesk, asker: Asker, data: JSONBody[NewToken]) -> Response[TokenView]:
    """Register a card, key fob, app or contract that may charge."""
    fields = msgspec.structs.asdict(data)
    for name in ("not_before", "expires_at"):
        fields[name] = aware(fields[name], name)
    added = await desk.services.tokens.add(asker.operator, **fields)
    view = await _token(desk, asker, str(added.id))
    return Response(view, headers={"location": f"/api/v1/tokens/{view.id}"})


@get("/tokens/{token:str}", operation_id="getToken", summary="One token", tags=TAGS)
async def get_token(desk: TheDesk, asker: Asker, token: Key) -> TokenView:
    """A registered token."""
    return await _token(desk, asker, token)


@patch(
    "/tokens/{token:str}",
    operation_id="changeToken",
    summary="Change a token",
    tags=TAGS,
    opt=ADMIN,
)
async def change_token(
    desk: TheDesk, asker: Asker, token: Key, data: JSONBody[TokenChanges]
) -> TokenView:
    """Change or block a token. It counts at the token's next use, on every station."""
    found = await _token(desk, asker, token)
    given = {f: v for f in data.__struct_fields__ if (v := getattr(data, f)) is not UNSET}
    if given:
        await desk.services.tokens.change(asker.operator, TokenId(int(found.id)), **given)
    return await _token(desk, asker, found.id)


@delete(
    "/tokens/{token:str}",
    operation_id="removeToken",
    summary="Forget a token",
    tags=TAGS,
    opt=ADMIN,
)
async def remove_token(desk: TheDesk, asker: Asker, token: Key) -> None:
    """Transactions keep its value."""
    found = await _token(desk, asker, token)
    await desk.services.tokens.remove(asker.operator, TokenId(int(found.id)))


@post(
    "/tokens/{token:str}/top-up",
    operation_id="topUpToken",
    summary="Add to a prepaid token's credit",
    tags=TAGS,
    opt=ADMIN,
    status_code=200,
)
async def top_up(desk: TheDesk, asker: Asker, token: Key, data: JSONBody[TopUp]) -> TokenView:
    """A token without credit becomes prepaid by it."""
    found = await _token(desk, asker, token)
    await desk.services.tokens.top_up(asker.operator, TokenId(int(found.id)), Decimal(data.amount))
    return await _token(desk, asker, found.id)


@post(
    "/tokens/import",
    operation_id="importTokens",
    summary="Register tokens from a CSV file",
    tags=TAGS,
    opt=ADMIN,
    status_code=200,
)
async def import_tokens(desk: TheDesk, asker: Asker, data: JSONBody[CsvFile]) -> Imported:
    """All lines that can be taken are; `problems` names the others, each with its line, column and reason."""
    reader = TokenImport(desk.services.store, desk.services.tokens)
    return await reader.read(
        asker.operator, data.csv.splitlines(), update=data.update, dry=data.dry_run
    )


async def _token(desk: Desk, asker: Principal, token: str) -> TokenView:
    found = await desk.catalogue.token(asker.operator, token)
    if found is None:
        raise NotFound("There is no such token.")
    return found


ROUTES = (list_tokens, add_token, get_token, change_token, top_up, import_tokens, remove_token)
