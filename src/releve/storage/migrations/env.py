"""Alembic wants this file to be there; `releve.storage.migrating` prepares the environment itself."""
