"""The work behind `seatrial check`: specs read, checked and told of.

Apart from the command because it takes the parser and the prover to import, which an answer from the cache does not.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

from seatrial.cache import Answer
from seatrial.compiler.pipeline import Checked
from seatrial.dsl.diagnostics.render import printable
from seatrial.dsl.source import Source
from seatrial.loading import Loaded, not_read, parts_among
from seatrial.solver import ProcessSolver
from seatrial.texts import Unreadable, plain

from .app import FINDINGS, HOLDS, USAGE
from .formats import rendered
from .formats_text import Shown, conclusion, text_of
from .refusal import NotRead
from .smt import write_smt
from .specs import Choices, loaded, uncollected
from .standard_input import DASH, named, text_given


def answered(
    specs: tuple[Path, ...],
    choices: Choices,
    style: str,
    shown: Shown,
    seconds: float,
    stdin_name: str | None = None,
    smt: Path | None = None,
    text: str | None = None,
) -> tuple[Answer, dict[str, str] | None]:
    """The answer, and the digests of the files that it rests on: None where it rests on a clock too.

    `seconds` is what the solver may take for one guarantee; `smt` is the folder for the guarantees as SMT-LIB text.
    `text` is what the specs would say: no file is read for them.
    """
    solver = ProcessSolver(seconds)
    own = _piped(specs, stdin_name)
    parts = parts_among([path for path in specs if str(path) != DASH], own) if len(specs) > 1 else {}
    given: list[Loaded] = []
    results: list[Checked] = []
    missed = ""
    try:
        for path in (one for one in specs if one not in parts):
            try:
                given.append(loaded(path, choices, stdin_name, solver, text))
                results.append(given[-1].checked)
            except NotRead as error:
                if style != "text":
                    results.append(not_read(named(path, stdin_name), error.why))
                elif len(specs) == 1:
                    raise
                else:
                    missed += f"seatrial: {printable(error.message)}\n"
    finally:
        solver.close()
    if smt is not None and not missed and all(result.fleet is not None for result in results):
        write_smt(smt, results)
    with uncollected():
        aside, report = text_of(results, shown) if style == "text" else ("", rendered(style, results, shown.defaults))
    if missed or any(result.fleet is None for result in results):
        code = USAGE
    else:
        code = HOLDS if all(result.verdict == "feasible" for result in results) else FINDINGS
    told = "".join(f"{conclusion(result)}\n" for result in results)
    in_parts = "".join(_of_a_part(part, users) for part, users in parts.items()) + missed
    files = {path: digest for one in given for path, digest in one.files.items()}
    unread = missed or len(given) < len(results)
    if unread or any(finding.late for result in results for finding in result.findings):
        # On a quieter machine it may come out, or with a file that has been mended.
        return Answer(aside, report, told, code, in_parts), None
    return Answer(aside, report, told, code, in_parts), files


def _piped(specs: tuple[Path, ...], stdin_name: str | None) -> Source | None:
    """What standard input says, where it is read and can be."""
    with contextlib.suppress(Unreadable):
        for path in specs:
            if str(path) == DASH:
                return Source(named(DASH, stdin_name), plain(text_given(path, stdin_name)))
    return None


def _of_a_part(part: Path, users: tuple[Path, ...]) -> str:
    others = f" and of {len(users) - 1} more" if len(users) > 1 else ""
    return f"{printable(str(part))}: a part of {printable(str(users[0]))}{others}, checked there\n"
