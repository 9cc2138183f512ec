"""One settings file for every edition, driven by environment variables (table in README.md)."""

from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from config import environment as env
from config.secrets import secret

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.text("EIGHTGATE_DATA", str(BASE_DIR / "var"))).resolve()
DATABASE_URL = env.text("DATABASE_URL")
EMBEDDED = not DATABASE_URL or DATABASE_URL.startswith("sqlite")
DEMO = env.flag("EIGHTGATE_DEMO")
BASE_URL = env.text("BASE_URL", "http://127.0.0.1:8000").rstrip("/")
HTTPS = urlsplit(BASE_URL).scheme == "https"
if DEMO and (HTTPS or not EMBEDDED):
    raise ImproperlyConfigured("The demo is refused with production settings: unset DATABASE_URL and https BASE_URL.")
DATA_DIR.mkdir(parents=True, exist_ok=True)

DEBUG = env.flag("DEBUG")
SECRET_KEY = secret("SECRET_KEY", DATA_DIR, embedded=EMBEDDED)
# Newest first: a token is stored as HMAC under the first; the others still verify older tokens.
TOKEN_PEPPERS = env.words("TOKEN_PEPPERS") or [secret("TOKEN_PEPPER", DATA_DIR, embedded=EMBEDDED)]
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS") or [
    urlsplit(BASE_URL).hostname or "127.0.0.1",
    "127.0.0.1",
    "localhost",
    "[::1]",
]
TRUSTED_PROXIES = env.number("TRUSTED_PROXIES", 0)
MEMBERS_MAY_CREATE = env.flag("MEMBERS_MAY_CREATE", default=True)
ROLE_COOLDOWN_SECONDS = env.number("EIGHTGATE_ROLE_COOLDOWN", 0)

INSTALLED_APPS = [
    "common",
    "journal",
    "accounts",
    "projects",
    "library",
    "records",
    "risks",
    "lifecycle",
    "overview",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "django_htmx",
    "allauth",
    "allauth.account",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]

MIDDLEWARE = [
    "common.middleware.RequestId",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "common.middleware.SecurityHeaders",
    "common.middleware.BodyLimit",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "common.middleware.ProblemsUnderApi",
    "common.middleware.NamesNothing",
    "common.middleware.Slashes",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.CurrentActor",
    "accounts.middleware.PersonalLanguage",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DATABASES = {"default": env.database(DATABASE_URL, DATA_DIR)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    ["django.template.loaders.filesystem.Loader", "django.template.loaders.app_directories.Loader"],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "overview.context.shell",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
TEST_RUNNER = "django.test.runner.DiscoverRunner"

# Sign-in
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = 3600
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# Failures are counted in the database (accounts.adapter); allauth's own counters live in a cache that may be lost.
ACCOUNT_RATE_LIMITS = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = "/accounts/login/"
SIGN_IN_FAILURES_PER_MINUTE = env.number("SIGN_IN_FAILURES_PER_MINUTE", 100 if DEMO else 10)

# Cookies: the __Host- prefix binds them to this host over https; a loopback demo speaks plain http.
_PREFIX = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME, LANGUAGE_COOKIE_NAME = (
    f"{_PREFIX}sessionid",
    f"{_PREFIX}csrftoken",
    f"{_PREFIX}language",
)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SESSION_COOKIE_AGE = 12 * 3600
SESSION_SAVE_EVERY_REQUEST = False
SESSION_ABSOLUTE_SECONDS = 7 * 24 * 3600
CSRF_TRUSTED_ORIGINS = [BASE_URL] if HTTPS else []
SECURE_SSL_REDIRECT = HTTPS and env.flag("SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
# W002 looks for Django's middleware; common.middleware.SecurityHeaders sends the header.
SILENCED_SYSTEM_CHECKS = ["security.W002"]
CSRF_FAILURE_VIEW = "common.problems.csrf_failure"
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]

# Language and time
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Chinese (simplified)"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# Files
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(DATA_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = Path(env.text("MEDIA_ROOT", str(DATA_DIR / "files")))
FILE_UPLOAD_TEMP_DIR = str(MEDIA_ROOT / "incoming")
(MEDIA_ROOT / "incoming").mkdir(parents=True, exist_ok=True)
CONTENT_DIR = BASE_DIR / "content"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if env.flag("STATIC_MANIFEST")
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not env.flag("STATIC_MANIFEST")
EVIDENCE_MAX_BYTES = 25 * 1024 * 1024
EVIDENCE_MAX_PROJECT_BYTES = 2 * 1024**3

# Mail: a server's own SMTP, else the demo's mailbox folder
SMTP_HOST = env.text("SMTP_HOST")
EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend" if SMTP_HOST else "django.core.mail.backends.filebased.EmailBackend"
)
EMAIL_FILE_PATH = str(DATA_DIR / "mail")
EMAIL_HOST, EMAIL_PORT = SMTP_HOST or "localhost", env.number("SMTP_PORT", 25)
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = env.text("SMTP_USER"), env.text("SMTP_PASSWORD")
EMAIL_USE_TLS, EMAIL_USE_SSL = env.flag("SMTP_STARTTLS"), env.flag("SMTP_TLS")
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("MAIL_FROM", "eightgate@localhost")

# The alarm clock: Celery over Redis (embedded: Valkey on a unix socket, set by the supervisor). It holds no truth.
REDIS_URL = env.text("REDIS_URL", "redis://127.0.0.1:6379/0")
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://")
NOTICE_LEASE_SECONDS = env.number("NOTICE_LEASE_SECONDS", 60)
SWEEP_SECONDS = env.number("SWEEP_SECONDS", 10)
TICK_SECONDS = env.number("TICK_SECONDS", 60)
WORKER_PROCESSES = env.number("WORKER_PROCESSES", 2)

# Who changed a row last, for the answer to a stale edit: a question the ground floor may not answer itself.
LAST_CHANGE = "accounts.selectors.last_change"
# What /livez asks besides itself, as dotted names of functions that return a sentence when something is missing.
LIVE_CHECKS = ["overview.selectors.health.missing_content"]

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.TokenAuthentication",
        "accounts.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": [
        "accounts.authentication.SignedInWithScope",
        "common.api.parameters.DeclaredParameters",
    ],
    "DEFAULT_PARSER_CLASSES": ["common.api.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["common.api.JSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "common.api.ContentNegotiation",
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "common.problems.exception_handler",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "UNAUTHENTICATED_USER": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "COERCE_DECIMAL_TO_STRING": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Eightgate",
    "DESCRIPTION": "Large-model projects through eight gates.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "AnswerEnum": "lifecycle.models.Answer",
        "RigourEnum": [("lean", "lean"), ("standard", "standard"), ("regulated", "regulated")],
        "RiskLevelEnum": [("low", "low"), ("medium", "medium"), ("high", "high"), ("critical", "critical")],
        "RiskStateEnum": "risks.models.RiskState",
        "ReviewStateEnum": [("open", "open"), ("decided", "decided"), ("withdrawn", "withdrawn")],
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"secrets": {"()": "common.logs.MaskSecrets"}},
    "formatters": {"json": {"()": "common.logs.JsonLines"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json", "filters": ["secrets"]}},
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "INFO")},
    # Strangers send foreign names all day: the answer is a 400, not an alert.
    "loggers": {
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        "django.server": {"handlers": ["console"], "propagate": False},
    },
}
