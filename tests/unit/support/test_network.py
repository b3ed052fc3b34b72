"""The suite's own walls: a guard that guards nothing would go unnoticed."""

import asyncio
import socket

import pytest
import uvloop

from tests.support.network import NetworkForbidden

ELSEWHERE = "192.0.2.1"  # RFC 5737: an address that no machine has


async def test_async_tests_run_on_uvloop():
    assert isinstance(asyncio.get_running_loop(), uvloop.Loop)


async def test_uvloop_cannot_leave_the_machine():
    with pytest.raises(NetworkForbidden):
        await asyncio.open_connection(ELSEWHERE, 80)


def test_a_plain_socket_cannot_leave_the_machine():
    with socket.socket() as sock, pytest.raises(NetworkForbidden):
        sock.connect((ELSEWHERE, 80))


def test_no_name_is_looked_up():
    with pytest.raises(NetworkForbidden):
        socket.getaddrinfo("example.org", 80)


async def test_this_machine_is_reached():
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello")
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        assert await reader.read() == b"hello"
        writer.close()
        await writer.wait_closed()
