"""Keep-alive HTTP connections that send each request exactly once.

Turns a URL and headers into a status. Invariant: what the caller is told is what happened to this one attempt. Clients
made for convenience send a request again when a connection closes under it (geventhttpclient does so as often as its
pool has places), which hides exactly the failures that a trial is there to count; retries belong to the mesh.

Plain `http.client` sockets: under gevent, whose patches the generator's process has applied, they do not block others.
"""

from __future__ import annotations

import select
from collections import deque
from collections.abc import Mapping
from http.client import HTTPConnection
from urllib.parse import urlsplit


class Connections:
    """The connections to one host. Not bounded: an open loop never waits for a place."""

    def __init__(self, url: str, timeout_seconds: float) -> None:
        parts = urlsplit(url)
        if parts.scheme != "http" or parts.hostname is None:
            raise ValueError(f"not an http URL: {url}")
        self._host, self._port = parts.hostname, parts.port or 80
        self._timeout = timeout_seconds
        self._path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._idle: deque[HTTPConnection] = deque()

    def get(self, headers: Mapping[str, str]) -> int:
        """Sends one GET and reads the whole answer; the status. Raises OSError or HTTPException.

        A connection on which anything went wrong, a timeout thrown in from outside included, is closed and not used
        again, so that one dead server cannot spoil a later request.
        """
        connection = self._take()
        kept = False
        try:
            connection.request("GET", self._path, headers=dict(headers))
            response = connection.getresponse()
            response.read()
            kept = not response.will_close
            return response.status
        finally:
            if kept:
                self._idle.append(connection)
            else:
                connection.close()

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()

    def _take(self) -> HTTPConnection:
        # The one used last is taken first: it is the one most likely to be still open at the other end.
        while self._idle:
            connection = self._idle.pop()
            if _open(connection):
                return connection
            connection.close()
        return HTTPConnection(self._host, self._port, timeout=self._timeout)


def _open(connection: HTTPConnection) -> bool:
    """An idle connection with something to read has been closed at the other end, or is out of step."""
    if connection.sock is None:
        return False
    poll = select.poll()
    poll.register(connection.sock, select.POLLIN)
    return not poll.poll(0)
