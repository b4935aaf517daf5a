"""`seatrial check --fix`: refuted guarantees -> the spec's files with other literals, checked again.

Invariant: a round of edits is kept only where nothing is worse after it than before it, in any environment of the spec;
files are written whole, at the end, and only those that changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import click

from seatrial.compiler.passes.resolve import resolve
from seatrial.compiler.pipeline import Variant
from seatrial.compiler.verify import Finding, Nature, Repair, Status
from seatrial.compiler.verify.check import judged
from seatrial.compiler.verify.obligation import Judged
from seatrial.compiler.verify.standing import is_worse
from seatrial.compiler.verify.words import counted, listed
from seatrial.loading import Loaded, open_spec
from seatrial.texts import Unreadable, plain, text_of

from .diffs import unified
from .files import write_one
from .refusal import Refused
from .specs import Choices, loaded

MOST_ROUNDS = 100
MOST_NAMED = 3
_ORDER = list(Nature)

Choose = Callable[[Finding, list[Repair]], Repair | None]
"""Which of the repairs of a finding is to be applied, if any."""


@dataclass(slots=True)
class Fixing:
    """The texts as they stand, by path, and what was done to them."""

    texts: dict[str, str] = field(default_factory=dict)
    before: dict[str, str] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    left: list[Finding] = field(default_factory=list)
    """What is refuted still."""

    def diff(self) -> str:
        return "".join(unified(self.before[path], text, path) for path, text in sorted(self.texts.items()))

    def untouched(self, unsafe: bool, alternative: int) -> str:
        """Why repairs that are known were not applied, of those that nobody was asked about; "" where none is."""
        ids = {nature: [one.id for one in self.left if nature in _natures(one)] for nature in Nature}
        if alternative > 1 and any(_natures(one) & {*_allowed(unsafe)} for one in self.left):
            return f"{_stay([one.id for one in self.left])}: that many repairs are not known"
        if ids[Nature.POLICY]:
            return f"{_stay(ids[Nature.POLICY])}: what mends one makes another worse, or breaks another environment"
        if ids[Nature.PROMISE]:
            if unsafe:
                return (
                    f"{_stay(ids[Nature.PROMISE])}: what mends one makes another worse, or breaks another environment"
                )
            return f"{_stay(ids[Nature.PROMISE])}: known repairs promise less, and only --unsafe-fixes applies those"
        # A clause that nobody wrote has no place in the text to be put at.
        by_hand = [one.id for one in self.left if one.addition or one.remedy]
        facts = [id for id in ids[Nature.WORLD] if id not in by_hand]
        told = [f"{_stay(by_hand)}: `seatrial check` tells what to write"] if by_hand else []
        if facts:
            them = "it" if len(facts) == 1 else "them"
            told.append(f"{_stay(facts)}: other facts would mend {them}, and only --ask takes those")
        return "; ".join(told)

    def write(self) -> None:
        for path, text in self.texts.items():
            write_one(Path(path), text.encode())


def fixed(spec: Path, choices: Choices, choose: Choose) -> Fixing:
    """Round after round until nothing more is chosen."""
    work = Fixing()
    refused: set[tuple[str, ...]] = set()
    for _ in range(MOST_ROUNDS):
        now = loaded(spec, replace(choices, texts=work.texts))
        if now.checked.fleet is None:
            break
        work.left = _refuted(now)
        picked = [one for one in _picked(now, choose, work.texts) if _key(one) not in refused]
        standing = _standing(spec, choices, work.texts)
        # Each was checked alone: together they may be too much, and then they are tried one after the other.
        for group in ([picked] if len(picked) > 1 else []) + [[one] for one in picked]:
            texts = _edited(work.texts, group)
            after = _standing(spec, choices, texts)
            if after is not None and standing is not None and not _is_worse(standing, after):
                work.texts = texts
                work.done += [f"{one.span}: {one.change_alone}" for one in group]
                break
            if len(group) == 1:
                refused.add(_key(group[0]))
        else:
            break
    for path in work.texts:
        work.before[path] = _raw(path)
    return work


def first(unsafe: bool, alternative: int) -> Choose:
    """The first, or `alternative`-th, of the repairs that keep what is promised; with `unsafe` of all but facts."""
    allowed = _allowed(unsafe)

    def choose(_finding: Finding, repairs: list[Repair]) -> Repair | None:
        fitting = [one for one in repairs if one.nature in allowed]
        return fitting[alternative - 1] if len(fitting) >= alternative else None

    return choose


def ask(finding: Finding, repairs: list[Repair]) -> Repair | None:
    """Shows the alternatives on the terminal; Enter leaves the guarantee as it is."""
    click.echo(f"{finding.id}: {finding.witness}", err=True)
    for number, one in enumerate(repairs, 1):
        why = {Nature.POLICY: "", Nature.WORLD: " (if that is a fact)", Nature.PROMISE: " (promises less)"}
        click.echo(f"  {number}  {one.change_alone}{why[one.nature]}", err=True)
    answer = click.prompt(
        "  which (Enter: none)", default=0, type=click.IntRange(0, len(repairs)), err=True, show_default=False
    )
    return repairs[answer - 1] if answer else None


def _picked(now: Loaded, choose: Choose, texts: Mapping[str, str]) -> Iterator[Repair]:
    """At most one a finding, none that touches what another one touches, none for what another one mends.

    Only files can be written, those that an earlier round has changed (`texts`) among them.
    """
    files = now.files.keys() | texts.keys()
    taken: set[tuple[str, int]] = set()
    mended: set[str] = set()
    # What mends most goes first: it may leave nothing to do for the others.
    for finding in sorted(_refuted(now), key=lambda one: -max((len(each.mends) for each in one.repairs), default=0)):
        if finding.id in mended:
            continue
        open_ = [one for one in finding.repairs if all(edit.span.source.path in files for edit in one.edits)]
        one = choose(finding, sorted(open_, key=lambda one: (_ORDER.index(one.nature), -len(one.mends), one.change)))
        places = {(edit.span.source.path, edit.span.start) for edit in one.edits} if one is not None else set()
        if one is not None and not places & taken:
            taken |= places
            mended |= set(one.mends)
            yield one


def _refuted(now: Loaded) -> list[Finding]:
    return [one for one in now.checked.findings if one.status is Status.REFUTED and not one.allowed]


def _allowed(unsafe: bool) -> tuple[Nature, ...]:
    return (Nature.POLICY, Nature.PROMISE) if unsafe else (Nature.POLICY,)


def _natures(finding: Finding) -> set[Nature]:
    return {one.nature for one in finding.repairs}


def _stay(ids: list[str]) -> str:
    more = [counted(len(ids) - MOST_NAMED, "other guarantee")] if len(ids) > MOST_NAMED else []
    return f"{listed([*ids[:MOST_NAMED], *more])} {'stays' if len(ids) == 1 else 'stay'} refuted"


def _key(repair: Repair) -> tuple[str, ...]:
    return tuple(f"{edit.span}={edit.new}" for edit in repair.edits)


def _edited(texts: dict[str, str], repairs: list[Repair]) -> dict[str, str]:
    """The texts with the literals replaced, from the last to the first; line ends and byte order marks stay."""
    # Two repairs may bring the same word with them, as that behind a use of two names.
    edits = dict.fromkeys(edit for one in repairs for edit in one.changes)
    out = dict(texts)
    for path in {span.source.path for span, _ in edits}:
        raw = out.get(path) or _raw(path)
        places = _offsets(raw)
        here = [edit for edit in edits if edit[0].source.path == path]
        for span, new in sorted(here, key=lambda one: one[0].start, reverse=True):
            start, end = places[span.start], places[span.end - 1] + 1
            assert raw[start:end] == span.text, (raw[start:end], span)
            raw = raw[:start] + new + raw[end:]
        out[path] = raw
    return out


def _raw(path: str) -> str:
    try:
        return text_of(Path(path))
    except Unreadable as error:
        raise Refused(str(error)) from None


def _offsets(raw: str) -> list[int]:
    """Where each character of the plain text stands in the file's own."""
    mark = raw.startswith("\ufeff")
    found = [
        at
        for at, char in enumerate(raw)
        if not (at == 0 and mark) and not (char == "\r" and raw[at + 1 : at + 2] == "\n")
    ]
    assert len(found) == len(plain(raw))
    return found


def _standing(spec: Path, choices: Choices, texts: dict[str, str]) -> dict[tuple[str, str], Judged] | None:
    """How each guarantee stands in each environment of the spec; None where one of them cannot be read."""
    traces = {demand: Path(file) for demand, file in choices.traces.items()}
    found: dict[tuple[str, str], Judged] = {}
    open_: list[str | None] = [choices.environment]
    seen: set[str | None] = set()
    while open_:
        environment = open_.pop()
        if environment in seen:
            continue
        seen.add(environment)
        opened = open_spec(spec, Variant(environment, choices.settings), traces, texts)
        fleet, errors = resolve(opened.reading.clauses, opened.assets)
        if fleet is None or any(one.is_error for one in (*opened.reading.diagnostics, *errors)):
            return None
        found |= {(environment or "", id): one for id, one in judged(fleet).items()}
        open_ += [None, *opened.reading.environments]
    return found


def _is_worse(before: dict[tuple[str, str], Judged], after: dict[tuple[str, str], Judged]) -> bool:
    return any(is_worse(before.get(id), one) for id, one in after.items())
