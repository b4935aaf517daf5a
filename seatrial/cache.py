"""What a check said, kept for the next time nothing has changed.

Turns a question (the options and the specs' names) into the answer of an earlier run, if every file that was read then
still has the same content. Invariant: an entry is only ever taken whole and only where its own digest agrees, so that
a damaged file, or one that is being written, is as good as none; nothing in here can make a command fail.

Entries are JSON in `$SEATRIAL_CACHE_DIR`, else `$XDG_CACHE_HOME/seatrial`, else `~/.cache/seatrial`; no entry is older
than a month. `--no-cache` looks at none.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from . import __version__
from .texts import Unreadable, content_of

KEPT_SECONDS = 30 * 86_400
_NO_PLACE = (OSError, RuntimeError)
"""Whoever has no name on a machine, as in some containers, has no home either: then `Path.home` raises the latter."""
MISSING = "-"
"""The digest of what could not be read: an answer may rest on a file's absence."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes to standard error and output, the last line on each spec alone, and the exit code.

    `parts`: a line on each file that was given and is a part of another one.
    """

    aside: str
    report: str
    conclusion: str
    code: int
    parts: str = ""


def digest_of(path: Path) -> str:
    """The digest of a file's content, or of the names in a folder; a pipe has none that could come again."""
    try:
        if path.is_dir():
            content = "\0".join(sorted(one.name for one in path.iterdir())).encode()
        else:
            content = content_of(path, regular=True)
    except (OSError, Unreadable):
        return MISSING
    return digest_of_bytes(content)


def digest_of_bytes(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def recall(question: object) -> Answer | None:
    """The answer to the same question, if all that it rested on is unchanged."""
    try:
        entry = json.loads(_place(question).read_text(encoding="utf-8"))
        body = entry["body"]
        if entry["digest"] != _digest(body) or time.time() - body["at"] > KEPT_SECONDS:
            return None
        if any(digest_of(Path(path)) != digest for path, digest in body["files"].items()):
            return None
        return Answer(**body["answer"])
    except (*_NO_PLACE, ValueError, KeyError, TypeError):
        return None


def keep(question: object, files: Mapping[str, str], answer: Answer) -> None:
    """Keeps an answer; `files` are the digests of what was read, as it was read."""
    body = {"at": time.time(), "files": dict(files), "answer": asdict(answer)}
    with contextlib.suppress(*_NO_PLACE):
        place = _place(question)
        place.parent.mkdir(parents=True, exist_ok=True)
        # Written beside and moved in place: of two that write at once the last one wins, whole.
        descriptor, draft = tempfile.mkstemp(dir=place.parent, prefix=".draft-")
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
                json.dump({"digest": _digest(body), "body": body}, stream)
            Path(draft).replace(place)
        except OSError:
            Path(draft).unlink(missing_ok=True)
        _forget_old(place.parent)


def _digest(body: object) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def _place(question: object) -> Path:
    base = os.environ.get("SEATRIAL_CACHE_DIR")
    folder = Path(base) if base else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "seatrial"
    return folder / f"{_digest([_program(), str(Path.cwd()), question])}.json"


def _program() -> list[object]:
    """The version, and the age of the code itself: an editable installation changes without a new version."""
    root = Path(__file__).parent
    newest = 0
    for folder, folders, names in os.walk(root, followlinks=True):
        folders[:] = [one for one in folders if one != "__pycache__"]
        newest = max(newest, *(os.stat(os.path.join(folder, one)).st_mtime_ns for one in names), newest)  # noqa: PTH116, PTH118
    return [__version__, newest]


def _forget_old(folder: Path) -> None:
    now = time.time()
    for entry in folder.iterdir():
        if now - entry.stat().st_mtime > KEPT_SECONDS:
            entry.unlink(missing_ok=True)
