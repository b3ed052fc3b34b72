"""Which database a URL means."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit


@dataclass(frozen=True, slots=True)
class SqliteFile:
    """`sqlite:///relative/path.db` or `sqlite:////absolute/path.db`."""

    path: Path

    @property
    def name(self) -> str:
        """What messages call it."""
        return str(self.path)

    def make(self) -> None:
        """Create the file and its directory, for their owner only, when they are not there. OSError when it cannot."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self.path.exists():
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """`postgresql://user:password@host:port/database?options`."""

    url: str

    @property
    def name(self) -> str:
        """What messages call it: without user and password."""
        parts = urlsplit(self.url)
        return parts.netloc.rpartition("@")[2] + parts.path


def parse(url: str) -> SqliteFile | PostgresServer:
    """Read a database URL. ValueError says in words what is wrong with it; it never repeats a password."""
    scheme, _, rest = url.partition("://")
    if scheme == "sqlite":
        if not rest.startswith("/") or len(rest) < 2 or rest == "/:memory:":
            raise ValueError(
                "an SQLite URL names a file: sqlite:///releve.db or sqlite:////var/lib/releve.db"
            )
        return SqliteFile(Path(unquote(rest[1:])))
    if scheme in ("postgresql", "postgres"):
        if not urlsplit(url).path.strip("/"):
            raise ValueError(
                "the PostgreSQL URL names no database: postgresql://user@host/database"
            )
        return PostgresServer("postgresql://" + rest)
    raise ValueError("the database URL must begin with sqlite:/// or postgresql://")
