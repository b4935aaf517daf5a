"""A health clause -> the probes of an agent, and how soon a kubelet that runs them acts.

Invariant: what is stated here is what the manifests hold, what the local fleet runs by and what the checker counts on.

Source: https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/ and
kubelet's `genericPlegRelistPeriod` (pkg/kubelet/kubelet.go). Times in seconds.
"""

from __future__ import annotations

import math
from fractions import Fraction

TIMEOUT_S = 1
"""timeoutSeconds of a probe, the default, written out."""

LIVENESS_FACTOR = 2
"""A restart needs twice as many failures as leaving the endpoints: an overloaded agent loses its traffic first and is
killed only if that did not help."""

STARTUP_FACTOR = 3
STARTUP_LEAST_S = 30
"""A start may take three times the stated time, at least 30 s, before the kubelet gives up; pulls do not count."""

EXIT_NOTICED_S = 1
"""The kubelet lists its containers once a second: until then a dead agent is still an endpoint."""

PRE_STOP_S = 5
"""Sleep before SIGTERM, so that endpoints and proxies have stopped sending ("Pod Lifecycle", termination flow: removal
from endpoints and the signal run side by side). preStop.sleep is on by default since Kubernetes 1.30."""


def startup_failures(startup: Fraction, limit: int | None = None) -> int:
    """Failures of a start-up probe, one a second, after which an agent that never came up is restarted.

    `limit`: seconds after which a start is to be given up, where that is stated.
    """
    return max(STARTUP_LEAST_S, math.ceil(startup * STARTUP_FACTOR)) if limit is None else limit


def restart_after(fails_after: int) -> int:
    """Failures of the liveness probe after which an agent is restarted."""
    return fails_after * LIVENESS_FACTOR


def grace(drain: Fraction | int) -> int:
    """terminationGracePeriodSeconds: what an agent has from the decision to end it until SIGKILL."""
    return math.ceil(drain) + PRE_STOP_S


def unready_within(every: Fraction, fails_after: int) -> Fraction:
    """The longest until an agent that stopped answering is no endpoint any more.

    It fails just after a check that it passed, and each check may take its whole period to fail.
    """
    return every * (fails_after + 1)


def starts_together(agents: int, work: Fraction, cores: Fraction) -> Fraction:
    """The least time until the last of so many agents on one node has started, each start taking `work` seconds of one
    core: no longer than all cores together need, and no shorter than one start alone."""
    return max(work, agents * work / cores)


def killed_within(every: Fraction, fails_after: int, drain: Fraction | int) -> Fraction:
    """The longest until an agent that stopped answering, SIGTERM too, is killed by its liveness probe."""
    return unready_within(every, restart_after(fails_after)) + grace(drain)
