"""Every setting, from the environment (or the file that IDLINK_ENV_FILE names), with a safe default.

SECRET_KEY and IDLINK_ENCRYPTION_KEYS have no default: everybody would know it. `make env` writes a file with
fresh values of both.
"""

from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.core.exceptions import ImproperlyConfigured

from businesses.secrets import weakness_of_key
from idlink import database, navigation
from idlink.client_address import proxies_problem

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
env.read_env(env.str("IDLINK_ENV_FILE", default=str(BASE_DIR / ".env")))

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="")
if len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 5 or SECRET_KEY.startswith("django-insecure"):
    raise ImproperlyConfigured(
        "SECRET_KEY is missing or weak: set it to at least 50 random characters (`make env` writes one)."
    )
IDLINK_ENCRYPTION_KEYS = env.list("IDLINK_ENCRYPTION_KEYS", default=[])
for position, key in enumerate(IDLINK_ENCRYPTION_KEYS or [""], start=1):
    if weakness := weakness_of_key(key):
        raise ImproperlyConfigured(
            f"IDLINK_ENCRYPTION_KEYS, key {position}: {weakness} (`make env` writes a good one)."
        )

VAR_DIR = Path(env.str("IDLINK_VAR_DIR", default=str(BASE_DIR / "var")))
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# Graph
IDLINK_GRAPH_URL = env.str("IDLINK_GRAPH_URL", default="https://graph.facebook.com").rstrip("/")
IDLINK_GRAPH_VERSION = env.str("IDLINK_GRAPH_VERSION", default="v26.0")
IDLINK_GRAPH_DEADLINE = env.float("IDLINK_GRAPH_DEADLINE", default=30.0)
IDLINK_SANDBOX = env.bool("IDLINK_SANDBOX", default=False)
IDLINK_SANDBOX_ADDRESS = env.str("IDLINK_SANDBOX_ADDRESS", default="")

# Work
IDLINK_LEASE_SECONDS = env.int("IDLINK_LEASE_SECONDS", default=45)
IDLINK_SWEEP_SECONDS = env.int("IDLINK_SWEEP_SECONDS", default=5)
# Not less, however often is swept: where each message waits longer than it is valid, none would ever be taken.
IDLINK_MESSAGE_SECONDS = env.int("IDLINK_MESSAGE_SECONDS", default=max(60, 4 * IDLINK_SWEEP_SECONDS))
IDLINK_MAX_ATTEMPTS = env.int("IDLINK_MAX_ATTEMPTS", default=5)
IDLINK_RETRIES_PER_LOOKUP = env.int("IDLINK_RETRIES_PER_LOOKUP", default=3)
IDLINK_CALLS_AT_ONCE = env.int("IDLINK_CALLS_AT_ONCE", default=16)
IDLINK_PACE_SLOW = env.float("IDLINK_PACE_SLOW", default=80.0)
IDLINK_PACE_STOP = env.float("IDLINK_PACE_STOP", default=95.0)
IDLINK_STAFF_SHARE = env.float("IDLINK_STAFF_SHARE", default=15.0)
IDLINK_WITHDRAW_AFTER_HOURS = env.float("IDLINK_WITHDRAW_AFTER_HOURS", default=24.0)
IDLINK_PROBE_HOURS = env.float("IDLINK_PROBE_HOURS", default=6.0)

# Lists of IDs
IDLINK_LIST_CSV_MB = env.int("IDLINK_LIST_CSV_MB", default=200)
IDLINK_LIST_CSV_ROWS = env.int("IDLINK_LIST_CSV_ROWS", default=2_000_000)
IDLINK_LIST_XLSX_MB = env.int("IDLINK_LIST_XLSX_MB", default=10)
IDLINK_LIST_XLSX_ROWS = env.int("IDLINK_LIST_XLSX_ROWS", default=200_000)
IDLINK_LIST_UNPACKED_MB = env.int("IDLINK_LIST_UNPACKED_MB", default=100)
IDLINK_LIST_MEMBERS = env.int("IDLINK_LIST_MEMBERS", default=100)
IDLINK_LIST_COLUMNS = env.int("IDLINK_LIST_COLUMNS", default=64)
IDLINK_LIST_KEEP_DAYS = env.int("IDLINK_LIST_KEEP_DAYS", default=30)
IDLINK_LIST_FIELD_KB = env.int("IDLINK_LIST_FIELD_KB", default=64)
IDLINK_LIST_READ_MB = env.int("IDLINK_LIST_READ_MB", default=256)
IDLINK_LIST_READ_SECONDS = env.int("IDLINK_LIST_READ_SECONDS", default=60)
IDLINK_LIST_UNFINISHED = env.int("IDLINK_LIST_UNFINISHED", default=20)

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "idlink.apps.IdlinkAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "django_celery_beat",
    "csp",
    "businesses.apps.BusinessesConfig",
    "lookups.apps.LookupsConfig",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "idlink.privacy.NoStoreMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "idlink.pasted_tokens.refuse_tokens_in_addresses",
    "idlink.ended_session.lead_whole_page_to_log_in",
    "idlink.bodies.refuse_unwanted_bodies",
    "idlink.odd_input.refuse_nul",  # reads the form, so only after who may send one
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "idlink.urls"
WSGI_APPLICATION = "idlink.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# Database, and how many seconds its sessions may wait: idlink.database tells which wait is which. What must take long
# (a backup, a migration) has limits of its own.
IDLINK_LOCK_SECONDS = env.int("IDLINK_LOCK_SECONDS", default=30)
IDLINK_STATEMENT_SECONDS = env.int("IDLINK_STATEMENT_SECONDS", default=60)
IDLINK_IDLE_SECONDS = env.int("IDLINK_IDLE_SECONDS", default=20)
IDLINK_LONG_LOCK_SECONDS = env.int("IDLINK_LONG_LOCK_SECONDS", default=600)
IDLINK_LONG_STATEMENT_SECONDS = env.int("IDLINK_LONG_STATEMENT_SECONDS", default=6 * 3600)
IDLINK_LONG_IDLE_SECONDS = env.int("IDLINK_LONG_IDLE_SECONDS", default=600)
IDLINK_KEEPALIVE_SECONDS = env.int("IDLINK_KEEPALIVE_SECONDS", default=30)
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'idlink.sqlite3'}")}
database.limit(
    DATABASES["default"],
    database.Limits(lock=IDLINK_LOCK_SECONDS, statement=IDLINK_STATEMENT_SECONDS, idle=IDLINK_IDLE_SECONDS),
    keepalive=IDLINK_KEEPALIVE_SECONDS,
)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Sign-in
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
_VALIDATORS = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_VALIDATORS}.UserAttributeSimilarityValidator"},
    {"NAME": f"{_VALIDATORS}.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": f"{_VALIDATORS}.CommonPasswordValidator"},
    {"NAME": f"{_VALIDATORS}.NumericPasswordValidator"},
]
# A lock-out counts account and address together, and known devices apart: a stranger can't lock a colleague out.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "idlink.client_address.client_address"
AXES_USERNAME_CALLABLE = "idlink.known_device.counted_name"
AXES_FAILURE_LIMIT = env.int("IDLINK_LOGIN_FAILURES", default=10)
AXES_COOLOFF_TIME = env.float("IDLINK_LOGIN_LOCK_HOURS", default=0.5)
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "registration/locked.html"
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"

# Transport and browser. HTTPS is assumed unless the installation says it has none (the demo does).
IDLINK_HTTPS = env.bool("IDLINK_HTTPS", default=True)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = IDLINK_HTTPS
SECURE_REDIRECT_EXEMPT = [r"^health/$"]
SECURE_HSTS_SECONDS = 31_536_000 if IDLINK_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = IDLINK_HTTPS
if env.bool("IDLINK_BEHIND_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
IDLINK_TRUSTED_PROXIES = env.str("IDLINK_TRUSTED_PROXIES", default="")
IDLINK_PROXY_HEADER = env.str("IDLINK_PROXY_HEADER", default="X-Forwarded-For")
if problem := proxies_problem(IDLINK_TRUSTED_PROXIES, IDLINK_PROXY_HEADER):
    raise ImproperlyConfigured(problem)
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
X_FRAME_OPTIONS = "DENY"
# Unfold's Alpine evaluates expressions and its pages set styles inline; no script is inline.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, UNSAFE_EVAL],
        "style-src": [SELF, UNSAFE_INLINE],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# Static files
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"

# Uploads go to a folder of our own. So we find and remove the files that a killed web server leaves behind.
FILE_UPLOAD_HANDLERS = ["idlink.uploads.CarefulUpload"]
FILE_UPLOAD_TEMP_DIR = VAR_DIR / "uploads"
FILE_UPLOAD_PERMISSIONS = 0o600
DATA_UPLOAD_MAX_NUMBER_FILES = 1

# Language and time: stored in UTC, shown in the reader's own zone by the browser.
LANGUAGE_CODE = "en"
USE_TZ = True
TIME_ZONE = env.str("TIME_ZONE", default="UTC")

# Celery. The broker may lose messages: the database says what is to be done, and beat's sweep wakes the workers.
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="filesystem://")
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a broker may be away for a night
CELERY_WORKER_CONSUMER = "idlink.consumer:LoneConsumer"
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False  # see there
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_DEFAULT_QUEUE = "upkeep"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = {"visibility_timeout": 600}
if urlsplit(CELERY_BROKER_URL).scheme == "filesystem":
    CELERY_BROKER_URL = "filesystem://localhost"  # without a host, kombu prints a warning
    _BROKER_DIR = VAR_DIR / "broker"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_BROKER_DIR / "queue"),
        "data_folder_out": str(_BROKER_DIR / "queue"),
        "control_folder": str(_BROKER_DIR / "control"),
        "polling_interval": 0.05,
    }
elif urlsplit(CELERY_BROKER_URL).scheme in ("redis", "rediss"):
    CELERY_BROKER_TRANSPORT_OPTIONS |= {
        "socket_connect_timeout": 2,
        "socket_timeout": 30,
        "unacked_restore_interval": 1,
        "unacked_restore_throttle": 1,
    }
# The schedules that a new database gets. Superusers then edit them in the database, all but the sweep.
CELERY_BEAT_SCHEDULER = "idlink.beat:Scheduler"
CELERY_BEAT_SCHEDULE = {
    "sweep": {
        "task": "lookups.sweep",
        "schedule": IDLINK_SWEEP_SECONDS,
        "options": {"queue": "upkeep", "expires": IDLINK_MESSAGE_SECONDS},
    },
    "refresh": {"task": "lookups.refresh", "schedule": 60, "options": {"queue": "bulk", "expires": 60}},
    "count_freshness": {
        "task": "lookups.count_freshness",
        "schedule": 3600,
        "options": {"queue": "bulk", "expires": 3600},
    },
    "check_tokens": {"task": "lookups.check_tokens", "schedule": 600, "options": {"queue": "upkeep", "expires": 600}},
    "check_owners": {"task": "lookups.check_owners", "schedule": 600, "options": {"queue": "upkeep", "expires": 600}},
    "remove_old_lists": {
        "task": "lookups.remove_old_lists",
        "schedule": 3600,
        "options": {"queue": "bulk", "expires": 3600},
    },
    "mail_admins": {"task": "lookups.mail_admins", "schedule": 300, "options": {"queue": "upkeep", "expires": 300}},
}

# E-mail to admins when something needs a person. Off unless EMAIL_URL names a server.
vars().update(env.email_url("EMAIL_URL", default="dummymail://"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("IDLINK_MAIL_FROM", default="idlink@localhost")

# Logs: one JSON object a line on standard error. No handler mails error pages: they show the values of variables.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": "idlink.log_lines.LogLine",
            "format": "%(levelname)s %(name)s %(message)s",
            "timestamp": True,
        }
    },
    "filters": {"no_health": {"()": "idlink.log_lines.NoHealth"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.request": {"filters": ["no_health"]},
        "django.server": {"handlers": [], "level": "INFO", "propagate": True},
        # At DEBUG these loggers write whole URLs, headers and SQL parameters.
        "urllib3": {"level": "INFO"},
        "requests": {"level": "INFO"},
        "django.db.backends": {"level": "INFO"},
        # At INFO these write two lines for each message that wakes a worker.
        "celery.app.trace": {"level": "WARNING"},
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.beat": {"level": "WARNING"},
    },
}

# The admin site's look and menu.
UNFOLD = navigation.UNFOLD
