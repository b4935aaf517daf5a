"""Clauses of how one side calls another, in `serves` and `call`."""

from __future__ import annotations

from .form import Form, form

_EJECT = (
    form("eject", "eject at most <share:share> [for <for:duration>]",
       "The largest share of the callee's agents that may be put aside at once, and for how long at the least."),
)  # fmt: skip

POLICY: tuple[Form, ...] = (
    form("timeout", "timeout <limit:duration>", "The whole call, all attempts included, ends after this time."),
    form("try", "try timeout <limit:duration>", "One attempt ends after this time."),
    form("retry", "retry <attempts:count>", "Extra attempts after a failed one, on another agent.", body=(
        form("backoff", "backoff <base:duration> [<factor:factor>] [up to <cap:duration>]",
           "The pause before an extra attempt, its growth and its ceiling."),
        form("budget", "budget <share:share>", "Retries may be at most this share of the requests under way."),
    )),
    form("break:success", "break below <share:share> success over <over:duration>",
       "Put an agent aside when its share of successes over a window falls below this.", body=_EJECT),
    form("break:errors", "break after <errors:positive> errors",
       "Put an agent aside after so many failures in a row.", body=_EJECT),
    form("limit", "limit (limits: <amount:positive> <what:pending|in_flight|connections>)+",
       "What one calling agent may have waiting, in flight, or open to the callee."),
    form("admit", "admit at most <rate:pace> [, burst <burst:positive>]",
       "How many requests a second one calling agent may send, and how many at once after a pause; others are refused."),
    form("shed-failure", "shed below <share:share> success over <over:duration>",
       "Turn requests away at the caller as the callee's share of successes falls below this."),
    form("shed-latency", "shed <priority:low|normal|high|lowest> priority when <quantile:quantile> > <above:duration>",
       "The callee refuses requests of this priority and below while its own latency is above this."),
    form("warm", "warm up <over:duration> [from <share:share>]",
       "What a new agent gets grows over this time, from this share of what the others get to all of it."),
    form("route:least", "route least loaded",
       "Each attempt goes to the less loaded of two agents drawn at random, by what the same proxy has under way there."),
    form("route:robin", "route round robin", "Attempts go to the agents in turn."),
    form("route:random", "route random", "Each attempt goes to an agent drawn at random."),
    form("route:success", "route by success [per <header:text>]",
       "Attempts go to the agents with the best share of successes; among tasks of the same type, which this header names."),
    form("route:capacity", "route by remaining capacity", "Attempts go to the agents with the most slots free."),
    form("route:skill", "route by skill <header:text>",
       "Attempts go to agents with the skill that this header names."),
    form("route:header", "route by header <header:text>", "Requests with the same header value go to the same agent."),
)  # fmt: skip
