"""Votes after faults, after a zone, and in time."""

from __future__ import annotations

import pytest

from seatrial.compiler.verify.edits.nature import Nature

from .specs import core, offers, proved, refuted, unknown

SPEC = """fleet f {{
  nodes n {{ count 3..9; cpu 4; memory 16Gi; zones 3 }}
  survive loss of 1 zone
  pool p {{ agents {agents}; each {{ cpu 100m; memory 128Mi }} }}
  consensus c among p {{ members {members}; majority {majority}; tolerate {tolerate}; within 1s; {round} }}
}}"""


def spec(**values: object) -> str:
    usual = {"agents": 9, "members": 5, "majority": "1/2", "tolerate": "1 crashed", "round": "round 200ms"}
    return SPEC.format(**(usual | values))


def test_four_members_do_not_survive_two_faults() -> None:
    finding = refuted(spec(members=4, tolerate="2 crashed"), "quorum/c/survives")
    assert "3 votes of 4 members" in finding.witness
    assert ("4", "5") in offers(finding)
    proved(spec(tolerate="2 crashed"), "quorum/c/survives")


def test_two_thirds_of_three_zones_never_survive_one() -> None:
    finding = refuted(spec(members=6, majority="2/3"), "quorum/c/zone-loss")
    assert core(finding) == {"6", "2/3", "3", "1"}
    assert not [old for old, _ in offers(finding) if old == "6"]
    proved(spec(), "quorum/c/zone-loss")


@pytest.mark.parametrize("zones", [4, 5, 9])
def test_three_nodes_lie_in_three_zones_however_many_there_are(zones: int) -> None:
    text = spec(members=7, majority="2/3").replace("zones 3", f"zones {zones}")
    finding = refuted(text, "quorum/c/zone-loss")
    assert "7 members of c over 3 zones, as 3 nodes of n lie in no more" in finding.witness
    assert ("3", "4") in offers(finding)
    assert ("3..9", "4..9") not in offers(finding)
    proved(text.replace("count 3..9", f"count {zones}..9"), "quorum/c/zone-loss")


LARGE = """fleet f {
  demand a { steady 1/s }
  nodes n { count 1..9; cpu 4; memory 8Gi; zones 3 }
  pool p { serves a; agents 9; each { cpu CORES; memory 512Mi; concurrency 8; service mean 100ms, p99 200ms } }
  consensus v among p { members 9; majority 1/2 }
  survive loss of 1 zone
}"""


def test_nodes_that_the_members_need_are_there() -> None:
    proved(LARGE.replace("CORES", "3"), "quorum/v/zone-loss")
    # Four of them on a node, three nodes, three zones; or five, two nodes, two zones; or all on one.
    proved(LARGE.replace("CORES", "1"), "quorum/v/zone-loss")
    assert "over 2 zones, as 2 nodes" in refuted(LARGE.replace("CORES", "800m"), "quorum/v/zone-loss").witness
    assert "over 1 zone, as 1 node" in refuted(LARGE.replace("CORES", "400m"), "quorum/v/zone-loss").witness


def test_of_two_classes_it_is_not_known_which_has_the_nodes_that_are_needed() -> None:
    two = LARGE.replace("pool p", "nodes m { count 1..9; cpu 4; memory 8Gi; zones 3 }\n  pool p")
    unknown(two.replace("CORES", "3"), "quorum/v/zone-loss")
    refuted(two.replace("CORES", "400m"), "quorum/v/zone-loss")


def test_where_there_may_be_no_node_at_all_one_zone_is_counted() -> None:
    refuted(spec().replace("count 3..9", "count 0..9"), "quorum/c/zone-loss")


def test_the_number_of_zones_is_a_fact_that_no_repair_decides() -> None:
    text = spec(members=7, majority="2/3").replace("count 3..9", "count 4..9")
    (repair,) = [one for one in refuted(text, "quorum/c/zone-loss").repairs if "zones of n" in one.text]
    assert repair.nature is Nature.WORLD


def test_liars_need_a_larger_overlap() -> None:
    # 4 of 7 share 1 at least; with two liars 3 are needed.
    finding = refuted(spec(members=7, tolerate="2 Byzantine"), "quorum/c/intersects")
    assert "share at least 1; 3 are needed" in finding.witness
    proved(spec(members=7, majority="2/3", tolerate="2 Byzantine"), "quorum/c/intersects")
    refuted(spec(members=4, majority="1/3"), "quorum/c/intersects")


def test_a_pool_must_not_shrink_below_the_members() -> None:
    assert ("4", "5") in offers(refuted(spec(agents=4), "quorum/c/members"))


def test_three_members_of_which_two_may_be_drained_cannot_decide() -> None:
    text = """fleet f {{
  pool store {{ agents {agents}; disrupt at most {away} }}
  consensus c among store {{ members 3; majority 1/2; tolerate 1 crashed }}
}}"""
    finding = refuted(text.format(agents="3", away="2 agents"), "quorum/c/disruption")
    assert "needs 2 votes of 3 members; while nodes are drained 1 of as few as 3 agents must stay" in finding.witness
    assert ("2 agents", "1 agent") in offers(finding)
    proved(text.format(agents="3", away="1 agent"), "quorum/c/disruption")
    # The others of a larger pool take their seats.
    proved(text.format(agents="30", away="10%"), "quorum/c/disruption")


def test_a_decision_takes_two_rounds() -> None:
    assert ("501ms", "500ms") in offers(refuted(spec(round="round 501ms"), "quorum/c/time"))
    proved(spec(round="round 500ms"), "quorum/c/time")
    assert "round" in unknown(spec(round=""), "quorum/c/time").reason


def test_who_is_sent_away_is_sent_from_any_zone() -> None:
    """Of 10 agents over three zones four are in one: of five that are left as well, and the fifth sits alone."""
    scaled = spec(agents="5..10; scale on busy 50%").replace("memory 128Mi", "memory 128Mi; concurrency 2")
    told = unknown(scaled, "quorum/c/zone-loss")
    assert "of as few as 5 agents of p 4 may have stayed in one zone (an even part of 10)" in told.reason
    assert "1 is left of 5 members" in told.reason
    assert "a lower maximum" in told.remedy
    for range_ in ("5..6", "9..10", "5"):
        proved(scaled.replace("5..10", range_), "quorum/c/zone-loss")


HALF_FULL = """fleet f {
  nodes n { count 1..9; cpu 8; memory 64Gi; zones 3 }
  survive loss of 1 zone
  pool p { agents 5; each { cpu 3; memory 1Gi } }
  consensus c among p { members 5; majority 1/2; tolerate 0 crashed }
}"""


def test_nodes_that_are_never_full_are_more_than_their_cores_say() -> None:
    """Fifteen cores are less than two nodes have, but a node holds two agents of three cores."""
    proved(HALF_FULL, "quorum/c/zone-loss")
    assert "over 2 zones, as 2 nodes" in refuted(HALF_FULL.replace("agents 5", "agents 4").replace(
        "members 5", "members 4"), "quorum/c/zone-loss").witness  # fmt: skip


NODES = """fleet f {
  nodes n { count COUNT; cpu 4; memory 16Gi; zones 3 }
  SURVIVE
  pool p { agents 5; each { cpu CORES; memory 128Mi } }
  consensus c among p { members 5; majority 1/2; tolerate 0 crashed }
}"""


def nodes(count: str, cores: str, survive: str = "survive loss of 1 node") -> str:
    return NODES.replace("COUNT", count).replace("CORES", cores).replace("SURVIVE", survive)


def test_a_lost_node_takes_as_many_members_as_fit_on_it() -> None:
    proved(nodes("3..9", "2"), "quorum/c/node-loss")
    # Three may be on one node, though over three nodes they need not be.
    told = unknown(nodes("3..9", "1300m"), "quorum/c/node-loss")
    assert (
        "a node of n may hold 3 agents of p, each of them a member: after the loss of 1 node 2 are left" in told.reason
    )
    assert "`survive loss of 1 zone`" in told.remedy
    # All are on one where there is no second one.
    finding = refuted(nodes("1..9", "500m"), "quorum/c/node-loss")
    assert "5 members of c over as few as 1 node: after the loss of 1 node 0 are left" in finding.witness
    refuted(nodes("3..9", "2", "survive loss of 2 nodes"), "quorum/c/node-loss")


def test_zones_that_are_a_must_keep_members_off_a_node() -> None:
    both = nodes("3..9", "500m", "survive loss of 1 zone\n  survive loss of 1 node")
    proved(both, "quorum/c/node-loss")
    told = unknown(both.replace("count 3..9", "count 9").replace("1/2", "2/3"), "quorum/c/node-loss")
    assert "the agents of one of 3 zones may all be on one node: after the loss of 1 node 3 are left" in told.reason
    unknown(nodes("3..9", "500m"), "quorum/c/node-loss")


def test_without_sizes_it_is_not_known_who_is_on_a_node() -> None:
    text = nodes("9", "1").replace("each { cpu 1; memory 128Mi }", "disrupt at most 1 agent")
    assert "p does not state cpu and memory" in unknown(text, "quorum/c/node-loss").reason


def test_a_vote_loses_the_agents_that_may_be_lost() -> None:
    text = nodes("9", "1", "survive loss of 2 agents of p")
    proved(text, "quorum/c/agent-loss")
    finding = refuted(text.replace("loss of 2", "loss of 3"), "quorum/c/agent-loss")
    assert "after the loss of 3 agents of p, members all of them, 2 are left" in finding.witness
    assert ("3", "2") in offers(finding)
