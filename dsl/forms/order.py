"""Clauses of how agents decide, are organised, deal with one another and with people, and what they may reach."""

from __future__ import annotations

from .form import Form, Times, form

VOTE = (
    form("groups", "vote in [<drawn:random>] groups of <size:positive> , <levels:positive> levels",
       "Each group votes, then groups of groups: a vote needs a majority in a majority of them.", body=(
        form("margin", "confidence <confidence:share> , margin <margin:share>",
           "The outcome is what all members together would have said, with this chance, when they are not closer than this."),
        form("count", "count <time:duration> per vote", "The time that a group's leader takes for each vote that comes in."),
    )),
    form("tie", "tie broken by <pool:name>", "Who decides when the time is up."),
    form("remember", "remember <time:duration>", "A question that was decided is not voted on again for so long."),
)  # fmt: skip

ORGANISATION = (
    form("levels", "levels (levels: <name:name> <count:positive> [<each:each>] [of <pool:name>])+",
       "The tiers from the top, how many there are, for `each` of the tier above or in all, and whose agents they are.",
       Times.ONCE),
    form("span", "span at most <span:positive>", "How many report to one at most."),
    form("failure:both", "on failure reassign within <reassign:duration> , then escalate within <escalate:duration>",
       "Work of a failed agent goes to another one of its tier; else to the tier above, and so on, each within its time."),
    form("failure:escalate", "on failure escalate within <escalate:duration>",
       "Work of a failed agent goes to the tier above, and so on, each within this time."),
    form("failure:reassign", "on failure reassign within <reassign:duration>",
       "Work of a failed agent goes to another one of its tier."),
    form("decide", "decide within <limit:duration>", "A failure at the bottom has been dealt with after this time at most."),
    form("results", "results within <limit:duration> [, <hop:duration> per level]",
       "Results of the bottom are added up at the top after this time at most."),
)  # fmt: skip

PATTERN = (
    form("pattern", "pattern <kind:direct|hub|tree|mesh> [up to <most:positive>]",
       "How agents talk: each to each, through a hub, along a tree, or over an event mesh; and to how many that suits."),
)  # fmt: skip

NEGOTIATION = (
    form("rounds", "rounds <rounds:positive> of <time:duration>", "So many rounds of offers, each of this time.", Times.ONCE),
    form("mediator", "mediator <pool:name> within <time:duration>",
       "Who decides when the rounds have failed or the time is up, and how long that takes."),
    form("limit", "at most <limit:duration>", "It is over after this time, with the mediator's decision.", Times.ONCE),
)  # fmt: skip

_ACTIONS = "freeze_additions|open_breakers|shed_low|repartition|restructure"

CRISIS = (
    form("when:latency", "when latency <quantile:quantile> > <factor:factor> normal <normal:duration>",
       "A signal: latency is so many times its normal value.", Times.MANY),
    form("when:queue", "when queue > <items:count>", "A signal: more items wait at an agent.", Times.MANY),
    form("when:errors", "when errors > <share:share>", "A signal: a larger share of requests fails.", Times.MANY),
    form("when:overhead", "when overhead > <share:share>",
       "A signal: coordination takes a larger share of all messages.", Times.MANY),
    form("when:conflicts", "when conflicts > <items:count>", "A signal: more decisions contradict each other at once.", Times.MANY),
    form("level", "level <level:positive> at <signals:positive> <unit:signal|signals>",
       "The crisis has this level with so many signals at once.", Times.MANY),
    form("once", f"at once (actions: <action:{_ACTIONS}>)+", "What is done immediately."),
    form("within", f"within <limit:duration> (actions: <action:{_ACTIONS}>)+", "What is done by then.", Times.MANY),
    form("later", f"later (actions: <action:{_ACTIONS}>)+", "What is done when the crisis is over."),
)  # fmt: skip

ROLE = (
    form("people", "people <count:positive>", "How many people share it.", Times.ONCE),
    form("answers", "answers within <time:duration>", "How long they take to answer."),
    form("decides", "decides <rate:rate>", "How many questions one of them can decide in a time."),
)  # fmt: skip

APPROVAL = (form("asked", "asked up to <rate:rate>", "How often it is asked at most."),)

SECURE = (
    form("tls", "mutual tls", "Both ends of each connection prove who they are."),
    form("calls", "only declared calls", "Whatever is not a declared call is refused."),
    form("privilege", "least privilege", "Agents may do nothing to the cluster, and no call is allowed that nobody needs."),
)  # fmt: skip

ORDER: tuple[Form, ...] = (
    form("organisation", "organisation <name:name>", "Tiers of agents: who reports to whom.", Times.MANY,
       (*ORGANISATION, *PATTERN)),
    form("negotiation", "negotiation <name:name> between <buyers:name> , <sellers:name>",
       "Two pools come to terms, or a mediator decides.", Times.MANY, NEGOTIATION),
    form("crisis", "crisis <name:name>", "The signs by which a crisis is known, and what is then done.", Times.MANY, CRISIS,
       (("when",), ("once", "within", "later"))),
    form("role", "role <name:name>", "People who answer questions.", Times.MANY, ROLE),
    form("approve", "approve <action:text> by <role:name> within <limit:duration> else <otherwise:deny|allow>",
       "An action that waits for a person's word, and what holds when none comes.", Times.MANY, APPROVAL),
    form("audit", "audit <time:duration>", "What agents decide is kept for so long."),
    form("stop", "stop everything within <limit:duration> by <role:name>", "The emergency stop, and who may pull it."),
    form("secure", "secure", "Who may reach whom.", body=SECURE, some=(("tls", "calls", "privilege"),)),
)  # fmt: skip
