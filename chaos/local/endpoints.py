"""Ready agents -> the endpoint files that Envoy watches.

Invariant: a file always holds the whole list of its callee's endpoints and is replaced by a rename, so files that
follow fast on one another may coalesce without a wrong state in between.

Who is an endpoint is the fleet's to say, by the pods' probes, as in Kubernetes, where proxies do not check health
themselves. (With Envoy's own checks on, it would go on sending to an endpoint that has left the list while its last
check passed.)

Source: https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/endpoint/v3/endpoint_components.proto
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from .records import Json, replace

_ASSIGNMENT = "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment"


def watched_files(bootstrap: Mapping[str, Any]) -> dict[str, str]:
    """The endpoint file of each service, relative to Envoy's folder, as the bootstrap's clusters name them."""
    files = {}
    for cluster in bootstrap["static_resources"]["clusters"]:
        eds = cluster.get("eds_cluster_config")
        if eds is not None:
            service = eds.get("service_name") or cluster["name"]
            files[service] = eds["eds_config"]["path_config_source"]["path"]
    return files


class EndpointFiles:
    """`files` as `watched_files` gives them, under `folder`, the one Envoy runs in."""

    def __init__(self, folder: Path, files: Mapping[str, str]) -> None:
        self._folder, self._files = folder, dict(files)
        self._written: dict[str, tuple[int, ...]] = {}
        self._version = 0
        for path in self._files.values():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)

    def write(self, callee: str, ports: Iterable[int]) -> bool:
        """Make `ports` on 127.0.0.1 the endpoints of a callee; False when nothing changed or nobody calls it."""
        wanted = tuple(sorted(ports))
        if callee not in self._files or self._written.get(callee) == wanted:
            return False
        self._version += 1
        replace(self._folder / self._files[callee], _discovery(callee, wanted, self._version))
        self._written[callee] = wanted
        return True


def _discovery(callee: str, ports: tuple[int, ...], version: int) -> Json:
    endpoints: list[Json] = [
        {"endpoint": {"address": {"socket_address": {"address": "127.0.0.1", "port_value": port}}}} for port in ports
    ]
    assignment: Json = {
        "@type": _ASSIGNMENT,
        "cluster_name": callee,
        "endpoints": [{"lb_endpoints": endpoints}],
    }
    return {"version_info": str(version), "resources": [assignment]}
