from typing import Any

from rest_framework import serializers

from accounts.models import ApiToken
from common.serializers import InstantField, KeyField, LineField, StrictSerializer, WholeField


class TokenInput(StrictSerializer):
    """A token to be made: `scopes` are scopes or presets, `project` the key of the only project it shall see."""

    id = WholeField(read_only=True)
    public_id = LineField(read_only=True)
    # How much a token may ask is the instance's to say, never its maker's.
    rate_limit = WholeField(read_only=True)
    created_at = InstantField(read_only=True)
    last_used_at = InstantField(read_only=True)
    revoked_at = InstantField(read_only=True)
    name = LineField(max_length=120)
    scopes = serializers.ListField(child=LineField(max_length=60), max_length=40)
    project = KeyField(required=False, allow_null=True)
    expires_at = InstantField(required=False)


class TokenOutput(StrictSerializer):
    """A token as its owner sees it. `token`, the secret, stands in the answer that made it and nowhere else."""

    id = WholeField()
    public_id = LineField()
    name = LineField()
    scopes = serializers.ListField(child=LineField())
    project = KeyField(allow_null=True)
    created_at = InstantField()
    expires_at = InstantField()
    last_used_at = InstantField(allow_null=True)
    revoked_at = InstantField(allow_null=True)
    token = LineField(required=False)


def shown_token(token: ApiToken, keys: dict[int, str]) -> dict[str, Any]:
    """`keys`: the keys of the projects that tokens of this answer are bound to, by id."""
    return {
        "id": token.pk,
        "public_id": token.public_id,
        "name": token.name,
        "scopes": token.scopes,
        "project": keys.get(token.project_id) if token.project_id else None,
        "created_at": token.created_at,
        "expires_at": token.expires_at,
        "last_used_at": token.last_used_at,
        "revoked_at": token.revoked_at,
    }
