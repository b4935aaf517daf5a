"""A literal of a template, or of a name, is of all pools that say so: its repair names them."""

from __future__ import annotations

import pytest

from .specs import judged
from .specs import refuted as mended

POOLS = "".join(f"  pool {name} like small {{ }}\n" for name in ("north", "south", "east", "west", "middle"))


def _spec(pools: str) -> str:
    return f"fleet f {{\n  template small {{ agents 4..12; disrupt at most 10% }}\n{pools}}}\n"


@pytest.mark.parametrize(
    ("pools", "said"),
    [
        ("  pool north like small { }\n", "raise the disruption of north to 25%"),
        ("".join(POOLS.splitlines(True)[:2]), "raise the disruption of north and south to 25%"),
        (POOLS, "raise the disruption of north, south, east and 2 more to 25%"),
    ],
)
def test_it_says_whose_it_is(pools: str, said: str) -> None:
    finding = mended(_spec(pools), "disruption/north")
    assert said in [one.text for one in finding.repairs]
    assert {one.status for one in judged(_spec(pools).replace("10%", "25%")).values()} == {finding.status.PROVED}
