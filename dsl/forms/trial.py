"""Clauses of a trial."""

from __future__ import annotations

from .form import Times, form

TRIAL = (
    form("scale", "scale <scale:share>", "The size of the fleet on this machine, as a share of the real one."),
    form("duration", "duration <duration:duration>", "How long the trial lasts."),
    form("load:steady", "load <demand:name> <level:steady|peak> [at <at:moment>] [over <over:duration>]",
       "From then on the demand is at this level of its envelope.", Times.MANY),
    form("load:factor", "load <demand:name> <factor:factor> [at <at:moment>] [over <over:duration>]",
       "From then on the demand is this many times its steady level.", Times.MANY),
    form("load:replay", "load <demand:name> replay", "The demand's recorded trace, its worst stretch.", Times.MANY),
    form("tasks", "tasks <tasks:positive> in <queue:name>",
       "So many items wait in a queue as the trial begins, at full size.", Times.EACH),
    form("report", "report (figures: <figure:fairness|tail_latency|throughput|requests_per_dollar|efficiency|overhead>)+",
       "Figures that the trial must give besides its objectives."),
    form("kill:share", "kill <share:part> of <pool:name> at <at:moment> [every <every:duration>]",
       "Agents end at once, without a farewell.", Times.MANY),
    form("kill:count", "kill <count:positive> <unit:agent|agents> of <pool:name> at <at:moment> [every <every:duration>]",
       "Agents end at once, without a farewell.", Times.MANY),
    form("hang:share", "hang <share:part> of <pool:name> at <at:moment> [every <every:duration>] for <for:duration>",
       "Agents keep their connections and answer nothing.", Times.MANY),
    form("hang:count", "hang <count:positive> <unit:agent|agents> of <pool:name> at <at:moment> [every <every:duration>] for <for:duration>",
       "Agents keep their connections and answer nothing.", Times.MANY),
    form("delay", "delay [<share:part> of] <caller:name> -> <callee:name> <delay:duration> at <at:moment> [every <every:duration>] for <for:duration>",
       "Calls take longer by this time.", Times.MANY),
    form("abort", "abort <share:part> of <caller:name> -> <callee:name> at <at:moment> [every <every:duration>] for <for:duration>",
       "Calls fail at once with 503.", Times.MANY),
    form("saturate", "saturate cpu of <pool:name> <share:part> at <at:moment> [every <every:duration>] for <for:duration>",
       "Something else takes this share of the cpu from each agent.", Times.MANY),
    form("partition", "partition (left: <left:name>)+ | (right: <right:name>)+ at <at:moment> [every <every:duration>] for <for:duration>",
       "No call gets from one side to the other.", Times.MANY),
)  # fmt: skip
