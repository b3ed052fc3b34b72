"""This install's secret: the pepper of station passwords. Kept in a file of its own, outside the database."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from releve.settings import SettingsError


def load_secret(path: Path) -> bytes:
    """Read the secret; make it when the file is missing (mode 0600). Losing it means new passwords for all stations."""
    try:
        text = path.read_text("ascii").strip()
    except FileNotFoundError:
        return _make(path)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: the secret cannot be read ({error})") from error
    if len(text) < 32:
        raise SettingsError(
            f"{path}: the secret is too short; restore it, or remove the file to make a new one"
        )
    return text.encode()


def _make(path: Path) -> bytes:
    text = secrets.token_urlsafe(48)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    return text.encode()
