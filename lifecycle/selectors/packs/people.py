"""Names in a pack: as they are now in the instance, in both languages."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

from accounts.models import User
from lifecycle.models import GateReview, Vote

Person = dict[str, Any]


@dataclass(frozen=True, slots=True)
class People:
    """Those whom a round names, by id."""

    known: dict[int, User]

    @classmethod
    def of(cls, review: GateReview) -> Self:
        """Those who asked, voted, stayed out or own a condition; others join as they are met."""
        ids = {review.requested_by_id, *_who_speak(review.votes.all())}
        ids |= {recusal.user_id for recusal in review.recusals.all()}
        return cls(User.objects.in_bulk(ids))

    @classmethod
    def of_votes(cls, votes: Iterable[Vote]) -> Self:
        return cls(User.objects.in_bulk(_who_speak(votes)))

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


def _who_speak(votes: Iterable[Vote]) -> set[int]:
    """Who voted, for whom, and who is to keep the conditions."""
    named = [(vote.user_id, *vote.on_behalf_of, *(one["owner"] for one in vote.conditions)) for vote in votes]
    return set[int]().union(*named)
