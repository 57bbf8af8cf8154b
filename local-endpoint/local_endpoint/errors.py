"""What goes wrong, in the shape that OpenAI's clients know."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class EndpointError(Exception):
    """An answer other than 200. The message says what, where and how to mend it; it never holds payload."""

    status: int
    message: str
    code: str
    param: str | None = None
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def type(self) -> str:
        return {
            401: "authentication_error",
            429: "rate_limit_error",
        }.get(self.status, "server_error" if self.status >= 500 else "invalid_request_error")

    def body(self) -> dict:
        return {
            "error": {
                "message": self.message,
                "type": self.type,
                "param": self.param,
                "code": self.code,
            }
        }


def invalid(message: str, code: str, param: str | None = None) -> EndpointError:
    """A request that is wrong as it stands: sending it again unchanged cannot help."""
    return EndpointError(400, message, code, param)
