"""Lists by cursor: `?after=&limit=`, `next` in the body and a Link header (RFC 8288)."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import parse_qsl, urlencode

import msgspec
from litestar import Request, Response
from litestar.params import QueryParameter

from releve.services.errors import Invalid
from releve.services.views import Page

T = TypeVar("T")

After = Annotated[
    str | None,
    QueryParameter(
        description="Cursor: the `next` of the page before. Absent: the first page.", max_length=500
    ),
]
Count = Annotated[int, QueryParameter(description="How many items at most.", ge=1, le=500)]


class Items(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """A list that comes whole."""

    items: list[T]


async def paged(request: Request[Any, Any, Any], found: Awaitable[Page[T]]) -> Response[Page[T]]:
    """Answer with a page. A cursor that cannot be read is the asker's mistake, not ours."""
    try:
        page = await found
    except ValueError as error:
        raise Invalid(
            "This cursor cannot be read: use the `next` of a page.", field="after"
        ) from error
    headers = {}
    if page.next is not None:
        kept = [(k, v) for k, v in parse_qsl(request.url.query) if k != "after"]
        headers["link"] = (
            f'<{request.url.path}?{urlencode([*kept, ("after", page.next)])}>; rel="next"'
        )
    return Response(page, headers=headers)
