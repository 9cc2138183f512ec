"""The settings of the suite: the product's own, over a data folder of its own and keys that protect nothing.

Each process of a parallel run has its own folder; processes that a test starts find it through the environment.
"""

import atexit
import os
import shutil
import tempfile

_WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
if os.environ.get("EIGHTGATE_TEST_WORKER") != _WORKER:
    os.environ["EIGHTGATE_TEST_WORKER"] = _WORKER
    os.environ["EIGHTGATE_DATA"] = tempfile.mkdtemp(prefix="eightgate-test-")
    atexit.register(shutil.rmtree, os.environ["EIGHTGATE_DATA"], ignore_errors=True)
for _name in ("SECRET_KEY", "TOKEN_PEPPER"):
    os.environ.setdefault(_name, f"{_name.lower()}-of-a-test-run-that-protects-nothing-at-all")
# Emptying all tables and dropping the database may take longer than any statement of the product.
os.environ.setdefault("STATEMENT_TIMEOUT_MS", "60000")
for _name in ("EIGHTGATE_DEMO", "BASE_URL", "HOST", "PORT", "ALLOWED_HOSTS", "DEBUG", "SMTP_HOST", "LOG_LEVEL"):
    os.environ.pop(_name, None)

from config.settings import *  # noqa: E402, F403 - the environment must be complete before
from config.settings import DATA_DIR, DATABASES, EMBEDDED, STATIC_ROOT  # noqa: E402

STATIC_ROOT.mkdir(exist_ok=True)
if EMBEDDED:
    # A file, not memory: what is promised of SQLite (WAL, IMMEDIATE, other processes) holds only there.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
# Argon2 takes its time on purpose; it stays in the list for the test that signs in with it.
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.MD5PasswordHasher",
    "django.contrib.auth.hashers.Argon2PasswordHasher",
]
