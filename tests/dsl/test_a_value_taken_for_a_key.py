"""`scale_on: {busy: 60%}` and `guarantee_latency: {p95: 2s}` are answered with the fields that are meant, once."""

from __future__ import annotations

import json

import pytest

from seatrial.compiler.pipeline import judge, read
from seatrial.dsl.diagnostics import Diagnostic
from seatrial.dsl.source import Source


def told(notation: str, pool: object, more: object) -> list[Diagnostic]:
    pools = {"p": {"serves": ["d"], "agents": "3..9", **dict(pool)}}  # type: ignore[call-overload]
    fleet = {"demand": {"d": {"steady": "5/s"}}, "pool": pools, **dict(more)}  # type: ignore[call-overload]
    text = json.dumps({"fleet": {"f": fleet}})
    return [one for one in judge(read(Source(f"f.{notation}", text)), {}).diagnostics if one.is_error]


@pytest.mark.parametrize(
    ("pool", "more", "yaml", "as_json"),
    [
        (
            {"scale_on": {"busy": "60%"}},
            {},
            "write `signal: busy, share: 60%`",
            'write `"signal": "busy", "share": "60%"`',
        ),
        (
            {},
            {"guarantee_latency": {"p95": "2s"}},
            "write `bounds: [{quantile: p95, limit: 2s}]`",
            'write `"bounds": [{"quantile": "p95", "limit": "2s"}]`',
        ),
        ({"agents": {"min": 2, "max": 5}}, {}, "write `agents: 10`, or a range: `2..10`", None),
    ],
)
def test_the_fields_are_told(pool: object, more: object, yaml: str, as_json: str | None) -> None:
    (one,) = told("yaml", pool, more)
    assert one.help == yaml
    (one,) = told("json", pool, more)
    assert one.help == (as_json or 'write `"agents": 10`, or a range: `2..10`')


def test_what_may_stand_in_a_block_is_told_with_the_fields_of_its_clause() -> None:
    (one,) = told("yaml", {"scale_on": {"signal": "busy", "share": "60%", "zzz": 3}}, {})
    assert one.help == "what may stand in `scale_on`: signal, share, up_within, down_over, at_most"


def test_the_name_is_none_of_them_where_it_is_the_key() -> None:
    (one,) = told("yaml", {"zzz": 1}, {})
    assert one.help.startswith("what may stand in `pool p`: template, serves, ")


def test_a_name_that_is_no_value_is_left_alone() -> None:
    (one,) = told("yaml", {"each": {"cpu": "1", "busy": "60%"}}, {})
    assert one.help.startswith("what may stand in `each`: ")
