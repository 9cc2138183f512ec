"""How a line of the journal and a notice read, by verb. `wording` fills them in; a gap no fact fills stays empty."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Phrase = str | Promise

ENTRIES: dict[str, Phrase] = {
    # instance
    "user.created": _("%(who)s added %(user)s"),
    "user.deactivated": _("%(who)s deactivated %(user)s"),
    "password.changed": _("%(who)s changed the password"),
    "profile.updated": _("%(who)s changed preferences"),
    "token.created": _("%(who)s made the token “%(name)s”"),
    "token.revoked": _("%(who)s revoked the token “%(name)s”"),
    "template.imported": _("%(who)s imported version %(number)s of the template %(key)s as a draft"),
    "template.draft_started": _("%(who)s began a draft of the template %(key)s: version %(number)s"),
    "template.edited": _("%(who)s edited the draft of the template %(key)s"),
    "template.draft_discarded": _("%(who)s discarded the draft of the template %(key)s"),
    "template.published": _("%(who)s published version %(number)s of the template %(key)s"),
    "demo.started": _("The demo began to load"),
    "demo.loaded": _("The demo is loaded"),
    "demo.removed": _("The demo is removed"),
    "volume.seeded": _("%(projects)s projects were made for measuring"),
    "portfolio.created": _("%(who)s made the portfolio %(name)s"),
    "portfolio.manager_added": _("%(who)s named %(manager)s to run the portfolio"),
    "list.exported": _("%(who)s saved the list %(list)s as %(format)s: %(rows)s rows"),
    # project
    "project.created": _("%(who)s started the project"),
    "project.updated": _("%(who)s changed the project: %(fields)s"),
    "project.archived": _("%(who)s archived the project"),
    "project.restored": _("%(who)s restored the project"),
    "project.held": _("%(who)s put the project on hold until %(until)s: %(reason)s"),
    "project.resumed": _("%(who)s resumed the project"),
    "project.level_changed": _("%(who)s changed the level from %(from_level)s to %(level)s: %(reason)s"),
    "project.level_confirmed": _("%(who)s confirmed the level %(level)s: %(reason)s"),
    "project.tags_changed": _("%(who)s changed the tags: %(tags)s"),
    "project.template_moved": _("%(who)s moved the project from template version %(before)s to %(after)s"),
    "project.legal_hold_set": _("%(who)s set a legal hold: %(reason)s"),
    "project.legal_hold_lifted": _("%(who)s lifted the legal hold: %(reason)s"),
    "member.added": _("%(who)s added %(member)s: %(access)s"),
    "member.updated": _("%(who)s changed what %(member)s may do: %(access)s"),
    "member.removed": _("%(who)s removed %(member)s"),
    "deputy.named": _("%(member)s named %(deputy)s to vote in their place from %(since)s to %(until)s"),
    "deputy.ended": _("%(deputy)s no longer votes in the place of %(member)s"),
    "progress.logged": _("%(who)s logged progress: %(health)s"),
    "comment.added": _("%(who)s commented"),
    "comment.edited": _("%(who)s edited a comment"),
    "budget.line_added": _("%(who)s planned %(planned)s for %(name)s"),
    "budget.line_updated": _("%(who)s changed the budget line %(name)s: %(fields)s"),
    "budget.line_removed": _("%(who)s removed the budget line %(name)s"),
    "budget.spent": _("%(who)s booked %(amount)s on %(name)s"),
    "goal.added": _("%(who)s set the goal %(name)s"),
    "goal.updated": _("%(who)s changed the goal %(name)s: %(fields)s"),
    "goal.removed": _("%(who)s gave up the goal %(name)s"),
    "stakeholder.added": _("%(who)s named the stakeholder %(name)s"),
    "stakeholder.updated": _("%(who)s changed the stakeholder %(name)s"),
    "stakeholder.removed": _("%(who)s removed the stakeholder %(name)s"),
    "action.added": _("%(who)s gave %(owner)s something to do by %(due_on)s: %(text)s"),
    "action.updated": _("%(who)s changed an action: %(text)s"),
    "action.done": _("%(who)s has done: %(text)s"),
    "action.reopened": _("%(who)s opened again: %(text)s"),
    "action.verified": _("%(who)s verified: %(text)s"),
    # process
    "stage.scheduled": _("%(who)s changed the dates of %(stage)s"),
    "check.answered": _("%(who)s answered “%(check)s”: %(state)s"),
    "check.planned": _("%(who)s planned “%(check)s”"),
    "check.signed": _("%(who)s signed “%(check)s”"),
    "limit.set": _("%(who)s set the limit of “%(check)s” from %(before)s to %(after)s: %(reason)s"),
    "limit.proposed": _("%(who)s proposed a looser limit of “%(check)s”, %(after)s instead of %(before)s: %(reason)s"),
    "limit.agreed": _("%(who)s agreed to the limit %(after)s of “%(check)s”"),
    "limit.declined": _("%(who)s declined the limit %(after)s of “%(check)s”"),
    "limit.source_confirmed": _("%(who)s confirmed the legal source of “%(check)s”: %(reference)s"),
    "baseline.set": _("%(who)s named %(after)s as the model to compare with: %(reason)s"),
    "evidence.added": _("%(who)s added evidence “%(title)s” to “%(check)s”"),
    "evidence.attached": _("%(who)s attached evidence “%(title)s” to “%(check)s” too"),
    "evidence.revised": _("%(who)s revised evidence “%(title)s”: revision %(revision)s"),
    "evidence.damaged": _("The stored file of evidence “%(title)s” is damaged or gone"),
    "evidence.withdrawn": _("%(who)s withdrew evidence: %(reason)s"),
    "review.requested": _("%(who)s asked for the gate of %(stage)s"),
    "pack.exported": _("%(who)s saved the gate pack of %(stage)s as %(format)s, %(digest)s"),
    "review.voted": _("%(who)s voted %(vote)s at the gate of %(stage)s"),
    "review.vote_withdrawn": _("%(who)s withdrew a vote at the gate of %(stage)s"),
    "review.packet_changed": _("The facts of the gate of %(stage)s changed; its votes are void"),
    "review.decided": _("The gate of %(stage)s is decided: %(decision)s"),
    "review.withdrawn": _("%(who)s withdrew the request for the gate of %(stage)s"),
    "review.reopened": _("%(who)s opened the gate of %(stage)s again: %(reason)s"),
    "review.recused": _("%(who)s stepped back from the gate of %(stage)s: %(reason)s"),
    "condition.proposed": _("%(who)s says a condition is met: %(text)s"),
    "condition.met": _("A condition is met: %(text)s"),
    "condition.overdue": _("A condition was due on %(due_on)s and is not met: %(text)s"),
    "condition.extended": _("%(who)s moved a condition to %(after)s: %(text)s"),
    "change.opened": _("%(who)s changes what runs: %(text)s"),
    "change.ready": _("All checks of a change are met again: %(text)s"),
    "change.confirmed": _("%(who)s confirmed the change: %(text)s"),
    "change.withdrawn": _("%(who)s closed the change without confirming it: %(text)s"),
    "waiver.opened": _("%(who)s asks to waive “%(check)s” until %(until)s: %(reason)s"),
    "waiver.granted": _("%(who)s waived “%(check)s” until %(until)s: %(reason)s"),
    "waiver.ended": _("The waiver of “%(check)s” ended on %(until)s"),
    # records and risks
    "subject.moved": _("%(who)s moved the project to another subject"),
    "metric.recorded": _("%(who)s reported results"),
    "metric.superseded": _("%(who)s replaced a result: %(reason)s"),
    "model.recorded": _("%(who)s recorded a model version"),
    "risk.created": _("%(who)s recorded a risk: %(title)s"),
    "risk.updated": _("%(who)s changed a risk: %(title)s"),
    "risk.closed": _("%(who)s closed a risk: %(title)s"),
    "risk.reopened": _("%(who)s opened a risk again: %(title)s"),
    "risk.rescored": _("%(who)s scored a risk again: %(title)s"),
    "risk.acceptance_signed": _("%(who)s signed to accept a risk: %(title)s"),
    "risk.acceptance_ended": _("The acceptance of a risk ended on %(until)s: %(title)s"),
    "risk.accepted": _("%(who)s accepted a risk until %(until)s: %(title)s"),
    "assessment.saved": _("%(who)s worked on the assessment %(assessment)s"),
    "assessment.submitted": _("%(who)s submitted the assessment %(assessment)s"),
    "assessment.signed": _("%(who)s signed the assessment %(assessment)s"),
    "assessment.approved": _("The assessment %(assessment)s is approved"),
}

REMINDERS: dict[str, Phrase] = {
    "stage_deadline": _("%(stage)s is planned to end on %(due)s"),
    "check_due": _("“%(check)s” is due on %(due)s"),
    "review_waiting": _("The gate of %(stage)s waits for a decision since %(since)s"),
    "vote_missing": _("Your vote at the gate of %(stage)s is missing"),
    "action_due": _("Due on %(due)s: %(text)s"),
    "hold_ending": _("The hold ends on %(due)s"),
    "evidence_expiring": _("The proof of “%(check)s” holds until %(due)s"),
    "waiver_ending": _("The waiver of “%(check)s” ends on %(due)s"),
    "maintenance_review": _("The next review of %(stage)s is due on %(due)s"),
}

# The same once the day has passed.
OVERDUE: dict[str, Phrase] = {
    "stage_deadline": _("%(stage)s was planned to end on %(due)s"),
    "check_due": _("“%(check)s” was due on %(due)s"),
    "action_due": _("Was due on %(due)s: %(text)s"),
    "hold_ending": _("The hold was to end on %(due)s; nobody has resumed the project"),
    "evidence_expiring": _("The proof of “%(check)s” held until %(due)s; nothing else proves it"),
    "maintenance_review": _("The review of %(stage)s was due on %(due)s"),
}
# What is not the reader's own to do reads otherwise.
OTHERS: dict[tuple[str, str], Phrase] = {
    ("vote_missing", "requester"): _("The gate of %(stage)s lacks votes since %(since)s"),
    ("vote_missing", "deputy"): _("A vote that you may give as deputy is missing at the gate of %(stage)s"),
}

# "Why did I get this?"
REASONS: dict[str, Phrase] = {
    "member": _("You are a member of the project."),
    "owner": _("You own it."),
    "assignee": _("It is yours to do."),
    "gatekeeper": _("You may vote at this gate."),
    "voter": _("You voted at this gate."),
    "deputy": _("You are the deputy of somebody who votes."),
    "principal": _("It is about your own vote."),
    "second": _("It takes a second gatekeeper."),
    "requester": _("You asked for it."),
    "supplied_by": _("You supplied it."),
    "set_by": _("You set it."),
    "opened_by": _("You opened it."),
    "signer": _("Your signature is asked for."),
    "signature": _("Your signature is asked for."),
    "risk_officer": _("It needs the consent of a risk officer."),
    "accepted_it": _("You accepted it."),
    "filled_by": _("You filled it in."),
    "sponsor": _("You are the sponsor."),
    "mentioned": _("Somebody called your name."),
    "portfolio_manager": _("You run the portfolio."),
    "escalation": _("It was not done in time, so you are told as well."),
}

# What a settled notice says beside itself.
OUTCOMES: dict[str, Phrase] = {
    "review.decided": _("Decided since: %(decision)s"),
    "review.withdrawn": _("Withdrawn since"),
    "change.confirmed": _("Confirmed since"),
    "change.withdrawn": _("Withdrawn since"),
    "assessment.approved": _("Approved since"),
    "assessment.signed": _("You have signed"),
}

DECISIONS: dict[str, Phrase] = {
    "go": _("go"),
    "conditional_go": _("conditional go"),
    "hold": _("hold"),
    "recycle": _("recycle"),
    "kill": _("kill"),
}
ANSWERS: dict[str, Phrase] = {
    "open": _("open"),
    "met": _("met"),
    "not_met": _("not met"),
    "not_applicable": _("not applicable"),
}
LEVELS: dict[str, Phrase] = {
    "lean": _("lean"),
    "standard": _("standard"),
    "regulated": _("regulated"),
}
ACCESS_WORDS: dict[str, Phrase] = {
    "owner": _("owner"),
    "contribute": _("contributes"),
    "decide": _("decides"),
    "view": _("views"),
}
