"""Five slips in the support desk, and what is told of each: the code, the place and the figures that decide."""

from __future__ import annotations

from seatrial.compiler.verify import Status

from .shipped import changed, place, told

RETRY = "      retry 2 { backoff 25ms up to 100ms; budget 20% }\n"


def test_a_retry_clause_that_is_deleted_leaves_the_success_of_its_tickets_open() -> None:
    checked = changed("support", (RETRY, ""), ("success 99%", "success 99.1%"))
    assert checked.verdict == "unknown"
    (one,) = told(checked, "ST4501")
    assert place(one) == "guarantee success 99.1% over 30d"
    words = " ".join((one.message, *one.notes, one.help))
    assert "tickets" in words and "0.9 % may fail" in words and "trial storm" in words
    assert "retr" in words, "the way out is named"


def test_a_budget_that_is_lowered_is_met_with_the_bill_item_by_item() -> None:
    checked = changed("support", ("budget compute $400/day", "budget compute $200/day"))
    assert checked.verdict == "infeasible"
    (one,) = told(checked, "ST2201")
    assert place(one) == "budget compute $200/day"
    # 7 nodes x $0.68, 100 x $0.03 and 100 x $0.02, and the other two pools, each for 24 hours.
    assert "$282.24" in one.message and "$200" in one.message
    for item in ("7 nodes of general at $0.68", "100 agents of resolver at $0.03", "100 agents of triage at $0.02"):
        assert item in one.message
    # As many nodes as agents may come to lie on, and those that drain while others start.
    assert "with all 12 nodes of general" in one.message and "$366.74" in one.message
    assert "$367/day" in " ".join((one.help, *one.notes))


def test_a_retry_count_that_is_raised_is_followed_along_the_chain_to_what_breaks() -> None:
    checked = changed(
        "support", ("retry 2 { backoff 25ms up to 100ms; budget 20% }", "retry 6 { backoff 25ms up to 100ms }")
    )
    assert checked.verdict == "infeasible"
    chains = [one.message for one in told(checked, "ST4101")]
    assert any("tickets -> triage x7 -> resolver -> llm" in chain and "7 attempts at llm" in chain for chain in chains)
    (time,) = told(checked, "ST4201")
    assert place(time) == "retry 6 { backoff 25ms up to 100ms }"
    assert "6 retries but time for 3" in time.message and "the timeout is 6 s" in time.message
    # A third would start, but with too little left of what a try may take: what is offered is worth having.
    assert "lower the retries of tickets -> triage to 2" in " ".join((time.help, *time.notes))
    (rate,) = told(checked, "ST2302")
    assert "llm takes 1,000 requests/s" in rate.message and "without retries" in rate.message
    # What retries do not touch stays proved.
    kept = {one.id for one in checked.findings if one.status is Status.PROVED}
    assert {"capacity/triage/peak", "nodes/fit", "quorum/reassign/survives"} <= kept


def test_a_pool_that_is_renamed_is_missed_at_every_place_with_the_name_that_was_meant() -> None:
    checked = changed("support", ("pool resolver {", "pool resolvers {"))
    assert checked.fleet is None and checked.findings == ()
    missed = told(checked, "ST1011")
    # Three calls from it, two to it, and three faults of the trial.
    assert len(missed) == 8
    assert all(one.help == "did you mean `resolvers`?" for one in missed)
    assert all(one.labels[0].span.text == "resolver" for one in missed)


def test_a_unit_that_is_left_out_is_asked_for_in_the_dimension_of_its_place() -> None:
    slips = {
        ("timeout 6s", "timeout 6"): ("a duration is wanted", "write 6s or 6ms"),
        ("steady 300/s", "steady 300"): ("a rate is wanted", "write 300/s or 300/min"),
        ("memory 256Mi", "memory 256"): ("an amount of memory is wanted", "write 256Mi or 256Gi"),
        ("price $0.02/h", "price 0.02"): ("a price per time is wanted", "write $0.02/h, $0.02/day or $0.02/month"),
    }
    # Left out all at once, each is told in a message of its own.
    checked = changed("support", *slips)
    found = told(checked, "ST1101")
    assert len(found) == len(slips)
    said = {(place(one), one.help): one.message for one in found}
    for (_, line), (wanted, way_out) in slips.items():
        assert wanted in said[line, way_out]
    assert not [one for one in checked.diagnostics if one.code != "ST1101"], "one slip, one message"
