"""`seatrial check --fix` edits the literals where they stand, keeps everything else, and leaves nothing worse."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.cli.fixing import fixed
from seatrial.cli.specs import Choices
from seatrial.compiler.verify import Finding, Repair

from .command import SPECS, seatrial

SUPPORT = (SPECS / "support.fleet").read_text()
NOTED = """# a comment that stays
fleet f   {   # and one at the end of a line
  demand d { steady 400/s }
  pool p { serves d; agents   3   # too few
    each { concurrency 8; service mean 60ms, p99 200ms; price $1/h } }
  budget agents $9/h
}
"""


def written(folder: Path, text: str, name: str = "a.fleet") -> Path:
    path = folder / name
    path.write_bytes(text.encode())
    return path


def test_a_repair_is_applied_and_the_rest_of_the_text_stays(tmp_path: Path) -> None:
    path = written(tmp_path, NOTED)
    said = seatrial("check", "--fix", path)
    assert said.code == 0 and "fixed" in said.err and "agents of p" in said.err
    new = path.read_text()
    assert new != NOTED and len(new.splitlines()) == len(NOTED.splitlines())
    changed = [(old, now) for old, now in zip(NOTED.splitlines(), new.splitlines(), strict=True) if old != now]
    assert len(changed) == 1 and changed[0][1].endswith("# too few")


def test_a_literal_that_two_guarantees_want_changed_gets_the_value_that_serves_both(tmp_path: Path) -> None:
    # The demand needs five agents, and eight when three of them may be lost.
    text = """fleet f {
      demand d { steady 45/s }
      pool p { serves d { timeout 5s }; agents 3; each { concurrency 1; service mean 100ms, p99 300ms; startup 2s } }
      survive loss of 3 agents of p
    }"""
    path = written(tmp_path, text)
    said = seatrial("check", "--fix", path)
    assert said.code == 0 and "agents 8" in path.read_text()


def test_a_literal_that_one_round_has_changed_is_changed_again(tmp_path: Path) -> None:
    text = """fleet f {
      demand d { steady 45/s }
      pool p { serves d { timeout 5s }; agents 3; each { concurrency 1; service mean 100ms, p99 300ms; startup 2s } }
      survive loss of 3 agents of p
    }"""
    path = written(tmp_path, text)
    asked: list[str] = []

    def by_and_by(finding: Finding, repairs: list[Repair]) -> Repair | None:
        """The loss is left for later, as at a terminal by Enter."""
        asked.append(finding.id)
        return None if finding.id.startswith("loss/") and asked.count(finding.id) == 1 else repairs[0]

    work = fixed(path, Choices(None, {}, {}), by_and_by)
    assert "agents 8" in work.texts[str(path)] and len(work.done) == 2


def test_diff_writes_nothing(tmp_path: Path) -> None:
    path = written(tmp_path, NOTED)
    said = seatrial("check", "--fix", "--diff", path)
    assert said.code == 1 and "-  pool p { serves d; agents   3 " in said.out and "would fix" in said.err
    assert path.read_text() == NOTED


def test_a_diff_without_a_change_still_says_what_is_not_proved(tmp_path: Path) -> None:
    said = seatrial("check", "--fix", "--diff", "--alternative", "9", written(tmp_path, NOTED))
    assert (said.code, said.out) == (1, "") and "capacity/p/steady" in said.err
    said = seatrial("check", "--fix", "--diff", written(tmp_path, "fleet f { pool"))
    assert (said.code, said.out) == (2, "") and "not readable" in said.err


def test_line_ends_and_byte_order_marks_stay(tmp_path: Path) -> None:
    path = written(tmp_path, "\ufeff" + NOTED.replace("\n", "\r\n"))
    assert seatrial("check", "--fix", path).code == 0
    new = path.read_bytes().decode()
    assert new.startswith("\ufeff# a comment") and new.count("\r\n") == new.count("\n") == NOTED.count("\n")


TWO = """fleet f {
  pool p { agents 9; each { price $1/h } }
  pool q { agents 9; each { price $1/h } }
  budget agents $1/h
}
"""


def test_what_is_promised_is_left_alone_unless_asked(tmp_path: Path) -> None:
    path = written(tmp_path, TWO)
    before = path.read_text()
    kept = seatrial("check", "--fix", path)
    assert kept.code == 1 and path.read_text() == before
    said = seatrial("check", "--fix", "--unsafe-fixes", path)
    assert said.code == 0 and "budget agents $18/h" in path.read_text()


def test_a_value_with_a_name_is_changed_where_it_is_declared(tmp_path: Path) -> None:
    part = written(
        tmp_path,
        "pool p { serves d; agents $few; each { concurrency 8; service mean 60ms, p99 200ms } }\n",
        "part.fleet",
    )
    text = 'fleet f {\n  let few = 3\n  demand d { steady 400/s }\n  use "part.fleet"\n}\n'
    path = written(tmp_path, text)
    before = part.read_text()
    assert seatrial("check", "--fix", path).code == 0
    assert part.read_text() == before and "let few = 4" in path.read_text()


def test_a_file_that_is_used_is_changed_where_the_literal_stands(tmp_path: Path) -> None:
    part = written(
        tmp_path, "pool p { serves d; agents 3; each { concurrency 8; service mean 60ms, p99 200ms } }\n", "part.fleet"
    )
    path = written(tmp_path, 'fleet f { demand d { steady 400/s }\n  use "part.fleet" }\n')
    before = path.read_text()
    assert seatrial("check", "--fix", path).code == 0
    assert path.read_text() == before and "agents 4;" in part.read_text()


ENVIRONMENTS = """fleet f {
  demand d { steady 400/s }
  pool p { serves d; agents 4; each { concurrency 8; service mean 60ms, p99 200ms; price $1/h } }
  budget agents $9/h
  environment small { pool p { agents 3 } }
}
"""


def test_an_environments_literal_is_changed_in_the_environment(tmp_path: Path) -> None:
    path = written(tmp_path, ENVIRONMENTS)
    assert seatrial("check", path).code == 0
    assert seatrial("check", "--fix", "--env", "small", path).code == 0
    assert path.read_text() == ENVIRONMENTS.replace("agents 3", "agents 4")


def test_what_would_break_another_environment_is_not_done(tmp_path: Path) -> None:
    text = ENVIRONMENTS.replace("agents 4;", "agents 3;").replace("pool p { agents 3 }", "budget agents $3/h")
    path = written(tmp_path, text)
    seatrial("check", "--fix", path)
    assert seatrial("check", "--env", "small", path).out.count("budget") == seatrial(
        "check", "--env", "small", written(tmp_path, text, "b.fleet")
    ).out.count("budget")
    assert "agents 4" not in path.read_text()


def test_what_fails_in_another_environment_is_not_made_worse(tmp_path: Path) -> None:
    text = ENVIRONMENTS.replace("agents 4;", "agents 3;").replace("pool p { agents 3 }", "budget agents $2/h")
    path = written(tmp_path, text)
    told = seatrial("check", "--fix", path)
    assert path.read_text() == text
    assert "makes another worse, or breaks another environment" in told.err


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("eject at most 50%", "eject at most 1%"),
        ("try timeout 1900ms", "try timeout 3s"),
    ],
)
def test_many_refuted_guarantees_are_mended_in_one_go(old: str, new: str, tmp_path: Path) -> None:
    path = written(tmp_path, SUPPORT.replace(old, new))
    assert " refuted" in seatrial("check", "-q", path).out
    assert " refuted" not in seatrial("check", "-q", "--fix", path).out


def test_asking_shows_the_alternatives_and_takes_an_answer(tmp_path: Path) -> None:
    path = written(tmp_path, NOTED)
    said = seatrial("check", "--fix", "--ask", path, given=b"1\n")
    assert said.code == 0 and "  1  raise" in said.err
    assert path.read_text() != NOTED


@pytest.mark.parametrize(
    "wrong",
    [("--unsafe-fixes",), ("--diff",), ("--fix", "--alternative", "0"), ("--fix", "--ask", "--unsafe-fixes")],
)
def test_options_that_do_not_fit_are_refused(wrong: tuple[str, ...], tmp_path: Path) -> None:
    path = written(tmp_path, NOTED)
    assert seatrial("check", *wrong, path).code == 2
    assert path.read_text() == NOTED


def test_standard_input_cannot_be_fixed() -> None:
    said = seatrial("check", "--fix", "-", given=NOTED.encode())
    assert said.code == 2 and "standard input" in said.err


def test_a_spec_that_cannot_be_read_is_left_alone(tmp_path: Path) -> None:
    path = written(tmp_path, "fleet f { pool p { agnets 2 } }\n")
    said = seatrial("check", "--fix", path)
    assert said.code == 2 and "agnets" in path.read_text()
