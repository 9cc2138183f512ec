"""Fixtures for everyone: `tests/plugins/` holds the machinery, `tests/fixtures*` the people and projects."""

from pathlib import Path

HERE = Path(__file__).parent

pytest_plugins = [
    "tests.plugins.environment",
    "tests.plugins.mail",
    "tests.plugins.processes",
    "tests.plugins.browser",
    *(f"tests.{path.stem}" for path in sorted(HERE.glob("fixtures*.py"))),
    *(f"tests.fixtures.{path.stem}" for path in sorted(HERE.glob("fixtures/*.py")) if path.stem != "__init__"),
]
