"""Alembic wants this file to be there; `releve.storage.migrate` prepares the environment itself."""
