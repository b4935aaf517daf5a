"""Whatever was judged before: what is said of a text is what is said of it by who sees it for the first time."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from seatrial.compiler.filled import filled_in
from seatrial.compiler.pipeline import judge, read
from seatrial.dsl.source import Source
from seatrial.loading import used
from seatrial.lsp.judged import Known, Proof, Question, Unwritten
from seatrial.lsp.judging import Judging, traces_of
from seatrial.lsp.told import Place, Told, told
from seatrial.solver import shared

SPECS = Path(__file__).parents[2] / "specs"
REUSE = Path(__file__).with_name("reuse.fleet")
SEVERAL = [
    REUSE,
    REUSE,
    SPECS / "support.fleet",
    SPECS / "fragile.fleet",
    SPECS / "sturdy.fleet",
    SPECS / "recorded.fleet",
]
ALL = [REUSE, *sorted(one for one in SPECS.rglob("*.fleet") if one.stat().st_size < 20_000)]

TURNS = 6
"""Whoever has several cores takes several at once: all of them take six minutes of one."""

_NUMBER = re.compile(r"(?<![\w.$-])\d[\d_]*(?:\.\d+)?")
_WORD = re.compile(r"[a-z][a-z-]{2,}")
_POOL = re.compile(r"\bpool ([a-z0-9-]+)")
_OTHER = "  pool other { agents 3; each { cpu 1; memory 1Gi; price $0.03/h; concurrency 8; service mean 50ms } }\n"


def _pick(pattern: re.Pattern[str], text: str, where: float) -> re.Match[str] | None:
    found = list(pattern.finditer(text))
    return found[min(int(where * len(found)), len(found) - 1)] if found else None


def _number(text: str, where: float, which: int) -> str:
    found = _pick(_NUMBER, text, where)
    if found is None:
        return text
    value = float(found[0].replace("_", ""))
    new = (value * 2, value + 1, max(0, value - 1), value * 10, 0, value * 1.1, value / 2)[which % 7]
    return f"{text[: found.start()]}{new:.12g}{text[found.end() :]}"


def _two(text: str, where: float, which: int) -> str:
    return _number(_number(text, where, which), 1 - where / 2, which // 7)


def _line_gone(text: str, where: float, _: int) -> str:
    lines = text.split("\n")
    del lines[int(where * len(lines))]
    return "\n".join(lines)


def _lines_again(text: str, where: float, which: int) -> str:
    lines = text.split("\n")
    at = int(where * len(lines))
    return "\n".join([*lines[: at + which % 5], *lines[at:]])


def _mark(text: str, where: float, which: int) -> str:
    at = int(where * len(text))
    return text[:at] + '{}";,\n #'[which % 8] + text[at:]


def _word(text: str, where: float, which: int) -> str:
    found = _pick(_WORD, text, where)
    if found is None:
        return text
    other = _pick(_WORD, text, (which % 97) / 97)
    new = (found[0] + "x", found[0][:-1], other[0] if other is not None else "x")[which % 3]
    return text[: found.start()] + new + text[found.end() :]


def _before_everything(text: str, _: float, which: int) -> str:
    return ("# a comment\n", "\n\n", "# \U0001f6a2\n", " ")[which % 4] + text


def _another_pool(text: str, _: float, which: int) -> str:
    at = text.rstrip().rfind("}")
    call = "  call other -> other 1 per request\n" if which % 3 == 0 else ""
    return text[:at] + _OTHER + call + text[at:]


def _another_name(text: str, where: float, _: int) -> str:
    found = _pick(_POOL, text, where)
    return text if found is None else re.sub(rf"(?<![\w-]){found[1]}(?![\w-])", f"{found[1]}-x", text)


def _allowed(text: str, where: float, which: int) -> str:
    lines = text.split("\n")
    code = ("ST2201", "ST1201", "ST4103", "ST9999")[which % 4]
    lines.insert(int(where * len(lines)), f"  # seatrial: allow {code} because it is tried")
    return "\n".join(lines)


EDITS: tuple[Callable[[str, float, int], str], ...] = (
    _number, _number, _number, _two, _line_gone, _lines_again, _mark, _word, _before_everything, _another_pool,
    _another_name, _allowed,
)  # fmt: skip
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
"""A failing sequence is short as it is; to look for a shorter one would take minutes."""
BACK = "back"
"""The text before the last edit again, as after a slip."""
_STEPS = st.lists(
    st.tuples(st.sampled_from((*EDITS, BACK, BACK)), st.floats(0, 1, exclude_max=True), st.integers(0, 1000)),
    min_size=1,
    max_size=8,
)


def _texts(text: str, steps: list[tuple[Callable[[str, float, int], str] | str, float, int]]) -> list[str]:
    texts = [text]
    for edit, where, which in steps:
        texts.append(texts[-2] if isinstance(edit, str) and len(texts) > 1 else texts[-1])
        if not isinstance(edit, str):
            texts[-1] = edit(texts[-1], where, which)
    return texts


def _from_the_start(path: str, text: str) -> tuple[tuple[Told, ...], Known]:
    """Without any of what an editor remembers: as the command line reads, resolves and checks."""
    reading = read(Source(path, text), used)
    checked = judge(reading, traces_of(reading), shared())

    def place(span: object) -> Place:
        return Place(span.start, span.end)  # type: ignore[attr-defined]

    proofs = [
        Proof(place(one.at), one.id, one.claim, one.status.value, one.margin or one.witness or one.reason)
        for one in checked.findings
        if not one.allowed
    ]
    filled = filled_in(checked.fleet) if checked.fleet is not None else ()
    values = [Unwritten(place(one.at), one.written, one.source) for one in filled]
    return tuple(told(one, place) for one in checked.diagnostics), Known(tuple(proofs), tuple(values))


def _agrees(path: Path, texts: list[str]) -> None:
    judging = Judging()
    for text in texts:
        *_, last = judging.stages(Question(str(path), text))
        said, known = _from_the_start(str(path), text)
        assert last.final and last.told == said
        everything = judging.known(0, len(text))
        assert [one for one in everything.proofs if "allowed" not in one.status] == list(known.proofs)
        for one in known.unwritten:
            assert one in judging.known(one.at.start, one.at.end).unwritten


@settings(deadline=None, max_examples=7, suppress_health_check=[HealthCheck.too_slow], phases=PHASES)
@given(st.sampled_from(SEVERAL), _STEPS)
def test_a_text_is_judged_after_others_as_it_is_judged_first(path: Path, steps: list[object]) -> None:
    _agrees(path, _texts(path.read_text(), steps))  # type: ignore[arg-type]


@pytest.mark.slow
@pytest.mark.parametrize("of", range(TURNS))
@settings(deadline=None, max_examples=1500 // TURNS, suppress_health_check=[HealthCheck.too_slow], phases=PHASES)
@given(data=st.data())
def test_a_text_of_any_spec_is_judged_after_others_as_it_is_judged_first(of: int, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(ALL[of::TURNS]))
    _agrees(path, _texts(path.read_text(), data.draw(_STEPS)))  # type: ignore[arg-type]


def test_a_slip_inside_a_block_is_told_though_the_word_that_opens_it_is_misspelt() -> None:
    text = 'fleet desk-of-the-north "Those who answer" {\n  pool p { agents 2 }\n}\n'
    misspelt = text.replace("fleet", "flee").replace("agents 2", "agents 2; drain 0s")
    _agrees(Path("desk.fleet"), [text, misspelt])


def test_only_what_changed_is_made_anew() -> None:
    text = (SPECS / "support.fleet").read_text()
    judging = Judging()
    list(judging.stages(Question("support.fleet", text)))
    before = judging.remembered.decided
    found = _pick(re.compile(r"startup (\d+)s"), text, 0)
    assert found is not None and before is not None
    list(judging.stages(Question("support.fleet", "# above\n" + text[: found.start(1)] + "9" + text[found.end(1) :])))
    now = judging.remembered.decided
    assert now is not None and now is not before
    changed = [one.name for one, was in zip(now.fleet.pools, before.fleet.pools, strict=True) if one is not was]
    served = [one.callee for one, was in zip(now.fleet.calls, before.fleet.calls, strict=True) if one is not was]
    # What a pool serves stands in its block, and is read anew with it.
    assert len(changed) == 1 and served == changed
    assert now.fleet.demands is before.fleet.demands and now.fleet.trials is before.fleet.trials


@pytest.mark.parametrize(("was", "now", "only"), [
    ("agents 3\n", "agents 4\n", "lone"),
    ("let most = 8", "let most = 9", "desk part"),
    ("memory 128Mi", "memory 64Mi", "desk part"),
    ("0.2 per request", "0.3 per request", ""),
])  # fmt: skip
def test_what_loops_and_templates_come_to_is_made_anew_only_where_they_changed(was: str, now: str, only: str) -> None:
    text = REUSE.read_text()
    judging = Judging()
    list(judging.stages(Question(str(REUSE), text)))
    before = judging.remembered.decided
    assert was in text and before is not None
    list(judging.stages(Question(str(REUSE), text.replace(was, now))))
    after = judging.remembered.decided
    assert after is not None
    anew = {
        one.name.split("-")[0] for one, old in zip(after.fleet.pools, before.fleet.pools, strict=True) if one is not old
    }
    assert anew == set(only.split())
