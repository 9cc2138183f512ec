from django.db import models


class Case(models.Model):
    """A retold case, built in or drafted from a project of our own; texts are {"en": …, "zh": …}."""

    key = models.CharField(max_length=80, unique=True)
    outcome = models.CharField(
        max_length=10, choices=[("success", "success"), ("failure", "failure"), ("mixed", "mixed")]
    )
    industry = models.CharField(max_length=40, blank=True)
    application = models.CharField(max_length=40, blank=True)
    title = models.JSONField()
    background = models.JSONField(default=dict)
    approach = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    factors = models.JSONField(default=list)
    lessons = models.JSONField(default=list)
    caution = models.JSONField(default=dict)
    stages = models.JSONField(default=list)
    risks = models.JSONField(default=list)
    built_in = models.BooleanField(default=False)
    published = models.BooleanField(default=False)
    project_id = models.BigIntegerField(null=True)

    class Meta:
        ordering = ["key"]

    def __str__(self) -> str:
        return self.key
