"""picows (C and Cython) on uvloop, answering a fixed frame: the fastest WebSocket library for Python that was found.

No compression, no reassembly of fragments, and its handshake knows neither the peer's address nor its certificate: the
reasons why it is measured here and not used.
"""

from __future__ import annotations

import asyncio

import uvloop
from picows import WSFrame, WSListener, WSMsgType, WSTransport, WSUpgradeRequest, ws_create_server

ANSWER = b'[3,"0000000000000000000000",{}]'


class Echo(WSListener):
    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.TEXT:
            frame.get_payload_as_bytes()
            transport.send(WSMsgType.TEXT, ANSWER)
        elif frame.msg_type == WSMsgType.CLOSE:
            transport.disconnect()


def listener(_: WSUpgradeRequest) -> Echo:
    return Echo()


async def main() -> None:
    """Serve until killed."""
    server = await ws_create_server(listener, "127.0.0.1", 0, backlog=4096)
    print("READY", server.sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main())
