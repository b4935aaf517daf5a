"""A crisis that begins with a long queue: callers of an update, and those that leave in it, leave calls pending too."""

from __future__ import annotations

import pytest

from seatrial.compiler.verify import Status

from .oracles.trying import most_during_an_update
from .specs import findings, refuted

_PENDING = 10


def _text(agents: int, above: int) -> str:
    return f"""fleet f {{
      pool x {{ agents {agents} }}
      pool z {{ agents 4 }}
      call x -> z {{ limit {_PENDING} pending }}
      crisis c {{ when queue > {above}; at once repartition }}
    }}"""


@pytest.mark.parametrize("agents", [1, 4, 10])
def test_a_sign_that_only_an_update_may_show_is_neither_refuted_nor_proved(agents: int) -> None:
    usual, most = _PENDING * agents, _PENDING * most_during_an_update(agents)
    shown = {above: findings(_text(agents, above))["crisis/c/signals"].status for above in (usual - 1, usual, most - 1)}
    assert shown == {usual - 1: Status.PROVED, usual: Status.UNKNOWN, most - 1: Status.UNKNOWN}
    said = refuted(_text(agents, most), "crisis/c/signals")
    assert f"queue is at most {most}" in said.witness
