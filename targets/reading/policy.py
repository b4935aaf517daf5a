"""What a mesh says of one edge, gathered from several objects, to the clauses of a policy.

A retry is said by three objects (attempts by a VirtualService, the budget by a DestinationRule, the ceiling of the
back-off by an EnvoyFilter), so its clause is made last. Invariant: what a mesh would do by itself where nothing is
said, retries first of all, is said and asked about.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from seatrial.compiler.passes.defaults import BACKOFF, BACKOFF_CAP_TIMES, EJECT_FOR, EJECT_SHARE, ERRORS_OVER

from ..quantity import read_duration
from . import spelling
from .draft import Clauses
from .figures import MOST, lasting, taken, whole
from .manifest import Fields, Place

ISTIO_RETRIES = 2
"""What Istio retries where a route says nothing (VirtualService, HTTPRetry)."""
ERRORS = 5
"""Of outlier detection (DestinationRule, OutlierDetection)."""


@dataclass(slots=True)
class Policy:
    """None: not said. `places`: the fields that each clause comes from."""

    timeout: Fraction | None = None
    attempt: Fraction | None = None
    retries: int | None = None
    backoff: Fraction | None = None
    backoff_cap: Fraction | None = None
    budget: Fraction | None = None
    detects: bool = False
    errors: int | None = None
    success_below: Fraction | None = None
    interval: Fraction | None = None
    eject_for: Fraction | None = None
    eject_share: Fraction | None = None
    ask_break: str = ""
    limits: dict[str, int] = field(default_factory=dict)
    shed: tuple[Fraction, Fraction] | None = None
    admit: tuple[Fraction, int] | None = None
    warm_up: tuple[Fraction, Fraction] | None = None
    """Over how many seconds, and from which share."""
    route: str | None = None
    places: dict[str, list[Place]] = field(default_factory=dict)

    def at(self, slot: str, place: Place) -> None:
        self.places.setdefault(slot, []).append(place)

    def read(self, fields: Fields, *, timeout: str, attempt: str, retry: str) -> None:
        """What a route says of times and retries, at these paths; a time of nothing is none."""
        if (amount := _time(fields, timeout)) is not None:
            self.timeout = amount
            self.at("timeout", fields.place(timeout))
        if (amount := _time(fields, attempt)) is not None:
            self.attempt = amount
            self.at("try", fields.place(attempt))
        count = taken(fields, f"{retry}.attempts", lambda value: whole(value, least=0))
        if count is not None:
            self.retries = count
            self.at("retry", fields.place(f"{retry}.attempts"))
            self.backoff = taken(fields, f"{retry}.backoff", lasting)

    def limited(self, fields: Fields, *, pending: str, in_flight: str, connections: str) -> None:
        """What a proxy lets through at a time, at these paths; the most of a count is no limit."""
        for what, path in (("pending", pending), ("in flight", in_flight), ("connections", connections)):
            if (most := taken(fields, path, lambda value: whole(value, most=MOST - 1))) is not None:
                self.limits[what] = most
                self.at("limit", fields.place(path))

    def under(self, general: Policy) -> None:
        """Takes from a policy that holds for every caller what this one does not say."""
        for name in (
            "timeout",
            "attempt",
            "retries",
            "backoff",
            "backoff_cap",
            "budget",
            "success_below",
            "shed",
            "admit",
            "warm_up",
            "route",
        ):
            if getattr(self, name) is None:
                setattr(self, name, getattr(general, name))
        if not self.detects and general.detects:
            self.detects, self.errors = True, general.errors
            self.interval, self.eject_for, self.eject_share = general.interval, general.eject_for, general.eject_share
            self.ask_break = general.ask_break
        self.limits = {**general.limits, **self.limits}
        for slot, places in general.places.items():
            self.places.setdefault(slot, list(places))


def _time(fields: Fields, path: str) -> Fraction | None:
    if read_duration(fields.peek(path)) == 0:
        fields.skip(path)
        return None
    return taken(fields, path, lasting)


def clauses(policy: Policy, head: str, *, meshed: bool) -> Clauses:
    """`meshed`: the caller has a proxy, which retries unless it is told not to."""
    made = Clauses(head)

    def say(slot: str, text: str, ask: str = "") -> None:
        made.say(slot, text, *policy.places.get(slot, ()), ask=ask)

    if policy.timeout is not None:
        say("timeout", f"timeout {spelling.seconds(policy.timeout)}")
    if policy.attempt is not None:
        # One that would outlast the call ends with it, and no spec says it otherwise (ST1106).
        ends = policy.attempt if policy.timeout is None else min(policy.attempt, policy.timeout)
        say("try", f"try timeout {spelling.seconds(ends)}")
    if policy.retries:
        say("retry", _retry(policy, policy.retries))
    elif policy.retries is None and meshed:
        say(
            "retry",
            _retry(policy, ISTIO_RETRIES),
            f"Istio retries {ISTIO_RETRIES} times where nothing is said; is that meant?",
        )
    if policy.errors or policy.success_below is not None:
        say("break", _break(policy), policy.ask_break)
    if policy.limits:
        order = ("pending", "in flight", "connections")
        say("limit", "limit " + ", ".join(f"{policy.limits[one]:_} {one}" for one in order if one in policy.limits))
    if policy.admit is not None:
        rate, burst = policy.admit
        say("admit", f"admit at most {spelling.rate(rate)}, burst {burst:_}")
    if policy.shed is not None:
        below, over = policy.shed
        say("shed-failure", f"shed below {spelling.share(below)} success over {spelling.seconds(over)}")
    if policy.warm_up is not None and policy.route in (None, "round robin"):
        window, least = policy.warm_up
        say("warm", f"warm up {spelling.seconds(window)} from {spelling.share(least)}")
    if policy.route is not None:
        say("route", f"route {policy.route}")
    return made


def _retry(policy: Policy, attempts: int) -> str:
    base = policy.backoff if policy.backoff is not None else BACKOFF.value
    cap = base * BACKOFF_CAP_TIMES if policy.backoff_cap is None else max(base, policy.backoff_cap)
    inner = f"backoff {spelling.seconds(base)} up to {spelling.seconds(cap)}"
    if policy.budget is not None:
        inner += f"; budget {spelling.share(policy.budget)}"
    return f"retry {attempts} {{ {inner} }}"


def _break(policy: Policy) -> str:
    interval = policy.interval if policy.interval is not None else ERRORS_OVER.value
    lasting = policy.eject_for if policy.eject_for is not None else EJECT_FOR.value
    part = policy.eject_share if policy.eject_share is not None else EJECT_SHARE.value
    eject = f"{{ eject at most {spelling.share(part)} for {spelling.seconds(lasting)} }}"
    if policy.errors:
        return f"break after {policy.errors} errors {eject}"
    below = spelling.share(policy.success_below or Fraction(0))
    return f"break below {below} success over {spelling.seconds(interval)} {eject}"
