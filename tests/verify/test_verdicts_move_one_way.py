"""What makes a fleet's life easier never breaks a proof; how it is written changes nothing.

On the specs that come with the project, each clause in turn.
"""

from __future__ import annotations

import functools
import random
import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from seatrial.compiler.passes.resolve import resolve
from seatrial.compiler.pipeline import read
from seatrial.compiler.verify import Status
from seatrial.compiler.verify.check import statuses
from seatrial.dsl.diagnostics.record import Diagnostic
from seatrial.dsl.source import Source
from seatrial.loading import used

pytestmark = pytest.mark.long

SPECS = Path(__file__).parents[2] / "specs"
# Of the incidents the mended ones: what is refuted already is not made worse by anything.
PATHS = [path for path in sorted(SPECS.rglob("*.fleet")) if not path.name.startswith("before")]
RANK = {Status.REFUTED: 0, Status.UNKNOWN: 1, Status.PROVED: 2}

Verdicts = dict[str, Status]
everywhere = pytest.mark.parametrize("path", PATHS, ids=lambda path: f"{path.parent.name}-{path.stem}")


def judged(path: Path, text: str) -> Verdicts | None:
    """None where the changed text is no spec any more."""
    reading = read(Source(str(path), text), used)
    told: list[Diagnostic] = list(reading.diagnostics)
    assets = {demand: Path(name).read_text() for demand, name in reading.traces.items()}
    fleet, errors = resolve(reading.clauses, assets)
    told.extend(errors)
    return None if fleet is None or any(one.is_error for one in told) else statuses(fleet)


@functools.cache
def _plain(path: Path) -> Verdicts:
    found = judged(path, path.read_text())
    assert found is not None
    return found


_NUMBER = r"\$?\d[\d_]*(?:\.\d+)?"


def _scaled(text: str, found: re.Match[str], factor: Fraction) -> str:
    """The text with the number that the match names `n` multiplied; whole numbers stay whole."""
    said = found["n"]
    number = Fraction(said.lstrip("$").replace("_", "")) * factor
    new = str(number.numerator) if number.denominator == 1 else f"{float(number):.6f}".rstrip("0")
    return text[: found.start("n")] + ("$" if said.startswith("$") else "") + new + text[found.end("n") :]


def _changed(path: Path, pattern: str, factor: Fraction) -> Iterator[tuple[str, str]]:
    """Each place of the pattern outside of comments, changed alone: where, and the text with the change."""
    text = path.read_text()
    for found in re.finditer(pattern.replace("NUMBER", f"(?P<n>{_NUMBER})"), text):
        line = text[text.rfind("\n", 0, found.start()) + 1 : found.end()]
        if "#" not in line:
            yield line.strip(), _scaled(text, found, factor)


def _never_worse(path: Path, pattern: str, factor: Fraction, spared: str = "$^") -> None:
    before = _plain(path)
    for where, text in _changed(path, pattern, factor):
        after = judged(path, text)
        if after is None:
            continue
        for id, status in after.items():
            was = before[id]
            if not re.match(spared, id):
                assert RANK[status] >= RANK[was], f"{path.name}: {where} x {factor}: {id} was {was} and is {status}"


EASIER: dict[str, tuple[str, Fraction]] = {
    "more money": (r"\bbudget \w+ NUMBER", Fraction(2)),
    "more nodes": (r"\bcount (?:\d+\.\.)?NUMBER(?=;)", Fraction(2)),
    "cheaper agents": (r"\bprice NUMBER(?=/h)", Fraction(1, 2)),
    "more connections": (r"\bconnections NUMBER(?= *[;}\n])", Fraction(2)),
    "more requests are taken": (r"\blimit NUMBER(?= requests)", Fraction(2)),
    "a looser latency objective": (r"\bguarantee latency p\d+ < NUMBER", Fraction(2)),
    "a looser amplification limit": (r"\bguarantee amplification < NUMBER", Fraction(2)),
    "more time to recover": (r"\bguarantee recovery within NUMBER", Fraction(2)),
    "smaller pods": (r"\bcpu NUMBER(?=m)", Fraction(1, 2)),
    "more time to decide": (r"(?:\n *|decide )within NUMBER(?=m?s)", Fraction(2)),
    "a later deadline": (r"\bdeadline NUMBER", Fraction(2)),
    "a wider span": (r"\bspan at most NUMBER", Fraction(2)),
}

SPARED = {
    # Nodes are paid for.
    "more nodes": r"budget/|cost/|division/|use/",
    # More pods on a node are more that start together there.
    "smaller pods": r"starts/",
}
"""What the same change makes harder."""


@pytest.mark.parametrize("what", EASIER)
def test_easier_is_never_worse(what: str) -> None:
    pattern, factor = EASIER[what]
    places = 0
    for path in PATHS:
        places += sum(1 for _ in _changed(path, pattern, factor))
        _never_worse(path, pattern, factor, SPARED.get(what, "$^"))
    assert places, "the specs have no such clause: the test says nothing"


# Less demand is easier for whatever carries it, and not for what is about its own share: a pool that is worth its
# agents, a signal that is to show, a budget that is to be used.
CARRIES = re.compile(
    r"(capacity|nodes|budget|cost|connections|rate|tokens|latency|amplification|timeouts|ejection|limits|disruption"
    r"|quorum|recovery|scaling|quota|memory)/"
)


@everywhere
def test_less_demand_is_never_worse_for_what_carries_it(path: Path) -> None:
    before = _plain(path)
    text = path.read_text()
    if re.search(r"\btrace\b|\bx\d", text):
        pytest.skip("levels that depend on one another")
    fewer = re.sub(
        rf"\b(steady|peak) ({_NUMBER})(?=/)",
        lambda found: f"{found[1]} {float(Fraction(found[2].replace('_', '')) * Fraction(9, 10)):.6f}".rstrip(
            "0"
        ).rstrip("."),
        text,
    )
    after = judged(path, fewer)
    assert after is not None
    for id, status in after.items():
        if CARRIES.match(id):
            assert RANK[status] >= RANK[before[id]], f"{id} was {before[id]} and is {status}"


# How it is written.


def _in_other_units(text: str) -> str:
    """60s for 1m, 1000ms for 1s, $-amounts with all their cents, and 4000m for 4 cores."""
    lines = []
    for line in text.splitlines():
        code, hash, rest = line.partition("#")
        code = re.sub(r"(?<![\w.:\"])(\d+)m(?=[\s;,}]|$)(?<!cpu \d\dm)", _minutes(code), code)
        code = re.sub(r"(?<![\w.\"])(\d+)s(?=[\s;,}]|$)", lambda found: f"{found[1]}000ms", code)
        code = re.sub(r"(?<![\w.\"])(\d+)Gi\b", lambda found: f"{int(found[1]) * 1024}Mi", code)
        code = re.sub(r"(?<![\w.\"])(\d+)%", lambda found: f"{found[1]}.0%", code)
        lines.append(code + hash + rest)
    return "\n".join(lines) + "\n"


def _minutes(line: str) -> Callable[[re.Match[str]], str]:
    def spelt(found: re.Match[str]) -> str:
        # 500m is half a core where cores are meant.
        of_cores = re.search(r"\bcpu\s*$", line[: found.start()])
        return found[0] if of_cores else f"{int(found[1]) * 60}s"

    return spelt


@everywhere
def test_the_spelling_of_units_changes_nothing(path: Path) -> None:
    text = path.read_text()
    spelt = _in_other_units(text)
    assert judged(path, spelt) == _plain(path)


def _statements(text: str) -> tuple[str, list[str], str]:
    """What is before the fleet's block, its statements, and what is after it."""
    start = text.index("{", re.search(r"^fleet ", text, re.MULTILINE).start()) + 1  # type: ignore[union-attr]
    found, depth, begin = [], 0, start
    at = start
    while at < len(text):
        char = text[at]
        if char == "#":
            at = text.index("\n", at)
            char = "\n"
        elif char == '"':
            at = text.index('"', at + 1)
        if char == "{":
            depth += 1
        elif char == "}":
            depth -= 1
            if depth < 0:
                break
        if char in "\n;" and depth == 0 and text[begin:at].strip():
            found.append(text[begin:at])
            begin = at + 1
        at += 1
    if text[begin:at].strip():
        found.append(text[begin:at])
    return text[:start], found, text[at:]


@everywhere
def test_the_order_of_clauses_changes_nothing(path: Path) -> None:
    before, statements, after = _statements(path.read_text())
    random.Random(7).shuffle(statements)
    shuffled = before + "\n" + "\n".join(statements) + "\n" + after
    assert judged(path, shuffled) == _plain(path)


@everywhere
def test_the_names_of_pools_change_nothing(path: Path) -> None:
    text = path.read_text()
    if "use " in text or "let " in text:
        pytest.skip("names come from elsewhere too")
    pools = re.findall(r"^\s*pool ([a-z]\w*)", text, re.MULTILINE)
    # A name that sorts elsewhere; words of the language stay.
    others = {name: f"zz{len(pools) - at}{name}" for at, name in enumerate(pools)}
    if not pools:
        pytest.skip("no pools")
    renamed = re.sub(r"(?<![\w.\"/-])(" + "|".join(pools) + r")(?![\w.\"/-])", lambda found: others[found[0]], text)
    found = judged(path, renamed)
    assert found is not None
    back = {re.sub(r"zz\d+(?=[a-z])", "", id): status for id, status in found.items()}
    assert back == _plain(path)
