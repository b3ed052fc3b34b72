"""An HTTP server for files that stations fetch and hand in."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Shelf:
    """An HTTP server that keeps what is put on it."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {"/fw/controller-4.5.6.bin": b"\x00" * 1000}
        self.refused_methods: set[str] = set()
        shelf = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                content = shelf.files.get(self.path)
                self._end(404 if content is None else 200, content or b"")

            def do_PUT(self) -> None:
                content = self.rfile.read(int(self.headers["Content-Length"]))
                if self.command in shelf.refused_methods:
                    self._end(405, b"")
                    return
                shelf.files[self.path] = content
                self._end(201, b"")

            def do_POST(self) -> None:
                self.do_PUT()

            def _end(self, status: int, content: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                """Tests are quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
