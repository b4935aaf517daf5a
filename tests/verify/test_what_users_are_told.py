"""Refuted is one error with the core as labels and the smallest repair; unknown a warning with its reason."""

from __future__ import annotations

from seatrial.compiler.verify import check, to_diagnostics
from seatrial.dsl.diagnostics import Severity

from .specs import fleet_of

PLAYBOOK = """fleet f {
  pool p { agents 10_000; each { cpu 100m; memory 128Mi; price $0.02/h } }
  budget compute $1_752/month
}"""


def test_both_clauses_and_both_numbers_are_shown() -> None:
    (told,) = to_diagnostics(check(fleet_of(PLAYBOOK)))
    assert told.code == "ST2201" and told.severity is Severity.ERROR
    assert "$146,000" in told.message and "$1,752" in told.message
    assert told.labels[0].span.text == "$1_752/month"
    assert [label.span.text for label in told.labels[1:]] == ["10_000", "$0.02/h"]
    assert told.help == "lower the maximum agents of p to 120"


def test_unknown_is_a_warning_with_its_reason() -> None:
    (told, *_) = to_diagnostics(check(fleet_of("fleet f { demand d { steady 1/s }; pool p { serves d; agents 2 } }")))
    assert told.severity is Severity.WARNING
    assert any("service mean" in note for note in told.notes)


def test_what_is_proved_is_not_told() -> None:
    spec = PLAYBOOK.replace("10_000", "120")
    assert to_diagnostics(check(fleet_of(spec))) == ()


def test_a_default_in_the_core_is_named_with_its_source() -> None:
    spec = """fleet f {
      demand d { steady 1/s }
      pool a { serves d { timeout 9s; retry 3 }; agents 2 }
      pool b { agents 2 }
      call a -> b { timeout 1s; retry 3 }
    }"""
    told = [one for one in to_diagnostics(check(fleet_of(spec))) if one.code == "ST4101"]
    assert len(told) == 1
    assert any("Google SRE book" in note for note in told[0].notes)


def test_z3_stays_unloaded_while_nothing_is_refuted() -> None:
    import subprocess
    import sys

    code = (
        "import sys\n"
        "from seatrial.compiler.passes.resolve import resolve\n"
        "from seatrial.compiler.pipeline import judge, read\n"
        "from seatrial.dsl.source import Source\n"
        f"checked = judge(read(Source('t.fleet', {PLAYBOOK.replace('10_000', '120')!r})), {{}})\n"
        "assert checked.verdict == 'feasible', checked.diagnostics\n"
        "assert 'z3' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


RETRIES = """fleet f {
  demand d { steady 1/s }
  pool a { serves d { timeout 60s; retry 5 }; agents 2 }
  pool b { agents 2 }
  pool c { agents 2 }
  call a -> b { timeout 1s }
  call b -> c { timeout 1s }
  guarantee amplification < 4
}"""


def test_what_falls_by_one_decision_is_told_once() -> None:
    found = check(fleet_of(RETRIES))
    assert sum(one.code == "ST4101" for one in found) == 3
    (told,) = [one for one in to_diagnostics(found) if one.code == "ST4101"]
    assert told.help == "lower the retries of d -> a to 2"
    assert any("the same clause breaks amplification/b and amplification/c" in note for note in told.notes)
    assert any("(promises less)" in note for note in told.notes)


def test_a_clash_of_many_is_shown_by_a_few_and_counted() -> None:
    pools = "\n".join(f"pool p{n} {{ agents 10; each {{ price $1/h }} }}" for n in range(200))
    (told,) = to_diagnostics(check(fleet_of(f"fleet f {{\n{pools}\nbudget agents $1_999/h\n}}")))
    assert len(told.labels) < 12
    (note,) = [note for note in told.notes if note.startswith("part of it too")]
    assert "the price of 200 more" in note and "the maximum agents of 192 more" in note
