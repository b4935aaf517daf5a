"""Files on disk -> a checked spec. The only place where the compiler's input is read."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path

from seatrial.compiler.memory import Memory
from seatrial.compiler.pipeline import PLAIN, Checked, Reading, Variant, judge, read
from seatrial.compiler.verify.check import Depth
from seatrial.compiler.verify.decided import Watch, unwatched
from seatrial.dsl.compose import with_used
from seatrial.dsl.diagnostics import Diagnostic, Label, Severity
from seatrial.dsl.exchange import parse_any
from seatrial.dsl.source import Source, Span
from seatrial.dsl.syntax import File

from .cache import MISSING, digest_of, digest_of_bytes
from .solver import ProcessSolver, shared
from .texts import (
    Undeclared,
    Unreadable,
    content_of,
    decoded,
    is_folder,
    nearby,
    parts_in,
    plain,
    regular_text,
    text_of,
)

USED = (".fleet", ".yaml", ".yml", ".json")
"""Endings of files that a spec may use."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A spec with the texts it was made from.

    `assets`: the text of each trace by the name of its demand. `files`: the digests of all files and folders that were
    looked at, those that could not be read included.
    """

    checked: Checked
    assets: Mapping[str, str]
    files: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Opened:
    """A spec that was read and not yet judged, with its traces and the digests of what was looked at."""

    reading: Reading
    assets: Mapping[str, str]
    files: Mapping[str, str]


def load(
    path: Path | str,
    variant: Variant = PLAIN,
    traces: Mapping[str, Path] | None = None,
    text: str | None = None,
    solver: ProcessSolver | None = None,
    watch: Watch = unwatched,
    texts: Mapping[str, str] | None = None,
    memory: Memory | None = None,
    depth: Depth = Depth.MENDED,
) -> Loaded:
    """Reads and checks a spec. `traces` names other files than the spec does, by demand.

    With `text` the file itself is not read: it is what the file would say, an editor's or a pipe's; `texts` says the
    same of any file, by its path. What needs a solver is asked of `solver`, else of one process that all calls share
    and that ends with this one. With a `memory` a variant of the last spec costs what differs; `depth` is as
    in `judge`.

    Raises Unreadable where the spec, or a file in `traces`, cannot be read, or where it declares no such environment
    or let; a missing file that the spec names is a finding at its place.
    """
    texts = dict(texts or {}) | ({} if text is None else {str(Path(path)): text})
    opened = open_spec(path, variant, traces, texts, memory)
    checked = judge(opened.reading, opened.assets, solver or shared(), watch, memory, depth=depth)
    return Loaded(checked, opened.assets, opened.files)


def not_read(path: str, why: Unreadable) -> Checked:
    """What a report has in the place of a spec that is no text: its name, and why nothing was judged."""
    source = Source(path, "")
    message, _, way = str(why).removeprefix(f"{path}: ").partition("; ")
    said = f"{path} cannot be read: {message}" if why.code == Unreadable.code else f"{path} {message}"
    told = (Diagnostic(why.code, Severity.ERROR, said, (Label(Span(source, 0, 0)),), help=way),)
    return Checked(Reading(source, None, (), told), None, (), told)


def open_spec(
    path: Path | str,
    variant: Variant = PLAIN,
    traces: Mapping[str, Path] | None = None,
    texts: Mapping[str, str] | None = None,
    memory: Memory | None = None,
) -> Opened:
    """Reads a spec, as `load` does, and stops there."""
    path, texts = Path(path), texts or {}
    looked_at: dict[str, str] = {}

    def text(file: Path, *, regular: bool = True) -> str:
        looked_at[str(file)] = MISSING
        content = content_of(file, regular=regular)
        looked_at[str(file)] = digest_of_bytes(content)
        return decoded(content, str(file))

    def library(user: Source, name: str) -> tuple[Source, ...] | str:
        folder = Path(user.path).parent / name
        looked_at[str(folder)] = digest_of(folder) if is_folder(folder) else MISSING
        found = used(user, name, text)
        if isinstance(found, str):
            return found
        return tuple(Source(one.path, plain(texts[one.path])) if one.path in texts else one for one in found)

    given = texts.get(str(path))
    source = Source(str(path), plain(text(path, regular=False) if given is None else given))
    reading = read(source, library, variant, _parsed, memory)
    declared(path, "environment", [variant.environment] if variant.environment else [], reading.environments)
    declared(path, "let", variant.settings, reading.lets)
    declared(path, "demand with a trace", traces or {}, reading.traces)
    assets: dict[str, str] = {}
    for demand, name in reading.traces.items():
        file = (traces or {}).get(demand, Path(name))
        if demand in (traces or {}):
            assets[demand] = text(file, regular=False)
            continue
        with contextlib.suppress(Unreadable):
            assets[demand] = text(file)
    return Opened(reading, assets, looked_at)


@lru_cache(maxsize=256)
def _parsed(source: Source) -> tuple[File | None, tuple[Diagnostic, ...]]:
    """Variants of one spec have all statements in common, by identity."""
    return parse_any(source)


def used(user: Source, name: str, text: Callable[[Path], str] = regular_text) -> tuple[Source, ...] | str:
    """The file that a spec uses, or the .fleet files of a folder in the order of their names; else why there is none.

    Not any file: what is wrong in one is shown with its line, to whoever sees the answer.
    """
    folder = Path(user.path).parent
    path = folder / name
    try:
        if path.is_dir():
            return tuple(Source(str(file), plain(text(file))) for file in parts_in(path)) or "no .fleet file is in it"
        if path.exists() and not {path.suffix, path.resolve().suffix} <= {*USED}:
            return f"neither its name nor what it links to may end otherwise than in {', '.join(USED)}"
        return (Source(str(path), plain(text(path))),)
    except Unreadable as error:
        close = None if path.exists() else nearby(path)
        hint = f"; did you mean {os.path.relpath(close, folder)}?" if close is not None else ""
        return str(error).removeprefix(f"{path}: ").partition("; did you mean")[0] + hint
    except OSError as error:
        return error.strerror or str(error)


def parts_among(paths: Sequence[Path], given: Source | None = None) -> dict[Path, tuple[Path, ...]]:
    """The files without a fleet that others of them use, each with those; what cannot be read is not among them.

    `given` is a text that is in no file: it may use some of them, and none of them uses it.
    """
    files: dict[Path, File | None] = {}
    for path in paths:
        with contextlib.suppress(Unreadable):
            files[path], _ = _parsed(Source(str(path), plain(text_of(path))))
    whole = {path: file for path, file in files.items() if file is not None and _has_fleet(file)}
    others = {path: path.resolve() for path in files if path not in whole}
    if given is not None and (file := _parsed(given)[0]) is not None:
        whole[Path(given.path)] = file
    parts: dict[Path, tuple[Path, ...]] = {}
    for path, file in whole.items() if others else ():
        reached = {Path(one.path).resolve() for one in with_used(file, used, _parsed).sources}
        for part in (one for one, real in others.items() if real in reached):
            parts[part] = (*parts.get(part, ()), path)
    return parts


def _has_fleet(file: File) -> bool:
    return any(one.word == "fleet" for one in file.statements)


def declared(path: Path, what: str, wanted: Iterable[str], known: Collection[str]) -> None:
    for name in wanted:
        if name not in known:
            close = get_close_matches(name, known, n=1)
            hint = (
                f"did you mean {close[0]}?"
                if close
                else f"there are: {', '.join(known)}"
                if known
                else "it declares none"
            )
            raise Undeclared(f"{path}: declares no {what} {name}; {hint}")
