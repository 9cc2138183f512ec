from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from common.checks import production_settings, refuse_to_start

GOOD_KEY = "kX9vQ2mR7tY4uI1oP6aS3dF8gH5jK0lZ"

pytestmark = pytest.mark.core


@pytest.fixture
def server(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Settings of a server that people reach over https."""
    settings.BASE_URL, settings.HTTPS = "https://eightgate.example.org", True
    settings.EMBEDDED, settings.DEMO, settings.DEBUG = False, False, False
    settings.SECRET_KEY, settings.ALLOWED_HOSTS = GOOD_KEY, ["eightgate.example.org"]
    monkeypatch.setenv("HOST", "0.0.0.0")
    return settings


def faults() -> list[str]:
    return [str(error.id) for error in production_settings()]


def test_a_server_as_the_deployment_guide_describes_it_is_sound(server: Any):
    assert faults() == []


@pytest.mark.parametrize("key", ["short", "a" * 60, "django-insecure-" + GOOD_KEY, "Change-me-" + GOOD_KEY])
def test_a_weak_or_copied_key_is_refused(server: Any, key: str):
    server.SECRET_KEY = key

    assert faults() == ["eightgate.E001"]


def test_debug_any_host_and_http_are_refused_together(server: Any):
    server.DEBUG, server.ALLOWED_HOSTS = True, ["*"]
    server.BASE_URL, server.HTTPS = "http://eightgate.example.org", False

    assert faults() == ["eightgate.E002", "eightgate.E003", "eightgate.E004"]
    with pytest.raises(ImproperlyConfigured, match="DEBUG is on"):
        refuse_to_start()


@pytest.mark.parametrize("address", ["127.0.0.1", "localhost", "[::1]"])
def test_ones_own_machine_may_do_as_it_likes(server: Any, monkeypatch: pytest.MonkeyPatch, address: str):
    server.BASE_URL, server.HTTPS = f"http://{address}:8000", False
    server.DEBUG, server.ALLOWED_HOSTS = True, ["*"]
    monkeypatch.setenv("HOST", address.strip("[]"))

    assert faults() == []


def test_a_loopback_address_bound_for_everyone_is_not_ones_own_machine(server: Any):
    server.BASE_URL, server.HTTPS, server.DEBUG = "http://127.0.0.1:8000", False, True

    assert faults() == ["eightgate.E002"]
