"""Refusals of this room."""

from django.utils.translation import gettext_lazy as _

from common.errors import DomainError


class TokenInvalid(DomainError):
    """Unknown, revoked, or its owner may not sign in; which of these is nobody's business."""

    status = 401
    code = "token_invalid"
    title = _("The token is not valid")


class TokenExpired(DomainError):
    status = 401
    code = "token_expired"
    title = _("The token has expired")


class AccountEnded(DomainError):
    """The last day of the account has passed."""

    status = 403
    code = "account_ended"
    title = _("The account has ended")


class ScopeNotGrantable(DomainError):
    status = 400
    code = "scope_not_grantable"
    title = _("The scope cannot be given")


class CsrfFailed(DomainError):
    status = 403
    code = "csrf_failed"
    title = _("The page's safety mark is missing")


class UsernameTaken(DomainError):
    code = "not_unique"
    title = _("This user name or mail address is taken")


class InvalidIdempotencyKey(DomainError):
    status = 400
    code = "invalid_idempotency_key"
    title = _("The Idempotency-Key is not usable")


class IdempotencyInProgress(DomainError):
    code = "idempotency_in_progress"
    title = _("The same request is still running")


class IdempotencyKeyReused(DomainError):
    status = 422
    code = "idempotency_key_reused"
    title = _("The Idempotency-Key belongs to another request")


class AlreadyCreated(DomainError):
    code = "already_created"
    title = _("This was created before; its secret was shown once")
