"""Files that stations handed in, and firmware images: listed, downloaded, removed."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from litestar import Request, Response, delete, get
from litestar.params import QueryParameter
from litestar.response import Stream

from releve.api.here import Asker, Key, TheDesk, row_id, the_station
from releve.api.paging import After, Count, paged
from releve.api.ranges import SAFE_HEADERS, disposition
from releve.domain.file import FileId, FileKind
from releve.services.access import Principal
from releve.services.desk import Desk
from releve.services.errors import NotFound, NotNow
from releve.services.views import FileFilter, FileView, Page

TAGS = ["Files"]
BYTES = "application/octet-stream"


@get("/files", operation_id="listFiles", summary="List files", tags=TAGS)
async def list_files(
    request: Request[Any, Any, Any],
    desk: TheDesk,
    asker: Asker,
    station: Annotated[
        str | None, QueryParameter(description="A station's id or identity.", max_length=255)
    ] = None,
    kind: Annotated[
        Literal["log", "firmware"] | None,
        QueryParameter(description="log: handed in by a station."),
    ] = None,
    after: After = None,
    limit: Count = 50,
) -> Response[Page[FileView]]:
    """Newest first."""
    wanted = FileFilter(
        station=(await the_station(desk, asker, station)).id if station else None, kind=kind
    )
    found = desk.catalogue.files(asker.operator, wanted, after=after, limit=limit)
    return await paged(request, found)


@get("/files/{file:str}", operation_id="getFile", summary="One file", tags=TAGS)
async def get_file(desk: TheDesk, asker: Asker, file: Key) -> FileView:
    """What is known of it."""
    return await the_file(desk, asker, file)


@get(
    "/files/{file:str}/content",
    operation_id="downloadFile",
    summary="Download a file",
    tags=TAGS,
    media_type=BYTES,
)
async def download(desk: TheDesk, asker: Asker, file: Key) -> Stream:
    """The bytes as they came. Never to be opened in a browser: a station may put anything into a log."""
    view = await the_file(desk, asker, file)
    return await as_attachment(desk, asker, view)


@delete(
    "/files/{file:str}",
    operation_id="removeFile",
    summary="Remove a file",
    tags=TAGS,
    opt={"scope": "admin"},
)
async def remove_file(desk: TheDesk, asker: Asker, file: Key) -> None:
    """For good. A firmware image is removed under `/firmware`, with what is known of it."""
    view = await the_file(desk, asker, file)
    if view.kind == FileKind.FIRMWARE:
        raise NotNow("This file belongs to a firmware image: remove that.")
    await desk.services.files.remove(asker.operator, FileId(int(view.id)))


async def the_file(desk: Desk, asker: Principal, file: str) -> FileView:
    """The file of this operator; NotFound."""
    found = await desk.catalogue.file(asker.operator, file) if row_id(file) else None
    if found is None:
        raise NotFound("There is no such file.")
    return found


async def as_attachment(desk: Desk, asker: Principal, view: FileView) -> Stream:
    """Its bytes, to be saved."""
    stored = await desk.services.files.get(asker.operator, FileId(int(view.id)))
    headers = {**SAFE_HEADERS, **disposition(view.name), "content-length": str(view.size)}
    return Stream(desk.services.files.read(stored), media_type=BYTES, headers=headers)


ROUTES = (list_files, get_file, download, remove_file)
