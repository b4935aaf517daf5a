"""One fleet in several writings: in a file and over several, with names for its values, with templates and loops and
written out, as YAML and as JSON. Each says the same of every guarantee and compiles to the same bytes."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seatrial.compiler.pipeline import judge, plan, read
from seatrial.compiler.verify.check import Depth
from seatrial.dsl.exchange import Notation, write
from seatrial.dsl.parse import parse
from seatrial.dsl.source import Source
from seatrial.dsl.syntax import Item, Kind, Statement
from seatrial.loading import used
from seatrial.targets import NAMES, emit_all, render

from .test_doubles_and_fractions_agree import fleets

SPECS = Path(__file__).parents[2] / "specs"
SHIPPED = sorted(one for one in SPECS.rglob("*.fleet") if one.stat().st_size < 20_000)
IN_EVERY_RUN = {"support", "sturdy", "fragile", "recorded", "R04", "R16", "R31"}
FEW = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])


_QUOTED = re.compile(r"`[^`]*`")


@dataclass(frozen=True, slots=True)
class Written:
    """A spec's text, in the folder and with the name of `path`, and the parts beside it."""

    path: Path
    text: str
    parts: Mapping[str, str]


def _answer(one: Written) -> tuple[list[object], dict[str, bytes]]:
    """What is said of each guarantee, and the documents without the digest of the text that they were made of."""

    def library(user: Source, name: str) -> tuple[Source, ...] | str:
        return (Source(str(one.path.with_name(name)), one.parts[name]),) if name in one.parts else used(user, name)

    reading = read(Source(str(one.path), one.text), library)
    assets = {demand: Path(name).read_text() for demand, name in reading.traces.items()}
    checked = judge(reading, assets, depth=Depth.CONFIRMED)
    told = [each.message for each in checked.diagnostics if each.code < "ST2"]
    assert checked.fleet is not None, (told, one.text)
    said: list[object] = [
        # A clause is quoted as it is written.
        (each.id, each.claim, each.status, each.margin, each.witness, _QUOTED.sub("", each.reason))
        for each in checked.findings
    ]
    made = plan(checked, assets, "0")
    assert made is not None
    documents = {}
    for document in emit_all(made, NAMES)[0]:
        documents[document.path] = (
            render(document, made).replace(made.digest[:12].encode(), b"").replace(made.digest[12:].encode(), b"")
        )
    return said, documents


def _agree(one: Written, *others: Written) -> None:
    said, documents = _answer(one)
    assert said and documents
    for other in others:
        said_too, documents_too = _answer(other)
        assert said_too == said, other
        assert documents_too.keys() == documents.keys()
        for path, bytes_ in documents.items():
            assert documents_too[path] == bytes_, (path, other)


def _plain(text: str) -> Written:
    return Written(Path("fleet.fleet"), text, {})


def _statements(text: str) -> tuple[Statement, ...]:
    file, errors = parse(Source("fleet.fleet", text))
    assert file is not None and not errors
    return file.statements


def _over_files(one: Written, given: random.Random) -> Written:
    """Stretches of the fleet's clauses in files of their own, some of which use another."""
    fleet = next(each for each in _statements(one.text) if each.block is not None and each.items[0].text == "fleet")
    assert fleet.block is not None
    clauses = [each.span for each in fleet.block.statements]
    cuts = sorted(given.sample(range(len(clauses) + 1), min(len(clauses) + 1, 6)))
    text, parts = one.text, dict[str, str]()
    for number, (first, last) in enumerate(reversed(list(zip(cuts[::2], cuts[1::2], strict=False)))):
        if first == last:
            continue
        start, end = clauses[first].start, clauses[last - 1].end
        parts[f"part-{number}.fleet"] = text[start:end] + "\n"
        text = f'{text[:start]}use "part-{number}.fleet"{text[end:]}'
    for name in list(parts):
        if given.random() < 0.5:
            parts[f"inner-{name}"] = parts[name]
            parts[name] = f'use "inner-{name}"\n'
    return Written(one.path, text, parts)


def _literals(statements: tuple[Statement, ...]) -> list[Item]:
    found: list[Item] = []
    for each in statements:
        if each.items[0].text not in ("let", "language", "use", "for"):
            found += [item for item in each.items[1:] if item.kind is Kind.QUANTITY]
        found += _literals(each.block.statements) if each.block is not None else []
    return found


def _with_names(one: Written, given: random.Random) -> Written:
    """Some of its figures as values with a name; equal ones may share it."""
    text, names = one.text, dict[str, str]()
    for item in reversed(_literals(_statements(text))):
        if given.random() < 0.5:
            name = names.setdefault(item.text, f"figure-{len(names)}")
            text = f"{text[: item.span.start]}${name}{text[item.span.end :]}"
    lets = "".join(f"let {name} = {value}\n" for value, name in names.items())
    head = next(each for each in _statements(text) if each.items[0].text != "language").span.start
    return Written(one.path, text[:head] + lets + text[head:], one.parts)


def _as(one: Written, notation: Notation) -> Written:
    file, errors = parse(Source(str(one.path), one.text))
    assert file is not None and not errors
    text = write(file, notation)
    assert isinstance(text, str)
    return Written(one.path.with_suffix(f".{notation}"), text, one.parts)


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(
            one, marks=() if one.stem in IN_EVERY_RUN else pytest.mark.slow, id=f"{one.parent.name}-{one.stem}"
        )
        for one in SHIPPED
    ],
)
def test_of_the_shipped_specs(path: Path) -> None:
    one, given = Written(path, path.read_text(encoding="utf-8"), {}), random.Random(path.stem)
    _agree(one, _over_files(one, given), _with_names(one, given), _as(one, Notation.YAML), _as(one, Notation.JSON))


@given(fleets(), st.randoms(use_true_random=False))
@FEW
def test_over_several_files_and_with_names_for_figures(text: str, given: random.Random) -> None:
    one = _plain(text)
    _agree(one, _over_files(_with_names(one, given), given))


@given(fleets(), st.sampled_from([Notation.YAML, Notation.JSON]))
@FEW
def test_in_the_other_forms(text: str, notation: Notation) -> None:
    one = _plain(text)
    _agree(one, _as(one, notation))


Said = dict[str, str | dict[str, str]]
"""What a pool says: clauses by their first words, and a block by its name."""

_EACH = {
    "cpu": st.sampled_from(["250m", "1", "4"]),
    "memory": st.sampled_from(["256Mi", "2Gi"]),
    "price": st.sampled_from(["$0.02/h", "$1/h"]),
    "concurrency": st.integers(1, 8).map(str),
    "startup": st.sampled_from(["2s", "40s"]),
    "service": st.sampled_from(["mean 30ms, p99 120ms", "mean 200ms, p99 900ms"]),
}
_POOL = {
    "agents": st.sampled_from(["3", "2..9", "5..60"]),
    "scale on": st.sampled_from(["busy 40%", "cpu 60%", "rate 20/s per agent"]),
    "drain": st.sampled_from(["5s", "90s"]),
    "disrupt at most": st.sampled_from(["1 agent", "30%"]),
    "each": st.fixed_dictionaries(_EACH),
}
_OVER = {**_POOL, "each": st.fixed_dictionaries({}, optional=_EACH)}
_WORLD = """
  nodes n { count 3..30; cpu 16; memory 64Gi; price $1/h; zones 3 }
  dependency db { connections 400; limit 3_000 requests/s; latency p50 2ms, p99 9ms }
  budget compute $100/day
  guarantee latency p99 < 2s
  guarantee success 99% over 30d
"""


def _text(said: Said) -> str:
    return "; ".join(
        f"{name} {words}" if isinstance(words, str) else f"{name} {{ {_text(dict(words))} }}"
        for name, words in said.items()
    )


def _laid_over(under: Said, over: Said) -> Said:
    both = under | over
    each, more = under["each"], over.get("each", {})
    assert isinstance(each, dict) and isinstance(more, dict)
    return both | {"each": each | more}


@given(
    template=st.fixed_dictionaries(_POOL),
    front=st.fixed_dictionaries({}, optional=_OVER),
    back=st.fixed_dictionaries({}, optional=_OVER),
    regions=st.lists(st.sampled_from(["north", "south", "east"]), min_size=1, max_size=3, unique=True),
    shards=st.integers(1, 3),
    steady=st.integers(1, 90),
)
@FEW
def test_loops_and_templates_are_what_is_written_out(
    template: Said, front: Said, back: Said, regions: list[str], shards: int, steady: int
) -> None:
    demand = f"demand d-$region {{ steady {steady}/s; peak {2 * steady}/s for 10m every 1d }}"
    serves = "serves d-$region { timeout 3s; retry 2 { budget 20% } }"
    calls = "call p-$region -> q-$region-$shard $shard per request { timeout 500ms }\n"
    calls += "call q-$region-$shard -> db { timeout 100ms; retry $shard }"
    looped = [
        f"template worker {{ {_text(template)} }}\nfor region in {', '.join(regions)} {{\n{demand}",
        f"pool p-$region like worker {{ {serves}; {_text(front)} }}",
        f"for shard in 1..{shards} {{ pool q-$region-$shard like worker {{ {_text(back)} }}\n{calls} }}\n}}",
    ]
    out = []
    for region in regions:
        lines = [demand, f"pool p-$region {{ {serves}; {_text(_laid_over(template, front))} }}"]
        for shard in range(1, shards + 1):
            inner = (f"pool q-$region-$shard {{ {_text(_laid_over(template, back))} }}", calls)
            lines += [line.replace("$shard", str(shard)) for line in inner]
        out += [line.replace("$region", region) for line in lines]
    looped_text, out_text = ("\n".join(["fleet f {" + _WORLD, *lines, "}"]) for lines in (looped, out))
    _agree(_plain(looped_text), _plain(out_text))
