"""The generator's client keeps connections and hides nothing: one attempt, and what came of it."""

from __future__ import annotations

from http.client import HTTPException

import pytest

from seatrial.chaos.load.connections import Connections

from .servers import answering, closed_port, silent

pytestmark = pytest.mark.live


def test_a_connection_is_used_again() -> None:
    with answering() as server:
        connections = Connections(server.url, 2.0)
        assert [connections.get({}) for _ in range(5)] == [200] * 5
        connections.close()
    assert server.connections == 1


def test_an_error_status_is_told_and_the_connection_kept() -> None:
    with answering(status=503) as server:
        connections = Connections(server.url, 2.0)
        assert [connections.get({}) for _ in range(3)] == [503] * 3
        connections.close()
    assert server.connections == 1


def test_a_connection_closed_under_a_request_is_an_error_and_not_a_silent_second_attempt() -> None:
    with answering(requests_each=0) as server:
        connections = Connections(server.url, 2.0)
        with pytest.raises((OSError, HTTPException)):
            connections.get({})
    assert len(server.headers) == 1


def test_after_a_closed_connection_the_next_request_succeeds_on_a_new_one() -> None:
    with answering(requests_each=2) as server:
        connections = Connections(server.url, 2.0)
        outcomes: list[int | str] = []
        for _ in range(6):
            try:
                outcomes.append(connections.get({}))
            except (OSError, HTTPException):
                outcomes.append("closed")
        connections.close()
    assert outcomes == [200, 200, "closed", 200, 200, "closed"]


def test_a_refused_connection_is_an_error() -> None:
    with pytest.raises(OSError):
        Connections(f"http://127.0.0.1:{closed_port()}/", 2.0).get({})


def test_a_server_that_never_answers_runs_into_the_timeout() -> None:
    with silent() as server, pytest.raises(OSError):
        Connections(server.url, 0.1).get({})


def test_an_idle_connection_that_the_server_closed_is_not_used_again() -> None:
    with answering(hang_up=True) as server:
        connections = Connections(server.url, 2.0)
        for _ in range(3):
            assert connections.get({}) == 200
            assert server.hung_up.wait(5)
            server.hung_up.clear()
        connections.close()
    assert server.connections == 3
