"""Quotas handed out unit by unit, for every demand of the others on a grid."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from .trying import agrees, cases, judged

UNITS = 60


@dataclass(frozen=True)
class Tenant:
    weight: int
    floor: int
    """In twentieths of the whole."""
    priority: int
    more: int
    """Twentieths above the floor that it may have at the most."""

    @property
    def most(self) -> int:
        return min(20, self.floor + self.more) * UNITS // 20


TENANTS = st.lists(
    st.builds(Tenant, st.integers(0, 3), st.integers(0, 6), st.integers(0, 1), st.sampled_from([1, 6, 12, 20])),
    min_size=2,
    max_size=3,
)


def _handed_out(tenants: list[Tenant], asked: list[int]) -> list[int]:
    """Floors first; then each unit goes to whoever, for its weight, has least and still asks."""
    got = [min(tenant.floor * UNITS // 20, want) for tenant, want in zip(tenants, asked, strict=True)]
    while sum(got) < UNITS:
        waiting = [
            (got[at] / tenant.weight, at) for at, tenant in enumerate(tenants) if tenant.weight and got[at] < asked[at]
        ]
        if not waiting:
            break
        got[min(waiting)[1]] += 1
    return got


def _first_served(tenants: list[Tenant], asked: list[int], order: tuple[int, ...]) -> list[int]:
    """Floors are kept free for their owners; the rest goes in the order given."""
    got = [min(tenant.floor * UNITS // 20, want) for tenant, want in zip(tenants, asked, strict=True)]
    kept = sum(tenant.floor * UNITS // 20 for tenant in tenants)
    rest = UNITS - kept
    for at in order:
        more = min(rest, asked[at] - got[at])
        got[at], rest = got[at] + more, rest - more
    return got


@cases
def test_nobody_starves_whatever_the_others_ask(cases: int) -> None:
    @settings(max_examples=cases)
    @given(TENANTS, st.sampled_from(["max-min", "priority first", "first come"]))
    def check(tenants: list[Tenant], fair: str) -> None:
        named = "\n".join(
            f"tenant t{at} {{ weight {one.weight}; {f'floor {one.floor * 5}%;' if one.floor else ''} "
            f"{f'ceiling {one.most * 100 // UNITS}%;' if one.most < UNITS else ''} "
            f"priority {'high' if one.priority else 'low'} }}"
            for at, one in enumerate(tenants)
        )
        text = (
            "fleet f { demand d { steady 1/s }; dependency x { limit 100 requests/s; latency p50 2ms, p99 9ms }\n"
            "pool a { serves d; agents 2; each { concurrency 4; service mean 9ms, p99 30ms } }\ncall a -> x\n"
            f"quota requests {UNITS}/s of x {{ {named}\nfair {fair}; nobody starves; charge before the call }} }}"
        )
        fit = sum(one.floor for one in tenants) <= 20
        if any(one.floor for one in tenants):
            agrees(judged(text, "quota/requests-of-x/floors"), fit, text)
        if not fit:
            return
        least = [UNITS] * len(tenants)
        for asked in itertools.product(range(0, UNITS + 1, 20), repeat=len(tenants)):
            for at in range(len(tenants)):
                wants = [min(one.most, UNITS if who == at else asked[who]) for who, one in enumerate(tenants)]
                if fair == "max-min":
                    courses = [_handed_out(tenants, wants)]
                else:
                    orders = itertools.permutations(range(len(tenants)))
                    courses = [
                        _first_served(tenants, wants, order)
                        for order in orders
                        if fair == "first come"
                        or [tenants[one].priority for one in order]
                        == sorted((one.priority for one in tenants), reverse=True)
                    ]
                least[at] = min(least[at], *(got[at] for got in courses))
        agrees(judged(text, "quota/requests-of-x/starvation"), all(least), text)

    check()


@cases
def test_floors_of_agents_fit_into_a_budget(cases: int) -> None:
    pools = st.lists(st.tuples(st.integers(1, 6), st.integers(0, 5)), min_size=1, max_size=3)

    @settings(max_examples=cases)
    @given(pools, st.integers(1, 9), st.integers(1, 150))
    def check(pools: list[tuple[int, int]], floor: int, dollars: int) -> None:
        text = f"fleet f {{ budget agents ${dollars}/day {{ each agent at least ${floor} }}\n"
        for at, (least, more) in enumerate(pools):
            agents = f"{least}..{least + more}; scale on busy 50%" if more else str(least)
            text += f"pool p{at} {{ agents {agents}; each {{ price $0.01/h }} }}\n"
        text += "}"
        purse, holds = dollars, True
        for least, more in pools:
            for _ in range(least + more):
                purse -= floor
                holds &= purse >= 0
        agrees(judged(text, "division/agents/day/floors"), holds, text)

    check()
