"""Which database a URL means."""

from pathlib import Path

import pytest

from releve.storage.url import PostgresServer, SqliteFile, parse


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///releve.db", "releve.db"),
        ("sqlite:////var/lib/releve.db", "/var/lib/releve.db"),
        ("sqlite:///with%20space.db", "with space.db"),
    ],
)
def test_sqlite(url, path):
    assert parse(url) == SqliteFile(Path(path))


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_postgres(scheme):
    assert parse(f"{scheme}://u:p@h:5432/d?sslmode=require") == PostgresServer(
        "postgresql://u:p@h:5432/d?sslmode=require"
    )


@pytest.mark.parametrize(
    "url",
    [
        "",
        "releve.db",
        "mysql://h/d",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "postgresql://u:secret@h",
        "sqlite://releve.db",
    ],
)
def test_what_means_no_database_is_explained_without_secrets(url):
    with pytest.raises(ValueError, match=r"URL|sqlite") as caught:
        parse(url)
    assert "secret" not in str(caught.value)
