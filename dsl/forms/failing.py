"""Clauses of a pool on what its agents do when they fail or are too busy."""

from __future__ import annotations

from .form import Times, form

RESTARTS = (
    form("pause", "pause restarts above <share:share> failing",
       "While more than this share of the agents fails, none is started again: something is wrong with all of them."),
    form("backoff", "backoff <wait:duration..>",
       "The pause before an agent that failed is started again, doubled each time, and its ceiling."),
    form("elsewhere", "restart <where:elsewhere>", "An agent that failed is started again on another machine."),
)  # fmt: skip

_STEP = (
    form("service", "service mean <mean:duration> [, p99 <tail:duration>]",
       "The agent's own work on one request in this step.", Times.ONCE),
    form("calls", "without <what:calls>", "In this step an agent makes no calls."),
    form("carries", "carries <factor:factor>", "How many times the peak the pool carries in this step; once if not said."),
)  # fmt: skip

LIMITS = (
    form("degrade", "degrade to <step:text> above <busy:share> busy",
       "What an agent answers instead while a larger share of its slots is busy.", Times.MANY, _STEP),
    form("push", "push back above <pending:positive> pending",
       "An agent with as many requests waiting refuses more, so that its callers slow down."),
    form("skills", "skills (skills: <skill:name> [<share:share>])+",
       "What the agents are divided by: each has one skill; the share is that of the requests, equal if not said."),
)  # fmt: skip
