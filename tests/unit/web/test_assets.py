"""Static files: complete, compressed, lasting, and nothing else."""

from __future__ import annotations

import gzip
import re

import pytest

from releve.web import assets

NEEDED = [
    "vendor/tabler.min.css",
    "vendor/htmx.min.js",
    "vendor/uplot.min.js",
    "css/shell.css",
    "logo.svg",
]


@pytest.mark.parametrize("name", NEEDED)
async def test_a_file_is_served_compressed_and_for_long(browser, name):
    answer = await browser.get(assets.address(name), **{"Accept-Encoding": "gzip"})
    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]
    assert answer.content == assets.assets()[name].content
    plain = await browser.get(assets.address(name), **{"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == answer.content


async def test_an_old_address_is_not_kept(browser):
    answer = await browser.get("/static/000000000000/css/shell.css")
    assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "path", ["x/nothing.css", "x/../__init__.py", "x/%2e%2e/console.py", "x//etc/passwd"]
)
async def test_nothing_else_can_be_reached(browser, path):
    assert (await browser.get(f"/static/{path}")).status_code == 404


async def test_browsers_find_the_icon(browser):
    answer = await browser.get("/favicon.ico")
    assert answer.headers["content-type"].startswith("image/svg+xml")


def test_a_template_cannot_name_a_missing_file():
    with pytest.raises(KeyError, match=r"nope\.css"):
        assets.address("nope.css")


def test_the_compressed_file_is_the_file():
    asset = assets.assets()["vendor/tabler.min.css"]
    assert gzip.decompress(asset.compressed) == asset.content
    assert len(asset.compressed) < len(asset.content) / 5


def test_the_icons_of_templates_are_in_the_sprite():
    sprite = assets.assets()["vendor/icons.svg"].content.decode()
    known = set(re.findall(r'<symbol id="([\w-]+)"', sprite))
    used = set()
    for path in assets.ROOT.parent.rglob("templates/**/*.html"):
        used |= set(re.findall(r'(?:icon|empty)\("([\w-]+)"', path.read_text("utf-8")))
        used |= set(re.findall(r'(?:tile|entry)\("[^"]*", "([\w-]+)"', path.read_text("utf-8")))
    commands = (assets.ROOT.parent / "commands.py").read_text("utf-8")
    used |= set(re.findall(r'CommandForm\(\s+"[a-z-]+",\s+N_\("[^"]+"\),\s+"([a-z-]+)",', commands))
    assert len(used) > 20
    assert used <= known


def test_nothing_of_a_page_is_inline():
    """The policy forbids it; better to fail here than in a browser."""
    inline = re.compile(
        r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|hx-on|javascript:", re.I
    )
    for path in assets.ROOT.parent.rglob("templates/**/*.html"):
        assert not inline.findall(path.read_text("utf-8")), path.name
