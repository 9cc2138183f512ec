"""Refusals of this room."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common.errors import DomainError, FieldError, ValidationFailed


class FileRefused(DomainError):
    """The uploaded file is not taken; nothing of it stays on the disk. The pointer is `/file`."""

    status = 400
    code = "file_refused"

    def __init__(self, detail: str | Promise) -> None:
        super().__init__(detail, errors=[FieldError("/file", self.code, detail)])


class FileMissing(FileRefused):
    code = "file_missing"
    title = _("The form holds no file")


class TooManyFiles(FileRefused):
    code = "too_many_files"
    title = _("The form holds more than one file")


class InvalidFilename(FileRefused):
    code = "invalid_filename"
    title = _("The file's name is not usable")


class FileTypeNotAllowed(FileRefused):
    code = "file_type_not_allowed"
    title = _("Files of this type are not taken")


class ContentMismatch(FileRefused):
    code = "content_mismatch"
    title = _("The content is not what the file's name says")


class EmptyFile(FileRefused):
    code = "empty_file"
    title = _("The file is empty")


class DigestMismatch(FileRefused):
    code = "digest_mismatch"
    title = _("The file is not the one that was announced")


class FileTooLarge(FileRefused):
    status = 413
    code = "file_too_large"
    title = _("The file is too large")


class ProjectQuotaExceeded(FileRefused):
    status = 413
    code = "project_quota_exceeded"
    title = _("The project's files take all their room")


class FileDamaged(DomainError):
    """The stored bytes are not those that were uploaded, or gone: an operator restores them from a backup."""

    status = 503
    code = "file_damaged"
    title = _("The stored file is damaged")


class MetricAlreadyRecorded(DomainError):
    """This run already reported another value under the same metric, step and slice."""

    code = "metric_already_recorded"
    title = _("This run has already reported another value")


class UnknownMetric(ValidationFailed):
    """No such metric is defined; the detail names the nearest one."""


class EvidenceAlreadyWithdrawn(DomainError):
    code = "evidence_already_withdrawn"
    title = _("This evidence is already withdrawn")


class EvidenceRevised(DomainError):
    """A later revision has taken its place; `newest` is the id of the latest one."""

    code = "evidence_revised"
    title = _("A later revision has taken its place")

    def __init__(self, newest: int) -> None:
        super().__init__(_("Only the latest revision is revised or attached."), newest=newest)
