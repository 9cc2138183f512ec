"""What the domain says when it says no: a `DomainError`. One handler makes it problem+json, one line a form error."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


def escape(part: str) -> str:
    """One part of a JSON pointer (RFC 6901)."""
    return part.replace("~", "~0").replace("/", "~1")


@dataclass(frozen=True, slots=True)
class FieldError:
    """One wrong place in an input: a JSON pointer (`/metrics/0/value`), a stable code, a sentence for the reader."""

    pointer: str
    code: str
    detail: str | Promise

    def as_dict(self) -> dict[str, str]:
        return {"pointer": self.pointer, "code": self.code, "detail": str(self.detail)}


class DomainError(Exception):
    """A rule refused the request. `detail` is fit for the user's eyes; `extra` members join the problem document."""

    status: int = 409
    code: str = "conflict"
    title: str | Promise = _("The request conflicts with the current state")

    def __init__(
        self,
        detail: str | Promise = "",
        *,
        errors: Iterable[FieldError] = (),
        headers: dict[str, str] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(detail)
        self.detail = detail or self.title
        self.errors = tuple(errors)
        self.headers = headers or {}
        self.extra = extra

    def __str__(self) -> str:
        return str(self.detail)


class NotAuthenticated(DomainError):
    status = 401
    code = "not_authenticated"
    title = _("Sign in first")


class PermissionDenied(DomainError):
    """Seen but forbidden. `missing` names the right that would allow it."""

    status = 403
    code = "permission_denied"
    title = _("You may not do this")


class ScopeMissing(DomainError):
    status = 403
    code = "scope_missing"
    title = _("The token lacks a scope")


class HumanSessionRequired(DomainError):
    status = 403
    code = "human_session_required"
    title = _("Only a signed-in person may do this")


class NotFound(DomainError):
    status = 404
    code = "not_found"
    title = _("This does not exist, or you may not see it")


class ValidationFailed(DomainError):
    """The input is wrong. With `errors`, the problem's code is theirs when they agree, if `led_by_fields`."""

    led_by_fields = True
    status = 400
    code = "validation_failed"
    title = _("The input is not valid")

    @classmethod
    def at(cls, field: str, code: str, detail: str | Promise) -> "ValidationFailed":
        """One wrong field, named without its leading slash."""
        return cls(detail, errors=[FieldError(f"/{field}", code, detail)])


class PreconditionRequired(DomainError):
    status = 428
    code = "precondition_required"
    title = _("Say which version you are changing")


class VersionMismatch(DomainError):
    """Someone else changed the row first. Carries the row's current version, its ETag and (`subject`) what it is."""

    status = 412
    code = "version_mismatch"
    title = _("Someone changed this meanwhile")

    def __init__(self, *, subject: str, current: int) -> None:
        self.subject, self.current = subject, current
        super().__init__(
            _("You changed an older version. Read the current one, then decide whose change stands."),
            headers={"ETag": f'"v{current}"'},
            current_version=current,
            etag=f'"v{current}"',
        )


class RateLimited(DomainError):
    status = 429
    code = "rate_limited"
    title = _("Too many requests")

    def __init__(self, detail: str | Promise = "", *, retry_after: int) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after)})
