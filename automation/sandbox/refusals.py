"""The errors GitLab answers with, worded and shaped as GitLab does (gitlab-facts 9.2)."""

from __future__ import annotations

from collections.abc import Mapping

Body = Mapping[str, object]


class RefusedError(Exception):
    """A request that the server answers with an error status and a JSON body."""

    def __init__(self, status: int, body: Body, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{status} {body}")
        self.status = status
        self.body = body
        self.headers = dict(headers or {})


def refuse_token(description: str) -> RefusedError:
    """Build the 401 for a token that is known but no longer good."""
    challenge = f'Bearer realm="Protected by OAuth 2.0", error="invalid_token", error_description="{description}"'
    return RefusedError(
        401, {"error": "invalid_token", "error_description": description}, {"WWW-Authenticate": challenge}
    )


def refuse_unauthenticated() -> RefusedError:
    """Build the 401 for a request without a token, or with one nobody knows."""
    return RefusedError(401, {"message": "401 Unauthorized"})


def refuse_scope(needed: str) -> RefusedError:
    """Build the 403 for a token whose scopes are too small; *needed* is blank-separated."""
    description = "The request requires higher privileges than provided by the access token."
    return RefusedError(403, {"error": "insufficient_scope", "error_description": description, "scope": needed})


def refuse_role(reason: str = "") -> RefusedError:
    """Build the 403 for a person whose role is too small."""
    return RefusedError(403, {"message": f"403 Forbidden - {reason}" if reason else "403 Forbidden"})


def refuse_absent(what: str) -> RefusedError:
    """Build the 404 of `not_found!`, as in "404 Project Not Found"."""
    return RefusedError(404, {"message": f"404 {what} Not Found"})


def refuse_no_record() -> RefusedError:
    """Build the 404 of a failed look-up inside a project: mind the lower-case f."""
    return RefusedError(404, {"message": "404 Not found"})


def refuse_parameter(text: str) -> RefusedError:
    """Build the 400 of a parameter check, as in "title is missing"."""
    return RefusedError(400, {"error": text})


def refuse_model(field: str, text: str) -> RefusedError:
    """Build the 400 of a model's validation."""
    return RefusedError(400, {"message": {field: [text]}})


def refuse_request(text: str) -> RefusedError:
    """Build the 400 of `bad_request!`."""
    return RefusedError(400, {"message": f"400 Bad request - {text}"})


def refuse_often() -> RefusedError:
    """Build the 429 of an action that is limited by itself."""
    text = "This endpoint has been requested too many times. Try again later."
    return RefusedError(429, {"message": {"error": text}}, {"Retry-After": "60"})


def refuse_size() -> RefusedError:
    """Build the 413 for a file above the server's limit."""
    return RefusedError(413, {"message": "413 Request Entity Too Large"})


def refuse_conflict(text: str) -> RefusedError:
    """Build the 409 for something that exists already."""
    return RefusedError(409, {"message": text})
