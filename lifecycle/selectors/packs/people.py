"""Names in a pack: as they are now in the instance, in both languages."""

from dataclasses import dataclass
from typing import Any, Self

from accounts.models import User
from lifecycle.models import GateReview

Person = dict[str, Any]


@dataclass(frozen=True, slots=True)
class People:
    """Those whom a round names, by id."""

    known: dict[int, User]

    @classmethod
    def of(cls, review: GateReview) -> Self:
        """Those who asked, voted, stayed out or own a condition; others join as they are met."""
        ids = {review.requested_by_id}
        for vote in review.votes.all():
            ids |= {vote.user_id, *vote.on_behalf_of, *(one["owner"] for one in vote.conditions)}
        ids |= {recusal.user_id for recusal in review.recusals.all()}
        return cls(User.objects.in_bulk(ids))

    def meet(self, *users: User | None) -> None:
        for user in users:
            if user:
                self.known[user.pk] = user

    def named(self, user_id: int | None) -> Person | None:
        """`{"username", "name": {"en", "zh"}}`; None for nobody, a bare id for somebody who is no longer known."""
        if user_id is None:
            return None
        user = self.known.get(user_id)
        if user is None:
            return {"username": f"#{user_id}", "name": {"en": f"#{user_id}", "zh": f"#{user_id}"}}
        name = user.name or user.username
        return {"username": user.username, "name": {"en": name, "zh": user.name_zh or name}}
