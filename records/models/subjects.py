from typing import Self

from django.conf import settings
from django.db import models

from accounts.actor import Actor
from projects.models import Project

PARTS = ("model", "dataset", "prompt", "code")


class SubjectQuerySet(models.QuerySet["Subject"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(project__in=Project.objects.visible_to(actor))


class Subject(models.Model):
    """What the project is about right now: free strings naming its model, training data, prompt and code."""

    project = models.OneToOneField(Project, models.CASCADE, primary_key=True, related_name="subject")
    model = models.CharField(max_length=200, blank=True)
    dataset = models.CharField(max_length=200, blank=True)
    prompt = models.CharField(max_length=200, blank=True)
    code = models.CharField(max_length=200, blank=True)

    objects = SubjectQuerySet.as_manager()

    def __str__(self) -> str:
        return f"subject of {self.project}"

    def parts(self) -> dict[str, str]:
        """The named parts only, in the fixed order."""
        return {part: getattr(self, part) for part in PARTS if getattr(self, part)}


class SubjectValue(models.Model):
    """A value that a part once had in this project, and since when; a value not seen before becomes the current one."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="subject_values")
    part = models.CharField(max_length=10, choices=[(part, part) for part in PARTS])
    value = models.CharField(max_length=200)
    since = models.DateTimeField()
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["since", "id"]
        constraints = [models.UniqueConstraint(fields=["project", "part", "value"], name="subject_value_is_seen_once")]

    def __str__(self) -> str:
        return f"{self.part} {self.value}"


class ModelVersionQuerySet(models.QuerySet["ModelVersion"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(project__in=Project.objects.visible_to(actor))


class ModelVersion(models.Model):
    """A trained model as the project's subject names it (`name` is "reco 1.2.0"), and who trained it."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="model_versions")
    name = models.CharField(max_length=200)
    base = models.CharField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=80, blank=True)
    trained_on = models.DateField(null=True)
    trained_by = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+")

    objects = ModelVersionQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["project", "name"], name="model_version_is_named_once")]

    def __str__(self) -> str:
        return self.name
