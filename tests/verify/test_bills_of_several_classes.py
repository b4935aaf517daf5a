"""Which class of nodes is filled first is the scheduler's choice: a bill does not hang on how the spec has them."""

from __future__ import annotations

from seatrial.compiler.verify import Status

from .specs import judged, proved

SMALL = "nodes gen { count 0..6; cpu 8; memory 32Gi; price $0.50/h }"
BIG = "nodes big { count 0..2; cpu 32; memory 64Gi; price $2/h }"
SPEC = """fleet f {
  demand d { steady 1/s }
  CLASSES
  pool p { serves d; agents 4; ON each { cpu 2; memory 1Gi; concurrency 8; service mean 100ms, p99 300ms } }
  guarantee bill < LIMIT/month
}"""


def spec(*classes: str, limit: int, on: str = "") -> str:
    return SPEC.replace("CLASSES", "; ".join(classes)).replace("LIMIT", f"${limit}").replace("ON ", on)


def test_the_order_of_classes_decides_nothing() -> None:
    """One node of gen is $365 a month, one of big $1,460."""
    for limit, status in ((1_000, Status.UNKNOWN), (2_000, Status.PROVED)):
        for classes in ((SMALL, BIG), (BIG, SMALL)):
            assert judged(spec(*classes, limit=limit))["bill/month"].status is status
    proved(spec(SMALL, BIG, limit=1_000, on="on gen; "), "bill/month")
    assert judged(spec(BIG, SMALL, limit=1_000, on="on big; "))["bill/month"].status is Status.REFUTED
