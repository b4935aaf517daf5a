"""A Deployment or StatefulSet to a pool.

Turns what one workload says of its agents into clauses. Invariant: of several containers the sizes are added up, for
that is what a node and a quota have to give; the image and the probes are those of the first one that is no sidecar.

Source: Kubernetes API reference (Deployment, Pod), `compiler/semantics/probes.py` for what compiled manifests hold.
"""

from __future__ import annotations

from fractions import Fraction

from seatrial.compiler.passes.strings import is_image
from seatrial.compiler.semantics.probes import PRE_STOP_S, STARTUP_FACTOR, STARTUP_LEAST_S, TIMEOUT_S, restart_after

from ..names import GPU, NODES_LABEL, PORT, RUNTIME_CONFIG, unhashed
from ..quantity import read_quantity
from ..sidecar import CPU_REQUEST, MEMORY_REQUEST
from . import priorities, spelling
from .common import metadata, other_annotations
from .draft import Clauses, PoolDraft
from .figures import amount, taken, whole
from .manifest import Fields, Place, items, texts
from .priorities import Level

_OURS = ({"name": "PORT", "value": str(PORT)}, {"name": "SEATRIAL_RUNTIME", "value": "/etc/seatrial/fleet.json"})
_ANNOTATIONS = (
    *(f"sidecar.istio.io/proxy{what}" for what in ("CPU", "Memory", "CPULimit", "MemoryLimit")),
    "sidecar.istio.io/statsHistogramBuckets",
    "proxy.istio.io/config",
)
_PROXY_CPU, _PROXY_MEMORY = _ANNOTATIONS[:2]
_SIDECARS = ("istio-proxy", "linkerd-proxy", "envoy")
_STARTUP_ASSUMED = Fraction(10)
_STARTUP_ASK = "how long from the start of the process to its first answer?"
GRACE_S = 30
"""terminationGracePeriodSeconds where it is not said (Pod API)."""
ZONE, NODE = "topology.kubernetes.io/zone", "kubernetes.io/hostname"


def pool(fields: Fields, name: str, levels: dict[str, Level]) -> PoolDraft:
    """`levels`: what the PriorityClasses that were read come to."""
    metadata(fields)
    spec, template = fields.within("spec"), fields.within("spec.template")
    template.skip("metadata.labels", "metadata.creationTimestamp", "metadata.name")
    made = PoolDraft(
        name=name,
        workload=fields.manifest.name,
        labels=texts(template.peek("metadata.labels")),
        place=fields.place(),
        own=Clauses(f"pool {name}"),
        each=Clauses("each"),
    )
    made.sources.append(fields.place())
    read = _sidecar(template, made)
    other_annotations(template.within("metadata"), *(_ANNOTATIONS if fields.manifest.is_ours else read))
    spec.skip("selector")
    spec.known("revisionHistoryLimit", 10)
    _replicas(spec, made)
    strategy = spec.within("strategy")
    if strategy.peek("rollingUpdate.maxUnavailable") in (0, "0%"):
        strategy.known("type", "RollingUpdate", None)
        strategy.known("rollingUpdate.maxUnavailable", 0, "0%")
        strategy.known("rollingUpdate.maxSurge", "25%", None)
    elif strategy.node:
        spec.refuse("strategy", "a compiled rolling update has maxSurge 25% and maxUnavailable 0")
    pod = template.within("spec")
    _pod(pod, made, levels)
    _containers(pod, made)
    return made


def _sidecar(template: Fields, made: PoolDraft) -> tuple[str, ...]:
    """What a proxy that is injected is to ask for, where both are said; the annotations that were read."""
    said = texts(template.peek("metadata.annotations"))
    cores, size = amount(said.get(_PROXY_CPU)), amount(said.get(_PROXY_MEMORY))
    if cores is None or size is None:
        return ()
    if cores != CPU_REQUEST or size != MEMORY_REQUEST:
        text = f"sidecar cpu {spelling.cores(cores)}, memory {spelling.size(size)}"
        made.each.say("sidecar", text, template.place("metadata.annotations"))
    return _PROXY_CPU, _PROXY_MEMORY


def grace_of(pod: Fields) -> int:
    """Seconds from the decision to end a pod until it is killed."""
    stated = pod.peek("terminationGracePeriodSeconds")
    grace = GRACE_S if stated is None else whole(stated, least=0)
    return 0 if grace is None else grace


def _replicas(spec: Fields, made: PoolDraft) -> None:
    count = taken(spec, "replicas", lambda value: whole(value, least=0))
    made.least = made.most = 1 if count is None else count
    places = (spec.place("replicas"),) if count is not None else ()
    ask = "" if places else "nobody says how many; Kubernetes starts 1"
    if made.least < 1:
        made.least = made.most = 1
        ask = "it is scaled to none, which the language has no words for; how many are there when it runs?"
    made.own.say("agents", f"agents {made.least:_}", *places, ask=ask)


def _pod(pod: Fields, made: PoolDraft, levels: dict[str, Level]) -> None:
    made.account = str(pod.peek("serviceAccountName") or "")
    pod.known("serviceAccountName", made.name, None)
    pod.known("automountServiceAccountToken", False)
    pod.known("enableServiceLinks", False)
    pod.known("securityContext", {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}, {})
    # What a server fills in.
    for field, value in (("restartPolicy", "Always"), ("dnsPolicy", "ClusterFirst")):
        pod.known(field, value)
    pod.known("schedulerName", "default-scheduler")
    for field in ("hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace"):
        pod.known(field, False)
    pod.known("serviceAccount", made.account or made.name)
    _priority(pod, made, levels)
    wanted = grace_of(pod)
    made.grace_s = max(wanted, PRE_STOP_S + 1)
    if wanted > PRE_STOP_S:
        stated = pod.take("terminationGracePeriodSeconds") is not None
        places = (pod.place("terminationGracePeriodSeconds"),) if stated else ()
        made.own.say("drain", f"drain {spelling.seconds(Fraction(wanted - PRE_STOP_S))}", *places)
    else:
        made.own.say("drain", "drain 1s")
        pod.refuse("terminationGracePeriodSeconds", f"compiled agents sleep {PRE_STOP_S} s before they drain")
    _classes(pod, made)
    for volume in pod.each("volumes"):
        source = str(volume.peek("configMap.name"))
        if pod.manifest.is_ours and volume.peek("name") == "runtime" and unhashed(source) == RUNTIME_CONFIG:
            volume.skip("name", "configMap")


def _priority(pod: Fields, made: PoolDraft, levels: dict[str, Level]) -> None:
    wanted = pod.peek("priorityClassName")
    pod.skip("priority")
    pod.known("preemptionPolicy", "PreemptLowerPriority")
    if wanted is None:
        return
    level = levels.get(str(wanted))
    text = priorities.clause(level.value) if level is not None else None
    if level is None or text is None:
        why = "its PriorityClass is not among what was read" if level is None else "the language has no such level"
        pod.refuse("priorityClassName", why)
    elif level.value == 0:
        pod.take("priorityClassName")
    else:
        pod.take("priorityClassName")
        made.own.say("priority", text, pod.place("priorityClassName"), level.fields.place("value"))


def _classes(pod: Fields, made: PoolDraft) -> None:
    """Node classes are the values of one label, by affinity or by a selector."""
    found: list[str] = []
    at = "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution"
    terms = items(pod.peek(f"{at}.nodeSelectorTerms"))
    match terms:
        case ({"matchExpressions": [{"key": key, "operator": "In", "values": [*values]}]},) if key == NODES_LABEL:
            found = [str(one) for one in values]
    wanted = texts(pod.peek("nodeSelector"))
    if set(wanted) == {NODES_LABEL} and not found:
        found, at = [wanted[NODES_LABEL]], "nodeSelector"
    if found and all(spelling.is_name(one) for one in found):
        pod.take(at)
        made.own.say("on", f"on {', '.join(dict.fromkeys(found))}", pod.place(at))
    for one in pod.each("tolerations"):
        ours = one.peek("key") == NODES_LABEL and one.peek("value") in found
        if ours or (one.peek("key") == GPU and one.peek("operator") == "Exists"):
            one.skip("key", "operator", "value", "effect")


def _containers(pod: Fields, made: PoolDraft) -> None:
    containers = list(pod.each("containers"))
    named = [one for one in containers if one.peek("name") not in _SIDECARS]
    main = named[0] if named else None
    for one in containers:
        one.skip("name")
        _size(one, made)
        if one is not main:
            one.refuse("image", "a compiled agent is one container; its sizes are added to the first one's")
    if main is not None:
        _agent(main, made)
    if made.cores is not None:
        _say(made, containers, "cpu", spelling.cores(made.cores))
    if made.memory is not None:
        _say(made, containers, "memory", spelling.size(made.memory))
    if made.gpus:
        made.each.say("gpu", f"gpu {made.gpus}", *_places(containers, GPU))
    if "startup" not in made.each.said:
        made.each.say(
            "startup",
            f"startup {spelling.seconds(_STARTUP_ASSUMED)}",
            ask=_STARTUP_ASK,
        )


def _say(made: PoolDraft, containers: list[Fields], resource: str, amount: str) -> None:
    """A sum that lacks one of its containers is less than what an agent takes."""
    places = _places(containers, resource)
    silent = [str(one.peek("name")) for one in containers if not _states(one, resource)]
    ask = f"{', '.join(silent)} does not say how much it needs; how much is it in all?" if silent else ""
    made.each.say(resource, f"{resource} {amount}", *places, ask=ask)


def _states(container: Fields, resource: str) -> bool:
    return resource in texts(container.peek("resources.requests")) or resource in texts(
        container.peek("resources.limits")
    )


def _places(containers: list[Fields], resource: str) -> tuple[Place, ...]:
    return tuple(one.place("resources.requests") for one in containers if _states(one, resource))


def _size(container: Fields, made: PoolDraft) -> None:
    resources = container.within("resources")
    requests, limits = texts(resources.peek("requests")), texts(resources.peek("limits"))
    strange = (set(requests) | set(limits)) - {"cpu", "memory", GPU}
    for resource in ("cpu", "memory", GPU):
        # A limit without a request is the request too (Kubernetes "Resource Management for Pods and Containers").
        stated = requests.get(resource, limits.get(resource))
        size = amount(stated)
        if size is None or (resource == GPU and whole(size.numerator) != size):
            if stated is not None:
                strange.add(resource)
            continue
        if resource == "cpu":
            made.cores = (made.cores or 0) + size
        elif resource == "memory":
            made.memory = (made.memory or 0) + size
        else:
            made.gpus += int(size)
    resources.known("requests", {})
    resources.known("limits", {})
    if requests and not strange:
        resources.take("requests")
    elif strange:
        resources.refuse("requests", f"there is no such amount in the language: {', '.join(sorted(strange))}")
    if limits and (_same(limits, requests) or not (requests or strange)):
        resources.known("limits", resources.peek("limits"))
    else:
        resources.refuse("limits", "a compiled agent's limits are its requests")


def _same(limits: dict[str, str], requests: dict[str, str]) -> bool:
    def amounts(given: dict[str, str]) -> dict[str, Fraction | None]:
        return {key: read_quantity(value) for key, value in given.items()}

    return amounts(limits) == amounts(requests) or not limits


def _agent(container: Fields, made: PoolDraft) -> None:
    image = container.peek("image")
    if image is not None and not is_image(str(image)):
        container.refuse("image", "it is no name of an image; where it is filled in later, render the manifests first")
    elif container.take("image") is not None:
        made.own.say("image", f"image {spelling.text(str(image))}", container.place("image"))
    for variable in container.each("env"):
        made.mentions[str(variable.peek("name"))] = str(variable.peek("value") or "")
        if dict(variable.node) in _OURS or variable.peek("name") == "SEATRIAL_POOL":
            variable.skip("name", "value")
        else:
            variable.refuse_whole("environment variables cannot be written; put it into an overlay")
    for port in container.each("ports"):
        plain = port.peek("protocol") in ("TCP", None) and port.peek("hostPort") is None
        if port.peek("containerPort") == PORT and plain:
            port.skip("name", "containerPort", "protocol")
        else:
            port.refuse_whole(f"compiled agents listen on {PORT}")
    container.known("securityContext", {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}})
    container.known("lifecycle", {"preStop": {"sleep": {"seconds": PRE_STOP_S}}})
    container.known("imagePullPolicy", "IfNotPresent")
    container.known("terminationMessagePath", "/dev/termination-log")
    container.known("terminationMessagePolicy", "File")
    for mount in container.each("volumeMounts"):
        if container.manifest.is_ours and mount.peek("name") == "runtime":
            mount.skip("name", "mountPath", "readOnly")
    _probes(container, made)


def _probes(container: Fields, made: PoolDraft) -> None:
    ready, alive, starting = (container.within(f"{one}Probe") for one in ("readiness", "liveness", "startup"))
    asked = ready if ready.node else alive
    for probe in (ready, alive, starting):
        probe.known(
            "httpGet", {"path": "/healthz", "port": "http"}, {"path": "/healthz", "port": "http", "scheme": "HTTP"}
        )
        probe.known("timeoutSeconds", TIMEOUT_S, *(() if probe is asked else (asked.peek("timeoutSeconds"),)))
        probe.known("successThreshold", 1)
        if probe.node:
            probe.refuse("httpGet", "compiled agents are asked at /healthz of their port")
    if asked.node:
        every, fails = _whole(asked, "periodSeconds", 10), _whole(asked, "failureThreshold", 3)
        inner, patience = f"fails after {fails}", _whole(asked, "timeoutSeconds", TIMEOUT_S)
        if patience != TIMEOUT_S:
            inner += f"; behind requests within {patience}s"
        ask = "" if patience == TIMEOUT_S else "does a check wait for a slot as a request does?"
        made.own.say(
            "health", f"health every {spelling.seconds(Fraction(every))} {{ {inner} }}", asked.place(), ask=ask
        )
        if asked is ready and alive.node:
            alive.known("periodSeconds", every)
            alive.known("failureThreshold", restart_after(fails))
            alive.refuse(
                "periodSeconds", "a compiled agent is restarted after twice as many failures as it leaves after"
            )
    if starting.node:
        lasting = _whole(starting, "periodSeconds", 10) * _whole(starting, "failureThreshold", 3)
        if lasting != STARTUP_LEAST_S:
            made.each.say("start-limit", f"start fails after {spelling.seconds(Fraction(lasting))}", starting.place())
        startup = min(_STARTUP_ASSUMED, Fraction(lasting * 1000 // STARTUP_FACTOR, 1000))
        made.each.say("startup", f"startup {spelling.seconds(startup)}", ask=_STARTUP_ASK)
    elif ready.known("initialDelaySeconds", 0):
        return
    elif (delay := taken(ready, "initialDelaySeconds", whole)) is not None:
        made.each.say(
            "startup", f"startup {delay}s", ready.place("initialDelaySeconds"), ask="is an agent there by then?"
        )


def _whole(fields: Fields, path: str, default: int) -> int:
    """Kubernetes' default where nothing is said (Probe API)."""
    return taken(fields, path, whole) or default
