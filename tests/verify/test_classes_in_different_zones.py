"""A pool that may use several classes of nodes: its zones are those of all of them."""

from __future__ import annotations

from .specs import proved, refuted, unknown

VOTE = """fleet f {
  nodes a { count 4; cpu 16; memory 64Gi; zones A }
  nodes b { count 9; cpu 16; memory 64Gi; zones B }
  survive loss of 1 zone
  pool p { agents 9; each { cpu 500m; memory 128Mi } }
  consensus c among p { members 9; majority MAJORITY; tolerate 1 crashed }
}"""


def vote(a: int, b: int, majority: str) -> str:
    return VOTE.replace("A }", f"{a} }}").replace("B }", f"{b} }}").replace("MAJORITY", majority)


def test_a_class_in_one_zone_does_not_draw_all_members_into_it() -> None:
    """They are spread over three zones at the least, and over four at the most."""
    proved(vote(1, 3, "1/2"), "quorum/c/zone-loss")
    # Six of nine are left of four zones, and of three; seven members would be needed.
    refuted(vote(1, 3, "2/3"), "quorum/c/zone-loss")


def test_zones_that_classes_may_share_leave_a_vote_open() -> None:
    """Two and three zones are three to five: six of nine are left of three, and seven of five; seven are needed."""
    finding = unknown(vote(2, 3, "2/3"), "quorum/c/zone-loss")
    assert "no more than 3 zones together" in finding.reason and "6 are left of 9" in finding.reason


def test_a_class_without_room_for_an_agent_has_none_of_them() -> None:
    text = vote(2, 3, "1/2").replace("cpu 16; memory 64Gi; zones 3", "cpu 200m; memory 64Gi; zones 3")
    refuted(text.replace("majority 1/2", "majority 3/5"), "quorum/c/zone-loss")


LOSS = """fleet f {
  demand d { steady 30/s }
  nodes a { count 2; cpu 16; memory 64Gi; zones 3 }
  nodes b { count 1; cpu 16; memory 64Gi; zones 3 }
  survive loss of 1 zone
  pool p { serves d; agents 6; each { concurrency 10; service mean 1s, p99 1s; cpu 1; memory 1Gi } }
}"""


def test_nodes_of_two_classes_may_lie_in_zones_of_their_own() -> None:
    """Four of six agents are left of three zones, and more than 30 requests are in hand; three would be too few."""
    unknown(LOSS, "loss/p/zone")
    refuted(LOSS.replace("count 1", "count 0"), "loss/p/zone")
