"""Clauses of how money, tokens and work are divided, bid for and paid."""

from __future__ import annotations

from .form import Form, Times, form

DISPUTE = (
    form("weights", "weights (levels: <level:low|normal|high|critical> <weight:positive>)+",
       "How many votes an agent of each priority has.", Times.ONCE),
    form("majority", "majority <share:share>", "More than this share of all votes decides.", Times.ONCE),
    form("least", "at least <share:share> of agents decide", "No smaller share of the agents can decide alone."),
    form("alone", "no pool decides alone", "The agents of no single pool hold a majority."),
)  # fmt: skip

DIVISION = (
    form("each:range", "each agent <each:money..>", "What each agent gets at least and at most in each period."),
    form("each:least", "each agent at least <least:money>", "What each agent gets at least in each period."),
    form("each:most", "each agent at most <most:money>", "What each agent gets at most in each period."),
    form("share:rule", "share <rule:equally|by_success|by_resource|by_utility>",
       "Alike; or by the agents' share of successes, by what they take of the nodes, or to the most valuable work first."),
    form("share:weight", "share by weight (weights: <pool:name> <weight:number>)+",
       "In proportion to the weight of each agent's pool."),
    form("share:auction", "share by auction <auction:name>", "To the highest bidder."),
    form("preempt", "preempt lowest priority first", "Where money is short, the lowest priority is cut down to its floor first."),
    form("stop", "stop at budget", "Agents stop early enough that what is in hand does not pass the budget."),
    form("dispute", "dispute by vote weighted by priority", "Who gets what is decided by vote where agents disagree.",
       body=DISPUTE),
)  # fmt: skip

QUOTA = (
    form("tenant", "tenant <name:name>", "One of those that share the quota.", Times.MANY, (
        form("weight", "weight <weight:number>", "Its weight in the division; 1 if not said."),
        form("floor", "floor <share:share>", "The share that it gets whenever it asks for it."),
        form("ceiling", "ceiling <share:share>", "The most that it gets."),
        form("priority:word", "priority <level:low|normal|high|critical>", "Who goes first under `fair priority first`."),
        form("priority:number", "priority <number:count>", "Who goes first under `fair priority first`; normal is 0."),
    )),
    form("fair", "fair <rule:max-min|proportional|priority_first|first_come>",
       "How it is divided: evenly by weight, by what is asked, by priority, or to whoever asks first."),
    form("starves", "nobody starves", "Each tenant gets something, whatever the others ask for."),
    form("envy", "no envy", "Nobody would rather have the share of another, each measured by its weight."),
    form("charge", "charge <when:before|after> the call", "Whether a call is counted when it starts or when it has ended."),
    form("stop", "stop when used up", "A tenant that has used up its share waits for the next period."),
)  # fmt: skip

AUCTION = (
    form("kind:dutch", "dutch from <start:money> down <drop:share> per <step:duration> [to <reserve:money>]",
       "The price falls, by a share of itself in each step, until somebody takes it or the reserve is reached."),
    form("kind:english", "english <lasting:duration> , bids every <every:duration>",
       "The price rises; a bid at the very end has one interval more to be answered."),
    form("kind:combinatorial", "combinatorial up to <items:positive> items , bids for <lasting:duration> [, step <step:duration>]",
       "Bids on bundles; then the best division is searched for, a step for each pair of a bundle and a part of it."),
    form("deadline", "deadline <deadline:duration>", "It must be over before the work has to start.", Times.ONCE),
)  # fmt: skip

CONTRACT = (
    form("done", "done within <deadline:duration> for <price:money>", "What is promised, and what it is paid with.", Times.ONCE),
    form("penalty", "penalty <penalty:money>", "What a breach costs."),
    form("exclude", "exclude after <breaches:positive> <unit:breach|breaches>",
       "An agent with so many breaches within the time that reputation counts gets no more work."),
    form("reputation", "reputation over <window:duration>", "How long a breach is remembered."),
    form("pay", "pay at most <dollars:spend>", "All that is paid under the contract stays below this."),
)  # fmt: skip

MONEY: tuple[Form, ...] = (
    form("quota", "quota <what:tokens|requests> <rate:rate> of <dependency:name>",
       "What of a dependency the fleet may use, and who gets how much of it.", Times.EACH, QUOTA),
    form("auction", "auction <name:name>", "How what is scarce is sold.", Times.MANY, AUCTION, (("kind",),)),
    form("contract", "contract <caller:name> -> <callee:name>", "What a callee promises for its price.", Times.EACH, CONTRACT),
    form("guarantee:bill", "guarantee bill < <dollars:spend>",
       "What the fleet is predicted to cost at the demand that is stated stays below this."),
)  # fmt: skip

VALUE = (
    form("value", "value <value:money> per request", "What an answered request earns."),
    form("overhead", "overhead <contention:share> per agent [, <coherency:share> per pair]",
       "The share of its work that an agent loses for each other one, and for each other pair."),
)  # fmt: skip

BYTES_PRICE = (form("price-bytes", "price <price:money> / <size:bytes>", "What moved data costs."),)
BYTES = (form("bytes", "bytes <size:bytes>", "Data that one call moves."),)
