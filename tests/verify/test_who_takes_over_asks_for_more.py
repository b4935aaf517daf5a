"""A pool that takes over asks those that it calls for as much as comes to both: dependencies too."""

from __future__ import annotations

from .specs import judged, proved, refuted, unknown

SPEC = """fleet f {
  demand d { steady 50/s }
  demand e { steady 50/s }
  pool p { serves d; agents 20; each { concurrency 10; service mean 50ms, p99 100ms } }
  pool q { serves e; agents 20; each { concurrency 10; service mean 50ms, p99 100ms } }
  dependency db { latency p50 10ms, p99 20ms; limit LIMIT }
  dependency log { latency p50 10ms, p99 20ms; limit 60 requests/s }
  call q -> db { tokens 10 }
  call p -> log
  survive loss of pool p, q takes over
}"""


def test_a_rate_that_is_enough_for_one_is_not_for_both() -> None:
    text = SPEC.replace("LIMIT", "60 requests/s")
    proved(text, "rate/db")
    witness = refuted(text, "takeover/p/rate/db").witness
    assert witness.startswith("after the loss of p 100 requests/s reach db at the peak")
    held = proved(SPEC.replace("LIMIT", "120 requests/s"), "takeover/p/rate/db")
    assert held.unit == "requests/s"


def test_so_are_tokens() -> None:
    refuted(SPEC.replace("LIMIT", "900 tokens/s"), "takeover/p/tokens/db")
    assert proved(SPEC.replace("LIMIT", "1_000 tokens/s"), "takeover/p/tokens/db").unit == "tokens/s"


def test_what_is_not_asked_for_more_is_not_told_again() -> None:
    found = judged(SPEC.replace("LIMIT", "120 requests/s"))
    assert [id for id in found if id.startswith("takeover")] == ["takeover/p/q", "takeover/p/rate/db"]


def test_so_are_quotas() -> None:
    text = SPEC.replace("LIMIT", "120 requests/s").replace("call q", "quota requests 4_000/min of db\n  call q")
    proved(text, "quota/requests-of-db/peak")
    witness = refuted(text, "takeover/p/quota/requests-of-db/peak").witness
    assert witness.startswith("after the loss of p up to 6,000 requests are asked for in 1 min")
    assert proved(text.replace("4_000", "6_000"), "takeover/p/quota/requests-of-db/peak").unit == ""


SKILLED = """fleet f {
  demand a { steady 45/s }
  demand b { steady 5/s }
  pool p { serves a; agents 8; SKILLS each { concurrency 2; service mean 100ms, p99 200ms } }
  pool q { serves b; agents 2..40; SKILLS each { concurrency 2; service mean 100ms, p99 200ms }; scale on SIGNAL }
  survive loss of pool p, q takes over
}"""


def test_an_heir_has_as_many_agents_as_its_autoscaler_leaves_alone() -> None:
    """50 requests/s hold 5 slots: at 80 % busy, and a tenth, 3 agents are enough for it, of whom one has each skill; it
    gets 2.5 at a time with 2 slots."""
    text = SKILLED.replace("SIGNAL", "busy 80%")
    found = unknown(text.replace("SKILLS", "skills x 50%, y 50%;"), "takeover/p/q")
    assert "with 3 agents at rest" in found.reason
    proved(text.replace("SKILLS", ""), "takeover/p/q")
    proved(text.replace("SKILLS", "skills x 50%, y 50%;").replace("80%", "40%"), "takeover/p/q")


def test_an_heir_of_which_it_is_not_known_where_it_settles_is_unknown() -> None:
    assert "cpu" in unknown(SKILLED.replace("SIGNAL", "cpu 60%").replace("SKILLS", ""), "takeover/p/q").reason


def test_which_of_its_skills_the_requests_want_that_come_is_stated_or_not() -> None:
    text = SKILLED.replace("SIGNAL", "busy 40%")
    skills = "skills x 50%, y 50%;"
    proved(text.replace("SKILLS", skills), "takeover/p/q")
    # What came to p may all want x.
    for lost in ("", "skills x 90%, y 10%;", "skills x 50%, z 50%;"):
        found = unknown(text.replace("SKILLS", lost, 1).replace("SKILLS", skills), "takeover/p/q")
        assert "which of them the requests of p want is not stated" in found.reason
