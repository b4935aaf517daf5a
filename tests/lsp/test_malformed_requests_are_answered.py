"""A request whose parameters are none is answered with JSON-RPC's -32602, and the server goes on."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from .editor import COMMAND, SECONDS

INVALID_PARAMS = -32602
URI = "file:///t.fleet"
HOVER = "textDocument/hover"


def framed(*messages: dict[str, Any]) -> bytes:
    out = b""
    for one in messages:
        body = json.dumps({"jsonrpc": "2.0", **one}).encode()
        out += b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
    return out


def answers(*asked: tuple[str, Any]) -> tuple[dict[Any, dict[str, Any]], str]:
    """What the server answers by the number of each request, and what it writes to standard error."""
    start = {"id": "start", "method": "initialize", "params": {"capabilities": {}, "processId": None, "rootUri": None}}
    requests = [{"id": number, "method": method, "params": params} for number, (method, params) in enumerate(asked)]
    end = [{"id": "end", "method": "shutdown"}, {"method": "exit"}]
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, "lsp"],
        input=framed(start, {"method": "initialized", "params": {}}, *requests, *end),
        capture_output=True,
        timeout=SECONDS * 3,
        check=False,
    )
    found: dict[Any, dict[str, Any]] = {}
    rest = done.stdout
    while rest:
        head, _, rest = rest.partition(b"\r\n\r\n")
        length = int(head.split(b"Content-Length:")[1].split()[0])
        one = json.loads(rest[:length])
        rest = rest[length:]
        if "id" in one and "method" not in one:
            found[one["id"]] = one
    return found, done.stderr.decode()


MALFORMED: list[tuple[str, Any]] = [
    (HOVER, {"textDocument": 5}),
    (HOVER, {"textDocument": {"uri": URI}}),
    (HOVER, {"textDocument": {"uri": URI}, "position": {"line": -1, "character": 0}}),
    (HOVER, {"textDocument": {"uri": URI}, "position": {"line": "a", "character": 0}}),
    (HOVER, [1, 2]),
    (HOVER, None),
    ("textDocument/completion", {}),
    ("textDocument/rename", {"textDocument": {"uri": URI}, "position": {"line": 0, "character": 0}}),
    ("textDocument/codeAction", {"textDocument": {"uri": URI}, "range": 3, "context": {}}),
    ("workspace/executeCommand", {"command": "seatrial.explain", "arguments": []}),
    ("workspace/executeCommand", {"command": "no.such.command"}),
]


@pytest.fixture(scope="module")
def told() -> tuple[dict[Any, dict[str, Any]], str]:
    return answers(*MALFORMED, ("textDocument/documentSymbol", {"textDocument": {"uri": URI}}))


@pytest.mark.parametrize("number", range(len(MALFORMED)), ids=lambda number: MALFORMED[number][0])
def test_it_is_answered_with_invalid_params(number: int, told: tuple[dict[Any, dict[str, Any]], str]) -> None:
    error = told[0][number]["error"]
    assert error["code"] == INVALID_PARAMS
    assert "Traceback" not in json.dumps(error) and error["message"]


def test_the_place_in_the_parameters_is_said(told: tuple[dict[Any, dict[str, Any]], str]) -> None:
    assert "request.params.position" in told[0][1]["error"]["message"]
    assert "request.params.textDocument.uri" in told[0][0]["error"]["message"]


def test_the_server_goes_on_and_nothing_is_traced(told: tuple[dict[Any, dict[str, Any]], str]) -> None:
    found, log = told
    assert found[len(MALFORMED)]["result"] == [] and found["end"]["result"] is None
    assert "Traceback" not in log
