"""Files in request bodies, piece by piece: plain, or the first file of a multipart form."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from itertools import chain

from multipart import (
    MultipartError,
    MultipartSegment,
    PushMultipartParser,
    parse_options_header,
)

FORM = "multipart/form-data"
LONGEST_FIELD = 64 * 1024
"""Bytes of fields and headers beside the file; more is no form that anybody sends with a log."""
MOST_SEGMENTS = 16


class BadBody(Exception):
    """The body cannot be read; the text says why."""


class Body:
    """A file in a body. `name` is known once the first piece was asked for; empty when none is told."""

    def __init__(self, headers: Mapping[str, str], pieces: AsyncIterator[bytes]) -> None:
        kind, options = parse_options_header(headers.get("content-type", ""))
        self._pieces = pieces
        self._boundary = options.get("boundary", "") if kind.lower() == FORM else None
        self.name = _disposition(headers.get("content-disposition", ""))

    async def pieces(self) -> AsyncIterator[bytes]:
        """The file's bytes. Raises BadBody."""
        if self._boundary is None:
            async for piece in self._pieces:
                yield piece
            return
        try:
            async for piece in self._file_of_form():
                yield piece
        except MultipartError as error:
            raise BadBody(f"The form cannot be read: {error}.") from error

    async def opened(self) -> AsyncIterator[bytes]:
        """The same, with `name` known when this returns."""
        pieces = self.pieces()
        first = [piece async for piece in _first(pieces)]
        return _chained(iter(first), pieces)

    async def _file_of_form(self) -> AsyncIterator[bytes]:
        parser = PushMultipartParser(self._boundary or "", max_segment_count=MOST_SEGMENTS)
        taking, taken, beside = False, False, 0
        async for piece in self._pieces:
            for event in parser.parse(piece):
                if isinstance(event, MultipartSegment):
                    taking = not taken and event.filename is not None
                    if taking:
                        self.name, taken = event.filename or "", True
                elif event is not None and taking:
                    yield bytes(event)
                elif event is not None:
                    beside += len(event)
                    if beside > LONGEST_FIELD:
                        raise BadBody("The form has more than a file in it.")
                else:
                    taking = False
        parser.close()
        if not taken:
            raise BadBody("The form has no file in it.")


async def _first(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    piece = await anext(pieces, None)
    if piece is not None:
        yield piece


async def _chained(first: Iterator[bytes], rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    for piece in chain(first):
        yield piece
    async for piece in rest:
        yield piece


def _disposition(header: str) -> str:
    """The file's name in a Content-Disposition header (N01.FR.19)."""
    if not header:
        return ""
    # Some write "form-data:name=…;filename=…", as the standard's example does.
    _, options = parse_options_header(header.replace("form-data:", "form-data;", 1))
    return str(options.get("filename", ""))
