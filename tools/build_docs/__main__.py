"""`python -m tools.build_docs [--check]`: write the reference pages, or say if they are stale."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from releve import api
from releve.settings import Settings
from tools.build_docs import settings_page

ROOT = Path(__file__).resolve().parents[2]


def pages() -> dict[Path, str]:
    """Every page that is made here, with what belongs in it."""
    docs = ROOT / "docs"
    return {
        docs / "settings.md": settings_page.page(Settings),
        docs / "openapi.json": openapi_file(),
    }


def openapi_file() -> str:
    """The REST API's OpenAPI document as text that two runs write alike."""
    document = api.openapi_document()
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def main(arguments: list[str]) -> int:
    """0 when written or up to date, 1 when `--check` finds a difference."""
    stale = {
        path: text
        for path, text in pages().items()
        if not path.is_file() or path.read_text("utf-8") != text
    }
    for path, text in stale.items():
        if "--check" in arguments:
            sys.stderr.write(f"out of date: {path.relative_to(ROOT)} (make docs renews it)\n")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
