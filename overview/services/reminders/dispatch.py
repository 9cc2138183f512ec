"""The ten seconds' work: claim what is due, ask whether it still holds, send it, mark it.

Whatever dies in between, the lease in the database runs out and another worker goes on. An attempt counts only once the
server is there, and a mail is marked right after the server took it: a killed worker repeats at most one.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import groupby
from typing import TypeVar

from django.conf import settings
from django.db import OperationalError
from django.utils import translation

from accounts.actor import Actor
from accounts.models import User
from journal.models import Notice
from journal.services import (
    begin_notice,
    claim_notices,
    defer_notice,
    finish_notice,
    postpone_notice,
    refuse_notice,
    retry_notice,
)
from overview.selectors.due import EVENTS_OF_OPEN_ROUNDS, KINDS, still_due
from overview.selectors.due_moments import after_quiet, mail_moment
from overview.services.reminders.insertion import habits_of
from overview.services.reminders.letters import Line, letter, lines_of
from overview.services.reminders.post import Envelope, Later, Post, Refused, Unreachable, Unsure, post
from projects.models import Project

# Small, so that several workers share what is due and every right is asked for shortly before its mail leaves.
BUNDLES_AT_ONCE = 20
# Well below the task's own limit of 60 s, with room for a last mail's 20 s.
SECONDS = 30.0
SEND = "send"

T = TypeVar("T")
Outcomes = Counter[str]
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Broken:
    """What is wrong with one notice, which must not stop the others."""

    why: str


@dataclass(frozen=True, slots=True)
class Round:
    """One sweep: its way out, its instant, when it must end (monotonic seconds), and what came of it so far."""

    way: Post
    now: datetime
    until: float
    outcomes: Outcomes

    @property
    def is_over(self) -> bool:
        return time.monotonic() > self.until


def sweep(now: datetime, *, limit: int = 1000, seconds: float = SECONDS) -> Outcomes:
    """Send what is due, until `limit` notices or `seconds` are used up; how many had which outcome."""
    lease = settings.NOTICE_LEASE_SECONDS
    with post() as way:
        work = Round(way, now, time.monotonic() + seconds, Counter())
        while work.outcomes.total() < limit and not work.is_over:
            claimed = claim_notices(limit=BUNDLES_AT_ONCE, lease_seconds=lease, now=now)
            if not claimed or not _deliver(claimed, work):
                break
    return work.outcomes


def _deliver(claimed: Sequence[Notice], work: Round) -> bool:
    """Each person's bundle in turn; False when the mail server is away. What was not tried is given back at once."""
    bundles = [list(rows) for _, rows in groupby(sorted(claimed, key=_bundle), key=_bundle)]
    for number, bundle in enumerate(bundles):
        rest = [notice for those in bundles[number:] for notice in those]
        if work.is_over:
            defer_notice(notices=rest)
            break
        try:
            _deliver_bundle(bundle, work)
        except Unreachable as error:
            retry_notice(notices=rest, outcome="unreachable", detail=str(error), begun=False, now=work.now)
            work.outcomes["unreachable"] += len(rest)
            return False
    return True


def _bundle(notice: Notice) -> tuple[bool, int]:
    return not notice.urgent, notice.recipient_id


def _deliver_bundle(bundle: Sequence[Notice], work: Round) -> None:
    """Raises Unreachable while the rest of the bundle is still claimed."""
    person = User.objects.filter(pk=bundle[0].recipient_id).first()
    with translation.override((person.language if person else "") or settings.LANGUAGE_CODE):
        verdicts = _apart(partial(_verdicts, person, work.now), bundle)
        standing = [notice for notice in bundle if not _settled(notice, verdicts[notice.pk], work)]
        lines = _apart(partial(lines_of, now=work.now), standing)
        told = [notice for notice in standing if not _settled(notice, lines[notice.pk], work)]
        words = {pk: line for pk, line in lines.items() if isinstance(line, Line)}
        for mail in _mails(told, digest=person is not None and person.digest):
            if work.is_over:
                defer_notice(notices=mail.notices)
            elif person is not None:
                _send(mail, person, words, work)


def _verdicts(person: User | None, now: datetime, notices: Sequence[Notice]) -> dict[int, str | datetime]:
    """By id: to be sent, the instant before which it must not be, or why it need not be any more."""
    if person is None or not person.is_active:
        return dict.fromkeys((notice.pk for notice in notices), "inactive")
    if not person.email:
        return dict.fromkeys((notice.pk for notice in notices), "no_address")
    projects = {notice.project_id for notice in notices if notice.project_id is not None}
    rows = Project.objects.visible_to(Actor.for_user(person)).filter(pk__in=projects)
    seen = {None, *rows.values_list("pk", flat=True)}
    holding = still_due(notices, now)
    return {
        notice.pk: "not_visible"
        if notice.project_id not in seen
        else "obsolete"
        if notice.pk not in holding
        else _when(notice, person, now)
        for notice in notices
    }


def _when(notice: Notice, person: User, now: datetime) -> str | datetime:
    """Urgent ones at once; the others at the person's mail time, outside quiet hours; nothing while it is snoozed.

    A reminder's row knows its instant; an event's was made when it happened, whatever the habits of who is told.
    """
    moments = [notice.snoozed_until or now]
    if not notice.urgent:
        habits = habits_of(person)
        moments.append(after_quiet(now, habits))
        if person.digest and notice.entry_seq is not None:
            moments.append(mail_moment(notice.created_at, habits))
    return max(moments) if max(moments) > now else SEND


def _settled(notice: Notice, verdict: object, work: Round) -> bool:
    """Carry a verdict out; False for one that is still to be sent."""
    if isinstance(verdict, Broken):
        begin_notice(notices=[notice], lease_seconds=settings.NOTICE_LEASE_SECONDS)
        postpone_notice(notices=[notice], outcome="broken", detail=verdict.why, now=work.now)
        work.outcomes["broken"] += 1
    elif isinstance(verdict, datetime):
        defer_notice(notices=[notice], until=verdict)
        work.outcomes["deferred"] += 1
    elif isinstance(verdict, str) and verdict != SEND:
        finish_notice(notices=[notice], outcome=verdict)
        work.outcomes[verdict] += 1
    else:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Mail:
    """What goes as one mail: the notices it tells, and older ones of the same things that they make superfluous."""

    told: list[Notice]
    folded: list[Notice]

    @property
    def notices(self) -> list[Notice]:
        return [*self.told, *self.folded]


def _mails(notices: Sequence[Notice], *, digest: bool) -> Iterator[Mail]:
    """One mail a thing for what is urgent and for who wants it so, else one for all.

    What was begun before stays apart: the mail may have arrived, so it must be the same one again.
    """
    for begun in (True, False):
        things: dict[str, list[Notice]] = {}
        for notice in notices:
            if (notice.attempts > 0) == begun:
                things.setdefault(_thing(notice), []).append(notice)
        mails = [Mail([max(those, key=_rank)], sorted(those, key=_rank)[:-1]) for those in things.values()]
        if mails and digest and not notices[0].urgent:
            folded = [notice for mail in mails for notice in mail.folded]
            mails = [Mail([notice for mail in mails for notice in mail.told], folded)]
        yield from mails


def _thing(notice: Notice) -> str:
    repeated = notice.kind in KINDS or notice.kind in EVENTS_OF_OPEN_ROUNDS
    return notice.object if repeated else f"notice:{notice.pk}"


def _rank(notice: Notice) -> tuple[bool, bool, int, int]:
    """Of several about the same thing the one with the most to say, then the latest, is told."""
    return notice.kind == "vote_missing", notice.kind in KINDS, notice.payload.get("offset", 0), notice.pk


def _send(mail: Mail, person: User, words: Mapping[int, Line], work: Round) -> None:
    """Raises Unreachable, with the mail given back to be tried again."""
    work.way.ready()
    if not begin_notice(notices=mail.notices, lease_seconds=settings.NOTICE_LEASE_SECONDS):
        work.outcomes["taken over"] += len(mail.notices)
        return
    envelope = _attempt(partial(letter, person, mail.told, words, ids=[notice.pk for notice in mail.notices]))
    if isinstance(envelope, Broken):
        postpone_notice(notices=mail.notices, outcome="broken", detail=envelope.why, now=work.now)
        work.outcomes["broken"] += len(mail.notices)
        return
    outcome = _hand_over(mail, envelope, work)
    work.outcomes[outcome] += len(mail.notices)


def _hand_over(mail: Mail, envelope: Envelope, work: Round) -> str:
    """What came of it; the notices are marked accordingly. Raises Unreachable."""
    try:
        work.way.send(envelope)
    except Unreachable as error:
        retry_notice(notices=mail.notices, outcome="unreachable", detail=str(error), begun=True, now=work.now)
        raise
    except Later as error:
        retry_notice(notices=mail.notices, outcome="later", detail=str(error), begun=True, now=work.now)
        return "later"
    except Refused as error:
        refuse_notice(notices=mail.notices, outcome="refused", detail=str(error))
        return "refused"
    except Unsure as error:
        postpone_notice(notices=mail.notices, outcome="unsure", detail=str(error), now=work.now)
        return "unsure"
    finish_notice(notices=mail.told, outcome="sent", sent_at=work.now)
    if mail.folded:
        finish_notice(notices=mail.folded, outcome="folded", sent_at=work.now)
    return "sent"


def _apart(work: Callable[[Sequence[Notice]], Mapping[int, T]], notices: Sequence[Notice]) -> dict[int, T | Broken]:
    """`work` on all of them; where that breaks, on each alone, so that only the one at fault is broken."""
    if not notices:
        return {}
    found = _attempt(partial(work, notices))
    if not isinstance(found, Broken):
        return dict(found)
    if len(notices) == 1:
        return {notices[0].pk: found}
    return {pk: result for notice in notices for pk, result in _apart(work, [notice]).items()}


def _attempt(work: Callable[[], T]) -> T | Broken:
    try:
        return work()
    except OperationalError:
        # The database is away, which is no notice's fault.
        raise
    except Exception as error:
        # Whatever is wrong with one notice must not stop the others.
        log.warning("a notice could not be prepared", exc_info=True)
        return Broken(f"{type(error).__name__}: {error}")
