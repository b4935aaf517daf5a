"""Checked specs -> a folder with each guarantee as SMT-LIB 2.6, and an index of what every text should come to."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from seatrial.compiler.pipeline import Checked
from seatrial.compiler.verify.documents import Document, documents

from .files import Edited, NotOurs, keep_edits, write_folder
from .json_text import json_text
from .refusal import Refused, not_written

INDEX = "index.json"


def write_smt(folder: Path, results: Sequence[Checked]) -> None:
    """Replaces the folder as a whole; each spec has a folder of its own in it, named after its file."""
    files: dict[str, bytes] = {}
    index: list[dict[str, object]] = []
    taken: set[str] = set()
    for result in results:
        assert result.fleet is not None
        path = result.reading.source.path
        home = _home(path, taken)
        answers = {one.id: one.status.value for one in result.findings}
        told = []
        for one in documents(result.fleet):
            name = f"{home}/{one.name}"
            files[name] = one.text.encode("utf-8", "replace")
            told.append(_entry(name, one, answers.get(one.obligation.id)))
        index.append({"spec": path, "guarantees": told})
    files[INDEX] = json_text({"specs": index}).encode()
    try:
        keep_edits(folder, files)
        write_folder(folder, files)
    except Edited as error:
        raise Refused(f"{error}; delete what is edited, or name another folder with --emit-smt") from None
    except NotOurs as error:
        raise Refused(str(error).replace("--out", "--emit-smt")) from None
    except OSError as error:
        raise not_written(folder, error) from None


def _entry(name: str, one: Document, status: str | None) -> dict[str, object]:
    """`expected` are the answers to the text's questions, in order; `status` is what the checker told in the end."""
    return {
        "id": one.obligation.id,
        "claim": one.obligation.claim,
        "code": one.obligation.code,
        "at": str(one.obligation.at),
        "status": status,
        "file": name,
        "expected": [answer.value for answer in one.expected],
    }


def _home(path: str, taken: set[str]) -> str:
    stem = PurePosixPath(path.replace("\\", "/")).stem.strip("<>") or "spec"
    name, number = stem, 2
    while name.lower() in taken or name.lower() == INDEX:
        name, number = f"{stem}-{number}", number + 1
    taken.add(name.lower())
    return name
