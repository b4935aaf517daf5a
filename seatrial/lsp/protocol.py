"""Messages as they come in -> requests, or the answer that a malformed one gets.

Source: JSON-RPC 2.0, section 5.1: invalid parameters are answered with -32602. Invariant: each request is answered;
what is wrong with its parameters is said with the place in them, and no traceback leaves the server.
"""

from __future__ import annotations

import re
from typing import Any

from cattrs import ClassValidationError, transform_error
from lsprotocol.types import ResponseError
from pygls.exceptions import JsonRpcException, JsonRpcInvalidParams
from pygls.protocol import LanguageServerProtocol
from pygls.protocol.json_rpc import JsonRPCNotification

_FIELD = re.compile(r"(?<=[a-z])_([a-z])")
_MOST_TOLD = 3
"""What is wrong beyond that is mended at the next try."""


class Protocol(LanguageServerProtocol):
    def structure_message(self, data: dict[str, Any]) -> Any:
        try:
            return super().structure_message(data)
        except JsonRpcException as wrong:
            if not isinstance(data.get("id"), int | str) or "method" not in data:
                # Nobody waits for an answer.
                raise
            self._send_response(data["id"], error=_refused(wrong.__cause__))
            # By its name the rest of the library passes it by (LSP 3.17, "$ Notifications").
            return JsonRPCNotification(method="$/refused", jsonrpc="2.0", params=None)

    def _send_response(self, msg_id: int | str, result: Any = None, error: ResponseError | None = None) -> None:
        if error is not None and error.code == JsonRpcInvalidParams.CODE:
            error = ResponseError(error.code, error.message)
        super()._send_response(msg_id, result, error)


def _refused(cause: BaseException | None) -> ResponseError:
    told: list[str] = []
    if isinstance(cause, ClassValidationError):
        # The library's names for the fields of the protocol, and the protocol's.
        told = [_FIELD.sub(lambda one: one[1].upper(), one) for one in transform_error(cause, path="request")]
    shown = "; ".join(told[:_MOST_TOLD]) or "they are not what the request takes"
    return ResponseError(JsonRpcInvalidParams.CODE, f"invalid parameters: {shown}")
