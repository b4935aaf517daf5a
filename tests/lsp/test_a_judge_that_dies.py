"""The process that judges may be ended by the system: the editor's log says so, and the text is judged all the same."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path

from lsprotocol import types

from .editor import SECONDS, Editor, with_editor
from .test_in_an_editor import SPEC

REFUTED = SPEC.replace("30ms, p99 120ms", "30s, p99 120s")


def _judges() -> set[int]:
    """The processes of the server that this process started which judge."""
    parents: dict[int, int] = {}
    judging: set[int] = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            if b"seatrial.lsp.worker" in (folder / "cmdline").read_bytes():
                judging.add(int(folder.name))
        except OSError:
            continue  # it ended meanwhile
    return {one for one in judging if parents.get(parents[one]) == os.getpid()}


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(SECONDS):
        while not holds():
            await asyncio.sleep(0.01)


def _is_refuted(found: list[types.Diagnostic]) -> bool:
    return any(str(one.code).startswith("ST2") for one in found)


def test_it_is_told_and_the_text_is_judged_once_more(tmp_path: Path) -> None:
    async def session(editor: Editor) -> None:
        uri = editor.open(REFUTED)
        await _until(lambda: bool(_judges()))
        (first,) = _judges()
        os.kill(first, signal.SIGKILL)
        assert await editor.until(uri, _is_refuted)
        assert _judges() != {first}
        (said,) = editor.logged
        assert "ended by itself (signal 9)" in said and "judged once more" in said

    with_editor(tmp_path, session)


def test_a_text_that_ends_it_twice_is_left_until_it_changes(tmp_path: Path) -> None:
    async def session(editor: Editor) -> None:
        uri = editor.open(SPEC)
        for count in (1, 2):
            await _until(lambda: bool(_judges()))
            (one,) = _judges()
            os.kill(one, signal.SIGKILL)
            await _until(lambda count=count: len(editor.logged) == count)  # type: ignore[misc]
        assert "the next change starts another" in editor.logged[1]
        await asyncio.sleep(0.5)
        assert not _judges()
        editor.change(uri, None, REFUTED)
        assert await editor.until(uri, _is_refuted)

    with_editor(tmp_path, session)
