"""A first spec from few answers: figures follow from the answers by the rules that the checker uses.

Answers go in, the text of a spec comes out that is proved, or the reasons why no size of the fleet meets the answers.
Invariant: a draft is what the checker has called feasible without a warning; nothing is promised that was not proved.
"""

from .answers import Answers, Said, fleet_name, latency_objective, said, usual_limit, usual_p99, usual_peak
from .drafting import Draft, draft
from .unmet import Unmet

__all__ = [
    "Answers",
    "Draft",
    "Said",
    "Unmet",
    "draft",
    "fleet_name",
    "latency_objective",
    "said",
    "usual_limit",
    "usual_p99",
    "usual_peak",
]
