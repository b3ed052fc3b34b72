"""Files that stations hand in and fetch: what works, and what somebody may try there."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from releve.api.transfers import Transfers, with_transfers
from releve.domain.file import FileKind, safe_name
from releve.domain.ids import DEFAULT_OPERATOR, StationId
from releve.services.files import FileDesk, Ticket
from releve.services.ports.files import TooLarge
from releve.storage.file_box import FileBox
from tests.support.handing_in import hand_in, post_form
from tests.support.running import Running, running

MOST = 64 * 1024
HOUR = timedelta(hours=1)
_numbers = count(1)


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(tmp_path, files_log_size=MOST, files_quota=4 * MOST) as started:
        yield started


def desk(node: Running) -> FileDesk:
    return node.node.services.files


async def invited(
    node: Running, lifetime: timedelta = HOUR, operation: int | None = None, **how: Any
) -> Ticket:
    """Leave for a station to hand in a file."""
    station = StationId(int(await node.add_station(f"S-{next(_numbers)}")))
    ticket = desk(node).invite(DEFAULT_OPERATOR, station, lifetime, **how)
    async with node.node.store.work(DEFAULT_OPERATOR) as work:
        work.files.add_pass(msgspec.structs.replace(ticket.leave, operation=operation))
    return ticket


async def kept(node: Running) -> list[dict[str, Any]]:
    return (await node.get("/files"))["items"]


def on_disk(tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "files").rglob("*") if path.is_file()]


async def test_put_into_a_folder_and_post_of_a_form(node: Running) -> None:
    assert (await hand_in((await invited(node)).url, b"by put", "a.txt")).status_code == 201
    ticket = await invited(node)
    assert (await post_form(ticket.url, "b.txt", b"by form")).status_code == 201
    ticket = await invited(node)
    header = {"content-disposition": 'form-data:name="uploadfile";filename="c.zip"'}  # N01.FR.19
    async with httpx.AsyncClient() as client:
        plain = await client.post(ticket.url, content=b"by post", headers=header)
    assert plain.status_code == 201
    assert [one["name"] for one in await kept(node)] == ["c.zip", "b.txt", "a.txt"]


async def test_a_name_cannot_lead_anywhere_else(node: Running, tmp_path: Path) -> None:
    for evil in ("..%2f..%2fevil.sh", "%2fetc%2fpasswd", "..\\..\\win.ini", "a%00b", "con.txt"):
        assert (await hand_in((await invited(node)).url, b"x", evil)).status_code == 201
    await post_form((await invited(node)).url, "../../../evil.sh", b"x")
    names = [one["name"] for one in await kept(node)]
    assert not any(set("/\\\x00") & set(name) or name.startswith(".") for name in names)
    assert len(on_disk(tmp_path)) == 6
    assert all(path.parent.parent == tmp_path / "files" for path in on_disk(tmp_path))


@pytest.mark.parametrize("declared", [True, False])
async def test_more_than_is_taken_leaves_nothing(
    node: Running, tmp_path: Path, declared: bool
) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(64):
            yield b"x" * 4096

    ticket = await invited(node)
    content = b"x" * (4 * MOST) if declared else pieces()
    try:
        answer = await hand_in(ticket.url, content, "big.log")
        assert answer.status_code == 413
    except httpx.ReadError:  # hung up on while it was still sending
        assert not declared
    assert (await kept(node), on_disk(tmp_path)) == ([], [])
    assert (await hand_in(ticket.url, b"small", "small.log")).status_code == 201  # it may try again


async def test_the_quota_holds(node: Running) -> None:
    answers = [
        (await hand_in((await invited(node)).url, b"x" * MOST, "full.log")).status_code
        for _ in range(5)
    ]
    assert answers == [201, 201, 201, 201, 507]


async def test_wrong_expired_used_and_mistaken_passes(node: Running) -> None:
    good = await invited(node)
    guessed = good.url[:-5] + "AAAA/"
    assert (await hand_in(guessed, b"x", "a")).status_code == 404
    assert (await hand_in(good.url.rsplit("/f/", 1)[0] + "/f/zzz/", b"x", "a")).status_code == 401
    late = await invited(node, timedelta(seconds=-1))
    assert (await hand_in(late.url, b"x", "a")).status_code == 410
    async with httpx.AsyncClient() as client:
        assert (await client.get(good.url)).status_code == 405
        assert (await client.request("DELETE", good.url)).status_code == 405
    assert (await hand_in(good.url, b"x", "a")).status_code == 201
    assert (await hand_in(good.url, b"y", "a")).status_code == 409  # it served once
    assert len(await kept(node)) == 1


async def test_a_pass_with_a_password_is_not_opened_by_its_address(node: Running) -> None:
    ticket = await invited(node, basic=True)
    bare = ticket.url.replace(ticket.url.split("//")[1].split("@")[0] + "@", "")
    nothing = await hand_in(bare, b"x", "a")
    assert (nothing.status_code, nothing.headers["www-authenticate"][:5]) == (401, "Basic")
    broken = await hand_in(bare, b"x", "a", headers={"authorization": "Basic ???"})
    assert broken.status_code == 401
    token = base64.b64encode(b"station:wrong").decode()
    wrong = await hand_in(bare, b"x", "a", headers={"authorization": f"Basic {token}"})
    assert wrong.status_code == 401
    assert (await hand_in(ticket.url, b"x", "a")).status_code == 201


async def test_a_form_that_is_none(node: Running) -> None:
    ticket = await invited(node)
    form = {"content-type": "multipart/form-data; boundary=x"}
    assert (await hand_in(ticket.url, b"rubbish", "", headers=form)).status_code == 400
    only_fields = b'--x\r\ncontent-disposition: form-data; name="a"\r\n\r\nb\r\n--x--\r\n'
    assert (await hand_in(ticket.url, only_fields, "", headers=form)).status_code == 400
    assert await kept(node) == []


async def test_a_broken_upload_leaves_nothing_and_may_be_repeated(
    node: Running, tmp_path: Path
) -> None:
    ticket = await invited(node)
    _, writer = await _dial(ticket.url)
    writer.write(_head(ticket.url, 1000) + b"half")
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    for _ in range(100):
        if not on_disk(tmp_path) and ticket.leave.id not in desk(node)._open:
            break
        await asyncio.sleep(0.02)
    assert on_disk(tmp_path) == []
    assert (await hand_in(ticket.url, b"whole", "a.log")).status_code == 201


async def test_an_upload_whose_answer_was_lost_is_known_again(
    node: Running, tmp_path: Path
) -> None:
    content = b"2027-01-01T00:00:00Z boot\n" * 1000
    ticket, other = await invited(node, operation=77), await invited(node, operation=78)
    _, writer = await _dial(ticket.url)
    writer.write(_head(ticket.url, len(content)) + content)
    await writer.drain()
    async with asyncio.timeout(20):
        while not await kept(node):  # noqa: ASYNC110 - the answer itself is what must not be read
            await asyncio.sleep(0.02)
    writer.transport.abort()  # it hears nothing of how this ended
    again = await hand_in(ticket.url, content, "a.log")
    assert (again.status_code, again.text) == (200, "This file has been kept already.\n")
    assert (await post_form(ticket.url, "a.log", content)).status_code == 200
    for wrong in (content[:-1], content + b"x", b"X" + content[1:], b""):
        assert (await hand_in(ticket.url, wrong, "a.log")).status_code == 409
    assert (await hand_in(other.url, b"", "empty.log")).status_code == 201
    assert (await hand_in(other.url, content, "a.log")).status_code == 409  # another's file
    assert (await hand_in(other.url, b"", "empty.log")).status_code == 200
    assert [one["size"] for one in await kept(node)] == [0, len(content)]
    assert len(on_disk(tmp_path)) == 2


async def test_a_slow_upload_is_let_go_and_disturbs_nobody(tmp_path: Path) -> None:
    async with running(tmp_path) as node:
        slow = Transfers(desk(node), idle_s=1.0)
        sent: list[dict[str, Any]] = []

        async def never() -> dict[str, Any]:
            await asyncio.sleep(60)
            return {"type": "http.disconnect"}

        async def note(message: dict[str, Any]) -> None:
            sent.append(message)

        ticket = await invited(node)
        scope = {
            "type": "http",
            "method": "PUT",
            "path": "/f/" + ticket.url.split("/f/")[1] + "a.log",
            "headers": [],
        }
        waiting = asyncio.create_task(with_transfers(_nobody, slow)(scope, never, note))
        while not desk(node)._open:  # noqa: ASYNC110 - nothing announces it
            await asyncio.sleep(0.005)
        busy = await hand_in(ticket.url, b"x", "a")
        assert busy.status_code == 409  # one file at a time with one pass
        neighbour = await hand_in((await invited(node, HOUR, basic=False)).url, b"x", "b")
        assert neighbour.status_code == 201
        await waiting
        assert sent[0]["status"] == 408


async def test_downloads_in_parts_and_their_headers(node: Running) -> None:
    content = bytes(range(256)) * 1000

    async def pieces() -> AsyncIterator[bytes]:
        yield content

    file = await desk(node).keep(
        DEFAULT_OPERATOR, FileKind.FIRMWARE, 'fw "1".bin', pieces(), by="me"
    )
    ticket = desk(node).offer(DEFAULT_OPERATOR, None, file, HOUR)
    async with node.node.store.work(DEFAULT_OPERATOR) as work:
        work.files.add_pass(ticket.leave)
    async with httpx.AsyncClient() as client:
        whole = await client.get(ticket.url)
        assert whole.content == content
        assert whole.headers["content-disposition"].startswith("attachment")
        assert whole.headers["x-content-type-options"] == "nosniff"
        assert whole.headers["content-type"] == "application/octet-stream"
        part = await client.get(ticket.url, headers={"range": "bytes=100-199"})
        assert (part.status_code, part.content) == (206, content[100:200])
        assert part.headers["content-range"] == f"bytes 100-199/{len(content)}"
        rest = await client.get(ticket.url, headers={"range": "bytes=255990-"})
        assert rest.content == content[255990:]
        last = await client.get(ticket.url, headers={"range": "bytes=-10"})
        assert last.content == content[-10:]
        beyond = await client.get(ticket.url, headers={"range": "bytes=999999-"})
        assert beyond.status_code == 416
        head = await client.head(ticket.url)
        assert (head.status_code, head.headers["content-length"]) == (200, str(len(content)))
        assert (await client.put(ticket.url, content=b"x")).status_code == 405


async def test_files_are_kept_from_those_without_a_key_and_removed_for_good(
    node: Running, tmp_path: Path
) -> None:
    await hand_in((await invited(node)).url, b"<script>alert(1)</script>", "page.html")
    (one,) = await kept(node)
    path = f"/api/v1/files/{one['id']}"
    async with httpx.AsyncClient(base_url=str(node.client.base_url)) as stranger:
        assert (await stranger.get(f"{path}/content")).status_code == 401
    shown = await node.client.get(f"{path}/content")
    assert shown.headers["content-type"] == "application/octet-stream"
    assert "sandbox" in shown.headers["content-security-policy"]
    assert (await node.client.delete(path)).status_code == 204
    assert (await kept(node), on_disk(tmp_path)) == ([], [])
    assert (await node.client.get(f"{path}/content")).status_code == 404


async def test_old_logs_go_by_themselves(tmp_path: Path) -> None:
    async with running(tmp_path, files_log_days=1) as node:
        await hand_in((await invited(node)).url, b"x", "old.log")
        assert await desk(node).retire(DEFAULT_OPERATOR) == 0
        clock = desk(node)._clock
        later = type("Later", (), {"now": lambda self: clock.now() + timedelta(days=2)})()
        desk(node)._clock = later
        assert await desk(node).retire(DEFAULT_OPERATOR) == 1
        assert on_disk(tmp_path) == []


async def test_the_box_takes_no_place_that_is_not_its_own(tmp_path: Path) -> None:
    box = FileBox(tmp_path / "files")
    for place in ("../../etc/passwd", "", "AB" * 16, "a" * 31):
        with pytest.raises(ValueError, match="no place"):
            await box.remove(place)

    async def much() -> AsyncIterator[bytes]:
        yield b"x" * 100

    with pytest.raises(TooLarge):
        await box.receive(much(), 99)
    assert on_disk(tmp_path) == []


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ("log.txt", "log.txt"),
        ("/var/log/../log.txt", "log.txt"),
        ("C:\\logs\\a.zip", "a.zip"),
        ("....", "log"),
        ("", "log"),
        ("NUL.txt", "log"),
        ("ä\n\x1b[31m.txt", "_31m.txt"),
        ("x" * 300 + ".tar", "x" * 116 + ".tar"),
    ],
)
def test_names_are_made_safe(given: str, made: str) -> None:
    assert safe_name(given, "log") == made


async def _nobody(scope: Any, receive: Any, send: Any) -> None:
    raise AssertionError("this is no address of the application")


async def _dial(url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    host, port = url.split("//")[1].split("/", maxsplit=1)[0].split(":")
    return await asyncio.open_connection(host, int(port))


def _head(url: str, length: int) -> bytes:
    path = "/f/" + url.split("/f/")[1]
    return f"PUT {path}a.log HTTP/1.1\r\nhost: x\r\ncontent-length: {length}\r\n\r\n".encode()
