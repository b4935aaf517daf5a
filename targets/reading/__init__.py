"""The way back: documents -> what they say of a fleet, as the text of a spec.

Invariant: every field of every object is carried by a clause, known to say nothing of a fleet, or listed as left.
"""

from .draft import Reading, Said
from .manifest import Left, Manifest, Place
from .read import CLUSTER_WIDE, READ, namespaces, read
from .summary import grouped, one_line
from .wording import text_of

__all__ = [
    "CLUSTER_WIDE",
    "READ",
    "Left",
    "Manifest",
    "Place",
    "Reading",
    "Said",
    "grouped",
    "namespaces",
    "one_line",
    "read",
    "text_of",
]
