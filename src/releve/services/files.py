"""Files: who may hand one in or fetch one, where it lies, and for how long. Stations come with a pass for one file.

A pass is an address with a secret of its own, or the same secret as the password of Basic authentication: never the
password that the station connects with (N01.FR.17). It serves one station for one file and a limited time.
"""

from __future__ import annotations

import hmac
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from enum import StrEnum
from hashlib import sha256
from urllib.parse import quote, urlsplit

import msgspec

from releve.domain.events import FileArrived
from releve.domain.file import FileId, FileKind, Pass, PassId, StoredFile, safe_name
from releve.domain.ids import OperationId, OperatorId, StationId
from releve.domain.operation import Operation
from releve.services.errors import Invalid, NotFound, NotNow
from releve.services.ports import Clock, Ids, Store, Work
from releve.services.ports.files import FileBox, NoSpace, Received, TooLarge

PATH = "/f"
USER = "station"
"""The name beside the secret when it goes as Basic authentication."""
SECRET_LENGTH = 32
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
MIB = 1024 * 1024


class FilePolicy(msgspec.Struct, frozen=True, kw_only=True):
    """url: what stations reach this server's files under. Sizes in bytes, for one file and for all of an operator's."""

    url: str
    secure_url: str = ""
    """The same over TLS; empty: not offered."""
    most_log: int = 256 * MIB
    most_firmware: int = 1024 * MIB
    quota: int = 20 * 1024 * MIB
    log_days: int = 90
    """Days for which what stations handed in is kept; 0: for ever."""


class Door(StrEnum):
    """Whether somebody who knocks with a pass may come in."""

    OPEN = "open"
    UNKNOWN = "unknown"
    """No such pass, or the wrong secret: the two look alike."""
    NAMELESS = "nameless"
    """A pass without a secret: Basic authentication is asked for."""
    EXPIRED = "expired"
    USED = "used"
    BUSY = "busy"
    """A file is being handed in with it at this moment."""
    OTHER_WAY = "other-way"
    """A pass to fetch was used to hand in, or the reverse."""


class Ticket(msgspec.Struct, frozen=True, kw_only=True):
    """A pass that has not been written down yet, and the address that it opens: only there its secret is to be seen."""

    url: str
    leave: Pass

    def add(self, work: Work, operation: Operation) -> None:
        """Write it down with the operation that it serves."""
        work.files.add_pass(msgspec.structs.replace(self.leave, operation=operation.id))


class FileDesk:
    """box: where contents lie."""

    def __init__(
        self, store: Store, clock: Clock, ids: Ids, box: FileBox, policy: FilePolicy
    ) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._box = box
        self.policy = policy
        self._open: set[PassId] = set()

    def reached_at(self, url: str, secure_url: str) -> None:
        """Under which addresses stations find this server, once its ports are open. Empty: as it was."""
        policy = self.policy
        self.policy = msgspec.structs.replace(
            policy, url=policy.url or url, secure_url=policy.secure_url or secure_url
        )

    # --- passes -------------------------------------------------------------------------------------------------

    def invite(
        self,
        operator: OperatorId,
        station: StationId,
        lifetime: timedelta,
        *,
        basic: bool = False,
        secure: bool = False,
    ) -> Ticket:
        """Leave for a station to hand in one file: into a folder, so that it may name the file (N01.FR.21).

        basic: the secret goes as user and password before the host instead of in the path (another one than the
        station connects with: N01.FR.17). secure: over TLS.
        """
        leave, secret = self._pass(operator, station, FileKind.LOG, lifetime)
        return Ticket(url=self._url(leave, secret, "", basic=basic, secure=secure), leave=leave)

    def offer(
        self,
        operator: OperatorId,
        station: StationId | None,
        file: StoredFile,
        lifetime: timedelta,
        *,
        basic: bool = False,
        secure: bool = False,
    ) -> Ticket:
        """Leave to fetch a file, as often as the station has to in that time."""
        leave, secret = self._pass(operator, station, file.kind, lifetime, file.id)
        url = self._url(leave, secret, quote(file.name), basic=basic, secure=secure)
        return Ticket(url=url, leave=leave)

    async def admit(
        self, number: str, secret: str | None, *, upload: bool
    ) -> tuple[Door, Pass | None]:
        """Judge who knocks. number: the pass's, as in its address. secret None: none was shown."""
        known = _number(number)
        if known is None:
            return Door.UNKNOWN, None
        async with self._store.work(OperatorId(0)) as work:
            leave = await work.files.find_pass(PassId(known))
        if secret is None:
            return Door.NAMELESS, None  # whether or not there is such a pass
        digest = sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
        if not hmac.compare_digest(digest, leave.digest if leave else "") or leave is None:
            return Door.UNKNOWN, None
        if leave.expires_at <= self._clock.now():
            return Door.EXPIRED, leave
        if leave.uploads is not upload:
            return Door.OTHER_WAY, leave
        if leave.used_at is not None:
            return Door.USED, leave
        return (Door.BUSY if leave.id in self._open else Door.OPEN), leave

    def _pass(
        self,
        operator: OperatorId,
        station: StationId | None,
        kind: FileKind,
        lifetime: timedelta,
        file: FileId | None = None,
    ) -> tuple[Pass, str]:
        secret, now = self._ids.secret(SECRET_LENGTH), self._clock.now()
        leave = Pass(
            id=PassId(self._ids.next()),
            operator=operator,
            station=station,
            digest=sha256(secret.encode()).hexdigest(),
            kind=kind,
            file=file,
            created_at=now,
            expires_at=now + lifetime,
        )
        return leave, secret

    def _url(self, leave: Pass, secret: str, name: str, *, basic: bool, secure: bool) -> str:
        """No fragment, no redirection behind it (2.1 N01)."""
        if secure and not self.policy.secure_url:
            raise NotNow(
                "This server offers no files over HTTPS: set RELEVE_HTTP_TLS_PORT or RELEVE_FILES_URL."
            )
        base = (self.policy.secure_url if secure else self.policy.url).rstrip("/")
        if not basic:
            return f"{base}{PATH}/{_text(leave.id)}.{secret}/{name}"
        parts = urlsplit(base)
        return f"{parts.scheme}://{USER}:{secret}@{parts.netloc}{parts.path}{PATH}/{_text(leave.id)}/{name}"

    # --- files --------------------------------------------------------------------------------------------------

    async def take_in(
        self, leave: Pass, name: str, pieces: AsyncIterator[bytes], declared: int | None = None
    ) -> StoredFile:
        """Keep what a station hands in. Its pass is used up when the file is whole; a broken attempt may be repeated.

        declared: the size that it announces. Raises TooLarge, NoSpace.
        """
        most = await self._room(leave.operator, self.policy.most_log, declared)
        received = await self._box.receive(pieces, most)
        file = self._file(leave.operator, leave.kind, name, received, "")
        file = msgspec.structs.replace(file, station=leave.station, operation=leave.operation)
        try:
            await self._arrived(leave, file)
        except BaseException:
            await self._box.remove(received.place)
            raise
        return file

    async def here_already(self, leave: Pass, pieces: AsyncIterator[bytes]) -> bool:
        """Whether what a station hands in once more is the very file that it handed in with this pass.

        It has to when our answer to the first attempt was lost. Nothing is kept of it.
        """
        if leave.operation is None:
            return False
        operation = OperationId(leave.operation)
        known = [
            file
            for file in await self.of_operation(leave.operator, operation)
            if (file.station, file.kind) == (leave.station, leave.kind)
        ]
        most, size, digest = max((file.size for file in known), default=0), 0, sha256()
        async for piece in pieces:
            size += len(piece)
            if size > most:
                return False
            digest.update(piece)
        return digest.hexdigest() in {file.sha256 for file in known}

    @contextmanager
    def holding(self, leave: Pass) -> Iterator[None]:
        """While a file is being handed in with a pass, nobody else's is."""
        self._open.add(leave.id)
        try:
            yield
        finally:
            self._open.discard(leave.id)

    async def keep(
        self,
        operator: OperatorId,
        kind: FileKind,
        name: str,
        pieces: AsyncIterator[bytes],
        *,
        by: str,
        declared: int | None = None,
    ) -> StoredFile:
        """Keep what a person uploads."""
        try:
            most = await self._room(operator, self.policy.most_firmware, declared)
            received = await self._box.receive(pieces, most)
        except TooLarge as large:
            raise Invalid(f"The file has more than {large.most} bytes.", field="file") from None
        except NoSpace:
            raise NotNow("There is no room for the file: remove others first.") from None
        if not received.size:
            await self._box.remove(received.place)
            raise Invalid("The file is empty.", field="file")
        file = self._file(operator, kind, name, received, by)
        async with self._store.work(operator) as work:
            work.files.add(file)
        return file

    async def get(self, operator: OperatorId, file: FileId) -> StoredFile:
        """What is known of a file; NotFound."""
        async with self._store.work(operator) as work:
            found = await work.files.get(file)
        if found is None:
            raise NotFound("There is no such file.")
        return found

    async def of_operation(self, operator: OperatorId, operation: OperationId) -> list[StoredFile]:
        """Files that came with an operation, newest first."""
        async with self._store.work(operator) as work:
            return await work.files.of_operation(operation)

    def read(
        self, file: StoredFile, start: int = 0, end: int | None = None
    ) -> AsyncIterator[bytes]:
        """Its content; FileNotFoundError at the first piece when the disk has lost it."""
        return self._box.read(file.place, start, end)

    async def close(self, operation: Operation) -> None:
        """The passes of an operation that came to nothing serve no more."""
        async with self._store.work(operation.operator) as work:
            work.files.end_passes(operation.station, operation.id)

    async def remove(self, operator: OperatorId, file: FileId) -> None:
        """Remove a file for good: first the row, so that none points to nothing."""
        found = await self.get(operator, file)
        async with self._store.work(operator) as work:
            work.files.remove(found.id)
        await self._box.remove(found.place)

    async def retire(self, operator: OperatorId) -> int:
        """Remove what stations handed in too long ago; how many."""
        if not self.policy.log_days:
            return 0
        before = self._clock.now() - timedelta(days=self.policy.log_days)
        async with self._store.work(operator) as work:
            old = await work.files.older(FileKind.LOG, before)
        for file in old:
            await self.remove(operator, file.id)
        return len(old)

    async def sweep(self) -> int:
        """Remove what a crash left of unfinished uploads."""
        return await self._box.sweep(24 * 3600)

    async def _room(self, operator: OperatorId, most: int, declared: int | None) -> int:
        async with self._store.work(operator) as work:
            left = self.policy.quota - await work.files.total()
        if left <= 0 or (declared is not None and most >= declared > left):
            raise NoSpace
        if declared is not None and declared > most:
            raise TooLarge(most)
        return min(most, left)

    def _file(
        self, operator: OperatorId, kind: FileKind, name: str, received: Received, by: str
    ) -> StoredFile:
        now = self._clock.now()
        return StoredFile(
            id=FileId(self._ids.next()),
            operator=operator,
            kind=kind,
            name=safe_name(name, f"{kind}-{now:%Y%m%dT%H%M%SZ}"),
            size=received.size,
            sha256=received.sha256,
            md5=received.md5,
            place=received.place,
            by=by,
            created_at=now,
        )

    async def _arrived(self, leave: Pass, file: StoredFile) -> None:
        async with self._store.work(leave.operator) as work:
            work.files.add(file)
            work.files.use_pass(leave, file.created_at)
            await _attach(work, file)
            station = await work.stations.get(leave.station) if leave.station else None
            if station is not None:
                work.announce(
                    FileArrived(
                        operator=file.operator,
                        station=station.id,
                        identity=station.identity,
                        at=file.created_at,
                        file=file.id,
                        name=file.name,
                        size=file.size,
                        operation=file.operation,
                    )
                )


async def _attach(work: Work, file: StoredFile) -> None:
    """The operation that asked for it knows its file."""
    if file.operation is None:
        return
    operation = await work.operations.get(OperationId(file.operation))
    if operation is not None:
        about = {"file": {"id": str(file.id), "name": file.name, "size": file.size}}
        work.operations.save(
            msgspec.structs.replace(
                operation, result={**operation.result, **about}, updated_at=file.created_at
            )
        )


def _text(number: int) -> str:
    """A row id in base 36: addresses have 512 characters in 2.0.1, and people read them out."""
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits or "0"


def _number(text: str) -> int | None:
    if not text or len(text) > 13 or not text.isascii() or not text.isalnum():
        return None
    number = int(text, 36)
    return number if number < 1 << 63 else None
