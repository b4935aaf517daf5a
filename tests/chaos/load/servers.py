"""Small HTTP servers in threads, good and bad."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Seen:
    """What a server saw: the connections it accepted, and the headers of each request."""

    connections: int = 0
    headers: list[dict[str, str]] = field(default_factory=list)
    url: str = ""
    hung_up: threading.Event = field(default_factory=threading.Event)
    """Set once the server has closed a connection."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256


@contextmanager
def answering(
    status: int = 200, delay_seconds: float = 0.0, requests_each: int = 10**9, hang_up: bool = False
) -> Iterator[Seen]:
    """Answers each request; closes a connection in mid-request after `requests_each` requests on it.

    With `hang_up` it closes each connection after an answer that did not say so.
    """
    seen = Seen()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def setup(self) -> None:
            super().setup()
            seen.connections += 1
            self.count = 0

        def do_GET(self) -> None:
            seen.headers.append({name.lower(): value for name, value in self.headers.items()})
            self.count += 1
            if self.count > requests_each:
                self.close_connection = True
                return
            time.sleep(delay_seconds)
            self.send_response(status)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")
            self.close_connection = hang_up

        def finish(self) -> None:
            super().finish()
            self.connection.close()
            seen.hung_up.set()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = _Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    seen.url = f"http://127.0.0.1:{server.server_port}/"
    try:
        yield seen
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def silent() -> Iterator[Seen]:
    """Accepts connections and never answers."""
    seen = Seen()
    listener = socket.create_server(("127.0.0.1", 0))
    seen.url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    try:
        yield seen
    finally:
        listener.close()


def closed_port() -> int:
    """A port on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port
