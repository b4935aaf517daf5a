"""Requests to Envoy's admin interface, synchronous and in the standard library alone.

Invariant: a runtime key is only ever set in the admin layer, so removing it brings back what the configuration says.

Source: https://www.envoyproxy.io/docs/envoy/latest/operations/admin#post--runtime_modify (an empty value removes the
key; it needs an `admin_layer` in `layered_runtime`).
"""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from urllib.parse import urlencode

_TIMEOUT_SECONDS = 5.0


class AdminUnreachable(Exception):
    """Envoy does not answer, or refuses the request; the message says which."""


def request(admin: str, method: str, path: str) -> bytes:
    """The body of a 200 answer. `admin` is "host:port"."""
    connection = http.client.HTTPConnection(admin, timeout=_TIMEOUT_SECONDS)
    try:
        connection.request(method, path)
        response = connection.getresponse()
        body = response.read()
    except (OSError, http.client.HTTPException) as error:
        raise AdminUnreachable(f"Envoy's admin at {admin} does not answer: {error or type(error).__name__}") from error
    finally:
        connection.close()
    if response.status != 200:
        raise AdminUnreachable(f"Envoy's admin refused {path}: {response.status} {body.decode(errors='replace')}")
    return body


def set_runtime(admin: str, keys: Mapping[str, str]) -> None:
    """Set runtime keys in the admin layer; "" removes one. Raises AdminUnreachable."""
    request(admin, "POST", "/runtime_modify?" + urlencode(keys))
