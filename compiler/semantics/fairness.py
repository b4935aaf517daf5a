"""What is to be divided, floors, ceilings and weights -> who gets how much, and what nobody can take away.

Invariant: exact (`Fraction`); no claim gets less than its floor or more than its ceiling, and the shares come to the
whole, or to all ceilings where these come to less; a claim without weight stays at its floor.

Source: weighted max-min fairness by water-filling (Bertsekas & Gallager, Data Networks, 2nd ed., 6.5.2); dominant
shares after Ghodsi et al., "Dominant Resource Fairness" (NSDI 2011).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Claim:
    """`weight` >= 0, 0 <= `floor` <= `ceiling`; a ceiling of None is no limit."""

    weight: Fraction
    floor: Fraction = Fraction(0)
    ceiling: Fraction | None = None


def max_min(whole: Fraction, claims: Sequence[Claim]) -> tuple[Fraction, ...]:
    """Each gets the larger of its floor and `level` times its weight, at most its ceiling, at one level for all.

    In proportion to the weights is the same rule without floors and ceilings. Raises ValueError where the floors come
    to more than the whole: then there is no such level.
    """
    if sum((one.floor for one in claims), Fraction(0)) > whole:
        raise ValueError("the floors come to more than the whole")
    near = _near(whole, claims)
    if near is not None:
        # What the shares come to grows with the level, so a level at which they come to the whole is the one.
        level = _through(whole, claims, near)
        shares = tuple(_at(one, level) for one in claims)
        if sum(shares, Fraction(0)) == whole:
            return shares
    level = _level(whole, claims)
    return tuple(_at(one, level) for one in claims)


def _near(whole: Fraction, claims: Sequence[Claim]) -> float | None:
    """`_level` in doubles; sorting fractions is most of its work. None also where doubles do not do."""
    turns: list[tuple[float, float]] = []
    given = 0.0
    try:
        for one in claims:
            weight, floor = float(one.weight), float(one.floor)
            given += floor
            if weight > 0:
                turns.append((floor / weight, weight))
                if one.ceiling is not None:
                    turns.append((float(one.ceiling) / weight, -weight))
        return _meets(float(whole), given, sorted(turns))
    except OverflowError:
        return None


def _meets(whole: float, given: float, turns: Sequence[tuple[float, float]]) -> float | None:
    slope = at = 0.0
    for turn, change in turns:
        if slope > 0 and given + slope * (turn - at) >= whole:
            break
        given, at, slope = given + slope * (turn - at), turn, slope + change
    return at + (whole - given) / slope if slope > 0 else None


def _through(whole: Fraction, claims: Sequence[Claim], near: float) -> Fraction | None:
    """The level exactly, if the same claims grow with it there as at the level near it; None where none does."""
    left, slope = whole, Fraction(0)
    for one in claims:
        got = near * float(one.weight)
        if one.ceiling is not None and got >= float(one.ceiling):
            left -= one.ceiling
        elif got <= float(one.floor):
            left -= one.floor
        else:
            slope += one.weight
    return left / slope if slope > 0 else None


def _at(claim: Claim, level: Fraction | None) -> Fraction:
    if level is None:
        # What has no weight does not grow with the level, however high it is.
        return claim.ceiling if claim.ceiling is not None and claim.weight > 0 else claim.floor
    got = max(claim.floor, level * claim.weight)
    return got if claim.ceiling is None else min(got, claim.ceiling)


def _level(whole: Fraction, claims: Sequence[Claim]) -> Fraction | None:
    """Where the sum, which grows with the level in straight pieces, meets the whole; None where it never does."""
    turns: list[tuple[Fraction, Fraction]] = []
    for one in claims:
        if one.weight > 0:
            turns.append((one.floor / one.weight, one.weight))
            if one.ceiling is not None:
                turns.append((one.ceiling / one.weight, -one.weight))
    given, slope, at = sum((one.floor for one in claims), Fraction(0)), Fraction(0), Fraction(0)
    for turn, change in sorted(turns):
        if slope > 0 and given + slope * (turn - at) >= whole:
            return at + (whole - given) / slope
        given, at = given + slope * (turn - at), turn
        slope += change
    return at + (whole - given) / slope if slope > 0 else None


def guaranteed(whole: Fraction, claims: Sequence[Claim], index: int) -> Fraction:
    """What one gets under `max_min` whatever the others ask: their worst is to ask for all that they may have.

    Its share falls as any other claim grows (the level does), so this corner is the least over all demands.
    """
    return max_min(whole, claims)[index]


def envied(
    got: Sequence[Fraction], weights: Sequence[Fraction], ceilings: Sequence[Fraction | None]
) -> tuple[int, int, Fraction] | None:
    """Who envies whom the most, and how many times as much the other has for its weight; None where nobody does.

    Weights are > 0. Who has all that it may have envies nobody. Nothing against something counts as twice as much for
    want of a quotient.
    """
    worst: tuple[int, int, Fraction] | None = None
    for index, (mine, weight, ceiling) in enumerate(zip(got, weights, ceilings, strict=True)):
        if ceiling is not None and mine >= ceiling:
            continue
        for other, (theirs, their_weight) in enumerate(zip(got, weights, strict=True)):
            part, their_part = mine / weight, theirs / their_weight
            if their_part <= part:
                continue
            factor = their_part / part if part > 0 else Fraction(2)
            if worst is None or factor > worst[2]:
                worst = (index, other, factor)
    return worst


def dominant_share(needs: Sequence[Fraction], capacities: Sequence[Fraction]) -> Fraction:
    """The largest share that these needs take of any one capacity; a capacity of 0 counts only where it is needed."""
    return max((need / most for need, most in zip(needs, capacities, strict=True) if most > 0), default=Fraction(0))


def by_value(whole: Fraction, claims: Sequence[Claim], values: Sequence[Fraction]) -> tuple[Fraction, ...]:
    """Floors first, then the most valuable up to its ceiling, then the next (Dantzig's fractional knapsack, 1957).

    Equal values share by weight. A claim without a ceiling takes all that is left.
    """
    got = [one.floor for one in claims]
    left = whole - sum(got, Fraction(0))
    for value in sorted(set(values), reverse=True):
        same = [index for index, one in enumerate(values) if one == value]
        room = [_above_floor(claims[index]) for index in same]
        shares = max_min(left, room)
        for index, share in zip(same, shares, strict=True):
            got[index] += share
        left -= sum(shares, Fraction(0))
    return tuple(got)


def _above_floor(claim: Claim) -> Claim:
    return Claim(claim.weight, Fraction(0), None if claim.ceiling is None else claim.ceiling - claim.floor)
