"""Refusals of this room."""

from django.utils.translation import gettext_lazy as _

from common.errors import DomainError, PermissionDenied


class RiskClosed(DomainError):
    code = "risk_closed"
    title = _("The risk is closed")


class AcceptanceAlreadySigned(DomainError):
    """A critical risk takes two people; this one has signed and waits for the other."""

    code = "acceptance_already_signed"
    title = _("You have signed this acceptance; it waits for someone else")


class AssessmentDraftExists(DomainError):
    code = "assessment_draft_exists"
    title = _("A draft of this assessment exists")


class AssessmentNotDraft(DomainError):
    code = "assessment_not_draft"
    title = _("Only a draft can be filled in")


class AssessmentNotSubmitted(DomainError):
    code = "assessment_not_submitted"
    title = _("This assessment does not wait for signatures")


class AssessmentDoesNotPass(DomainError):
    code = "assessment_does_not_pass"
    title = _("The answers do not reach what the questionnaire asks for")


class AssessmentAlreadySigned(DomainError):
    code = "assessment_already_signed"
    title = _("This role has signed already")


class FillerCannotSign(PermissionDenied):
    """Who answered a questionnaire does not approve it."""

    code = "separation_of_duties"
    title = _("Who filled this in cannot sign it")
