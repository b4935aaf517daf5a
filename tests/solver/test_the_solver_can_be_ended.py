"""The solver in its own process: answers in bounded time, and nothing that is left running."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from seatrial.compiler.model import Stated
from seatrial.compiler.verify.exact.core import confirm
from seatrial.compiler.verify.exact.expression import Leaf, Order, Relation
from seatrial.compiler.verify.exact.solve import Answer
from seatrial.dsl.source import Source, Span
from seatrial.solver import ProcessSolver
from seatrial.solver.process import Session

pytestmark = pytest.mark.live

EASY = "(declare-const x Int)(declare-const k Bool)(assert (=> k (< x 0)))(assert (> x 0))"
# Sums of three cubes: 33 was found in 2019, after some centuries of computing.
HARD = """(declare-const x Int)(declare-const y Int)(declare-const z Int)(declare-const k Bool)
(assert (= (+ (* x x x) (* y y y) (* z z z)) 33))"""


@pytest.fixture
def solver() -> Iterator[ProcessSolver]:
    one = ProcessSolver(seconds=30)
    yield one
    one.close()


def _gone(pid: int) -> bool:
    for _ in range(200):
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.05)
    return False


def test_no_process_runs_before_the_first_question(solver: ProcessSolver) -> None:
    session = solver.session(EASY)
    assert solver.pid is None
    assert session.check([]) is Answer.SAT
    assert solver.pid is not None


def test_one_process_answers_all_questions_of_all_sessions(solver: ProcessSolver) -> None:
    first, second = solver.session(EASY), solver.session("(declare-const b Bool)(assert (not b))")
    assert [first.check(["k"]), second.check(["b"]), first.check([]), second.check([])] == [
        Answer.UNSAT,
        Answer.UNSAT,
        Answer.SAT,
        Answer.SAT,
    ]
    pid = solver.pid
    assert solver.session(EASY).check(["k"]) is Answer.UNSAT and solver.pid == pid


def test_a_text_that_is_refused_is_unknown_and_no_loss(solver: ProcessSolver) -> None:
    assert solver.session("(assert (= 1 nonsense))").check([]) is Answer.UNKNOWN
    assert solver.session(EASY).check(["k"]) is Answer.UNSAT


def test_what_takes_too_long_is_ended_and_the_next_question_is_answered() -> None:
    solver = ProcessSolver(seconds=0.4)
    try:
        hard = solver.session(HARD)
        assert hard.check([]) is Answer.LATE
        assert solver.pid is None
        # Its time is up for good: no further process is started for it.
        assert hard.check([]) is Answer.LATE and solver.pid is None
        solver.seconds = 30
        assert solver.session(EASY).check(["k"]) is Answer.UNSAT
    finally:
        solver.close()


def test_a_solver_that_hangs_is_ended_when_its_time_is_up() -> None:
    solver = ProcessSolver(seconds=30)
    try:
        session = solver.session(EASY)
        assert session.check(["k"]) is Answer.UNSAT
        assert solver.pid is not None
        hung = solver.pid
        # It will never answer, and would not hear of the end of its input either.
        os.kill(hung, signal.SIGSTOP)
        session.left = 0.3
        assert session.check(["k"]) is Answer.LATE
        assert _gone(hung)
        assert solver.session(EASY).check(["k"]) is Answer.UNSAT
    finally:
        solver.close()


def test_a_solver_that_dies_is_told_from_an_answer(solver: ProcessSolver) -> None:
    session = solver.session(EASY)
    assert session.check(["k"]) is Answer.UNSAT
    assert solver.pid is not None
    os.kill(solver.pid, signal.SIGKILL)
    assert session.check(["k"]) is Answer.LOST
    assert session.check(["k"]) is Answer.UNSAT


def test_a_core_that_was_cut_short_says_that_it_may_not_be_minimal() -> None:
    class Tired(ProcessSolver):
        """Real answers to the first question, and then no time is left."""

        def ask(self, session: Session, switches: list[str]) -> Answer:
            answer = super().ask(session, switches)
            session.left = 0.0
            return answer

    def leaf(name: str, number: int) -> Leaf:
        return Leaf(name, Stated(number, Span(Source("t.fleet", "x"), 0, 1)), name)

    solver = Tired()
    try:
        core = confirm(Relation(leaf("a", 3) + leaf("c", 1) - leaf("d", 0), Order.BELOW, leaf("b", 2)), solver)
    finally:
        solver.close()
    assert core.answer is Answer.UNSAT and not core.minimal and len(core.literals) == 4


ASKS = f"""
from seatrial.solver import shared
solver = shared()
solver.seconds = 120
solver.session('''{EASY}''').check([])
print(solver.pid, flush=True)
while True:
    solver.session('''{HARD}''').check([])
"""


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_no_solver_outlives_the_one_who_asks(how: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", ASKS], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as asking:
        assert asking.stdout is not None and asking.stderr is not None
        pid = int(asking.stdout.readline())
        time.sleep(0.3)
        asking.send_signal(how)
        asking.wait(timeout=30)
        with contextlib.suppress(ProcessLookupError):
            assert _gone(pid)
        said = asking.stderr.read()
    assert said.count("Traceback") <= 1 and ("KeyboardInterrupt" in said) == (how is signal.SIGINT)


def test_what_is_proved_by_arithmetic_pays_for_no_solver() -> None:
    code = (
        "import sys; from seatrial import load; from seatrial.solver import shared; "
        "assert load('specs/support.fleet').checked.verdict == 'feasible'; "
        "assert shared().pid is None and 'z3' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])
