"""Tables, migrations, the unit of work with its group commit, the outbox."""

from releve.storage.backend import StoreUnavailable
from releve.storage.committer import Stats
from releve.storage.ids import SystemIds
from releve.storage.migrate import migrate, pending_migrations
from releve.storage.store import SqlStore, open_store

__all__ = [
    "SqlStore",
    "Stats",
    "StoreUnavailable",
    "SystemIds",
    "migrate",
    "open_store",
    "pending_migrations",
]
