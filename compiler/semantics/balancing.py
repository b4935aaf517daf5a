"""Hosts of which some are dead, and how a proxy chooses among them -> how often tries meet a dead one.

Invariant: every chance is an upper bound for hosts that fail, or refuse, at once; more retries never raise one.

Source: https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/load_balancers
(LEAST_REQUEST draws two hosts, with replacement, and takes the one with fewer requests under way) and
`host_selection_retry_max_attempts` of config.route.v3.RetryPolicy with the `previous_hosts` predicate: a retry draws
again, up to so many times, while it meets a host that was tried before, and then takes what it has. Measured on Envoy
1.40: a host that refuses connections has nothing under way, so it looks idle and wins each comparison with a busy one.
Until it is ejected, 1 - (1 - s)^2 of the first tries meet one of a share s of such hosts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

REDRAWS = 5
"""Further draws for a retry that met a host already tried; the targets write this number out."""


def first_try(dead: Fraction, *, idle_first: bool) -> Fraction:
    """Share of first tries that meet one of the `dead` share of hosts.

    `idle_first`: the less loaded of two is taken, and the dead ones answer (with an error) at once. A host that hangs
    keeps what it is sent, so it looks at least as busy as the others, and gets its plain share at most.
    """
    return 1 - (1 - dead) ** 2 if idle_first else dead


def runs_of_independent_tries(spoiled: Fraction, retries: int) -> tuple[Fraction, ...]:
    """The chance that the first n tries are all spoiled, n = 1 .. 1 + retries, each alike and independent."""
    return tuple(spoiled**count for count in range(1, retries + 2))


def runs_over_hosts(hosts: int, dead: int, retries: int, *, idle_first: bool) -> tuple[Fraction, ...]:
    """The chance that the first n tries all meet dead hosts, where a retry looks for a host not tried before.

    The dead ones share alike in `first_try`; what meets none of them meets a live host, which answers.
    """
    each = first_try(Fraction(dead, hosts), idle_first=idle_first) / dead if dead else Fraction(0)
    met: dict[int, Fraction] = {0: Fraction(1)}
    """The chance that all tries so far were spoiled, by how many different hosts they met."""
    runs = []
    for _ in range(retries + 1):
        after: dict[int, Fraction] = {}
        for tried, chance in met.items():
            again = tried * each
            stays = again ** (1 + REDRAWS) if tried else Fraction(0)
            moves = (1 - stays) * (dead - tried) * each / (1 - again) if again < 1 else Fraction(0)
            for count, share in ((tried, stays), (tried + 1, moves)):
                if share:
                    after[count] = after.get(count, Fraction(0)) + chance * share
        met = after
        runs.append(sum(met.values(), Fraction(0)))
    return tuple(runs)


@dataclass(frozen=True, slots=True)
class Spoiled:
    """For each request: the share that fails in the end, and the mean number of tries that are spoiled."""

    failing: Fraction
    tries: Fraction


def after_retries(runs: Sequence[Fraction], refused: Fraction = Fraction(0)) -> Spoiled:
    """`runs` as above, one more than there are retries; of the retries that are wanted a share is `refused`.

    A request fails when all of its tries are spoiled, or one is and the next is refused.
    """
    leave = 1 - refused
    reached = [run * leave**index for index, run in enumerate(runs)]
    tries = sum(reached, Fraction(0))
    return Spoiled((tries - reached[-1]) * refused + reached[-1], tries)
