"""Everything that writes in this room."""

from accounts.services.idempotency import Answer, Claim, claim_key, finish, forget_old_keys, release
from accounts.services.sign_in import check_not_throttled, count_failure, forget_old_failures
from accounts.services.tokens import authenticate_token, create_token, revoke_token
from accounts.services.users import (
    change_account,
    change_password,
    create_user,
    deactivate_user,
    end_accounts,
    ensure_user,
    require_admin,
    update_profile,
)

__all__ = [
    "Answer",
    "Claim",
    "authenticate_token",
    "change_account",
    "change_password",
    "check_not_throttled",
    "claim_key",
    "count_failure",
    "create_token",
    "create_user",
    "deactivate_user",
    "end_accounts",
    "ensure_user",
    "finish",
    "forget_old_failures",
    "forget_old_keys",
    "release",
    "require_admin",
    "revoke_token",
    "update_profile",
]
