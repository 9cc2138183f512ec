"""What happened (entries) and whom to tell (notices). Plain ids, no foreign keys: it outlives what it tells of."""

from collections.abc import Sequence
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

# A notice that broke its worker, or could not be put into words, this often is dead.
ATTEMPTS = 5
# What a notice asks of its reader, and the entries about the same object after which nobody is asked any more.
ROUND_OVER = ("review.decided", "review.withdrawn")
CHANGE_OVER = ("change.confirmed", "change.withdrawn")
SETTLED_BY = {
    "review.requested": ROUND_OVER,
    "review.packet_changed": ROUND_OVER,
    "review_waiting": ROUND_OVER,
    "vote_missing": ROUND_OVER,
    "assessment.submitted": ("assessment.approved",),
    "change.ready": CHANGE_OVER,
}
# Others may still sign; whoever has signed is not asked again.
SIGNED = "assessment.signed"
SETTLING = (*ROUND_OVER, *CHANGE_OVER, "assessment.approved", SIGNED)


class EntryQuerySet(models.QuerySet["Entry"]):
    def of_project(self, project_id: int) -> Self:
        return self.filter(project_id=project_id)

    def newest_first(self) -> Self:
        return self.order_by("-seq")


class Entry(models.Model):
    """Something that happened. Written once, chained by hash to the one before it, never changed."""

    seq = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    verb = models.CharField(max_length=60)
    actor_id = models.BigIntegerField(null=True)
    via = models.CharField(max_length=10)
    ip = models.GenericIPAddressField(null=True)
    request_id = models.CharField(max_length=64, blank=True)
    project_id = models.BigIntegerField(null=True)
    object = models.CharField(max_length=80, blank=True)
    data = models.JSONField(default=dict)
    prev_hash = models.CharField(max_length=71, blank=True)
    hash = models.CharField(max_length=71)

    objects = EntryQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["project_id", "-seq"], name="entry_by_project"),
            models.Index(fields=["object"], name="entry_by_object"),
        ]
        constraints = [models.UniqueConstraint(fields=["prev_hash"], name="entry_has_one_successor")]

    def __str__(self) -> str:
        return f"{self.seq} {self.verb} {self.object}"


class NoticeState(models.TextChoices):
    PENDING = "pending"
    SENDING = "sending"
    DONE = "done"
    DEAD = "dead"


class NoticeQuerySet(models.QuerySet["Notice"]):
    def due(self, now: datetime) -> Self:
        """To be sent now: pending, or claimed by a worker whose lease has run out by the database's clock."""
        return self.filter(
            Q(state=NoticeState.PENDING, next_at__lte=now) | Q(state=NoticeState.SENDING, lease_until__lte=Now())
        )

    def heads(self, now: datetime) -> Self:
        """The first due notice of each bundle: of one person the urgent ones, or the others."""
        earlier = Notice.objects.due(now).filter(
            recipient_id=OuterRef("recipient_id"), urgent=OuterRef("urgent"), pk__lt=OuterRef("pk")
        )
        return self.due(now).filter(~Exists(earlier))

    def leased(self, notices: Sequence["Notice"]) -> Self:
        """Those of `notices`, which were claimed or begun together, that nobody took over meanwhile."""
        return self.filter(
            pk__in=[notice.pk for notice in notices],
            state=NoticeState.SENDING,
            lease_until__in={notice.lease_until for notice in notices},
        )

    def of(self, user_id: int) -> Self:
        return self.filter(recipient_id=user_id)

    def read(self) -> Self:
        """Those that wait for nobody: read, or settled since."""
        return self.filter(Q(read_at__isnull=False) | _settled())

    def unread(self, now: datetime) -> Self:
        """Those that still tell or ask something."""
        awake = Q(snoozed_until=None) | Q(snoozed_until__lte=now)
        return self.filter(awake, ~_settled(), read_at=None)


def _settled() -> Q:
    """Notices that ask for what has been done since: the round is over, the assessment is signed."""
    about = Entry.objects.filter(object=OuterRef("object"))
    found = Q()
    for verbs in dict.fromkeys(SETTLED_BY.values()):
        kinds = [kind for kind, settling in SETTLED_BY.items() if settling == verbs]
        found |= Q(Exists(about.filter(verb__in=verbs)), kind__in=kinds)
    signed = about.filter(verb=SIGNED, actor_id=OuterRef("recipient_id"))
    return found | Q(Exists(signed), kind="assessment.submitted")


class Notice(models.Model):
    """One person to be told of one thing: their inbox row, and the outbox row of its mail.

    `dedupe_key` is `kind:object:due:offset:recipient` for reminders and `verb:seq:recipient` for events.
    `payload` holds ids and dates, never text: the words are made when it is shown or sent.
    """

    kind = models.CharField(max_length=60)
    dedupe_key = models.CharField(max_length=200, unique=True)
    recipient_id = models.BigIntegerField()
    reason = models.CharField(max_length=40)
    entry_seq = models.BigIntegerField(null=True)
    project_id = models.BigIntegerField(null=True)
    object = models.CharField(max_length=80, blank=True)
    payload = models.JSONField(default=dict)
    urgent = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=NoticeState, default=NoticeState.PENDING)
    lease_until = models.DateTimeField(null=True)
    # How often a worker began to send it and did not come to an end; a mail server's "later" does not count.
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField()
    failing_since = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=200, blank=True)
    read_at = models.DateTimeField(null=True)
    snoozed_until = models.DateTimeField(null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["recipient_id", "-id"], name="notice_by_recipient"),
            models.Index(fields=["next_at"], condition=Q(state="pending"), name="notice_pending"),
            models.Index(fields=["lease_until"], condition=Q(state="sending"), name="notice_sending"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="sending") | Q(lease_until__isnull=False), name="notice_being_sent_has_a_lease"
            ),
        ]

    def __str__(self) -> str:
        return self.dedupe_key
