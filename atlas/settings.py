"""The one settings file; everything that differs between machines comes from the environment.

`atlas/checks.py` refuses to start with unsafe values. The variables are described in `docs/settings.md`.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any

import environ
from csp.constants import NONCE, NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.templatetags.static import static

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

# --- Where we are -----------------------------------------------------------------------------------------------------

DEMO = env.bool("ATLAS_DEMO", default=False)
TESTING = env.bool("ATLAS_TESTING", default=False)
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
SURFACE = env.str("ATLAS_SURFACE", default="all")  # all, site or staff
BASE_URL = env.str("BASE_URL", default="http://localhost:8000").rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[BASE_URL])
TRUST_PROXY = env.bool("TRUST_PROXY", default=False)
STATE_DIR = Path(env.str("ATLAS_STATE", default=str(BASE_DIR / ".atlas")))

# --- Apps and middleware ----------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "atlas",
    "accounts",
    "billing",
    "monitoring.catalogue",
    "monitoring.archive",
    "monitoring.changes",
    "monitoring.findings",
    "monitoring.watching",
    "monitoring.alerts",
    "monitoring",
    "unfold.apps.BasicAppConfig",
    "monitoring.desk.apps.DeskConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.github",
    "allauth.socialaccount.providers.microsoft",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "csp",
    "django_filters",
    "django_structlog",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "atlas.middleware.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.SessionSeenMiddleware",
    "accounts.middleware.StaffScopeMiddleware",
]
if not TESTING:
    MIDDLEWARE.append("atlas.middleware.RequestLogMiddleware")
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False  # logs hold ids, not addresses

ROOT_URLCONF = "atlas.urls"
WSGI_APPLICATION = "atlas.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

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
                "atlas.context.site",
            ],
        },
    }
]

# --- PostgreSQL, Redis, Celery ----------------------------------------------------------------------------------------

DATABASES = {"default": env.db_url("DATABASE_URL", default="postgresql://atlas_site@127.0.0.1:5432/atlas")}
DATABASES["default"]["CONN_MAX_AGE"] = 0
OWNER_DATABASE_URL = env.str("ATLAS_OWNER_DATABASE_URL", default="")  # for commands that create databases
if env.bool("ATLAS_POOL", default=True) and not TESTING:
    DATABASES["default"].setdefault("OPTIONS", {})["pool"] = {
        "min_size": 1,
        "max_size": env.int("ATLAS_POOL_SIZE", default=6),
        "timeout": 10,
    }

REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")
CACHES = {
    "default": {
        "BACKEND": "atlas.cache.LosableCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 2},  # a page doesn't wait for what may be lost
        "KEY_PREFIX": env.str("ATLAS_CACHE_PREFIX", default="atlas"),
    }
}

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = 600
CELERY_TASK_SOFT_TIME_LIMIT = 540
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,  # lost messages are looked for every 10 s, not every 100 s
    "socket_connect_timeout": 2,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# Every minute somebody asks what is due; a visitor of the demo shouldn't wait for it.
BEAT_INTERVAL = timedelta(seconds=env.float("ATLAS_BEAT_INTERVAL", default=4 if DEMO else 60))
CELERY_BEAT_SCHEDULE = {
    task: {"task": task, "schedule": BEAT_INTERVAL, "options": {"expires": 10 * BEAT_INTERVAL.total_seconds()}}
    for task in (
        "accounts.send_mails",
        "accounts.delete_closed",
        "accounts.erase_due",
        "billing.refresh_ended",
        "monitoring.read_due",
        "monitoring.try_out",
        "monitoring.read_hubs",
        "monitoring.release_due",
        "monitoring.fan_out",
        "monitoring.deliver",
        "monitoring.make_digests",
        "monitoring.forget_old",
    )
}

# --- Accounts ---------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
if TESTING:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

SILENCED_SYSTEM_CHECKS = ["auth.W004"]  # e-mail addresses are unique by a constraint over their lower case

LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/dashboard/"
ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
ACCOUNT_FORMS = {"signup": "accounts.forms.SignupForm", "reset_password": "accounts.forms.ResetPasswordForm"}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_CHANGE_EMAIL = True  # one address; the old one counts until the new one is confirmed
ACCOUNT_EMAIL_NOTIFICATIONS = True  # what changes how one signs in is told by mail
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_REAUTHENTICATION_REQUIRED = True  # for the address and the second step, within the last five minutes
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
USERSESSIONS_ADAPTER = "accounts.sessions.Adapter"

# Other services to sign in with: shown where they are named. Addresses of Google, GitHub, Microsoft are allauth's own.
SOCIALACCOUNT_ADAPTER = "accounts.social.Adapter"
SOCIALACCOUNT_QUERY_EMAIL = True
OIDC_TRUST_EMAIL = env.bool("OIDC_TRUST_EMAIL", default=False)
_OIDC = [
    ("google", "Google", "https://accounts.google.com", env.str("GOOGLE_CLIENT_ID", ""), env.str("GOOGLE_SECRET", "")),
    (
        "oidc",
        env.str("OIDC_NAME", "your organization’s sign-in"),
        env.str("OIDC_SERVER_URL", "").rstrip("/"),
        env.str("OIDC_CLIENT_ID", ""),
        env.str("OIDC_SECRET", ""),
    ),
]
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": id_,
                "name": name,
                "client_id": client,
                "secret": secret,
                "settings": {"server_url": server},
            }
            for id_, name, server, client, secret in _OIDC
            if client
        ],
    },
    "github": {
        "APPS": [{"client_id": client, "secret": env.str("GITHUB_SECRET", "")}]
        if (client := env.str("GITHUB_CLIENT_ID", ""))
        else []
    },
    "microsoft": {
        "TENANT": env.str("MICROSOFT_TENANT", "common"),
        "APPS": [{"client_id": client, "secret": env.str("MICROSOFT_SECRET", "")}]
        if (client := env.str("MICROSOFT_CLIENT_ID", ""))
        else [],
    },
}
# Where a form on our pages may lead to: the services' own sign-in.
_ORIGINS = {"github": "https://github.com", "microsoft": "https://login.microsoftonline.com"}
SOCIAL_ORIGINS = [server for _, _, server, client, _ in _OIDC if client]
SOCIAL_ORIGINS += [origin for id_, origin in _ORIGINS.items() if SOCIALACCOUNT_PROVIDERS[id_]["APPS"]]

STAFF_MFA = env.str("STAFF_MFA", default="required")  # or off, in the demo alone
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_ADAPTER = "accounts.second_step.Adapter"
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "ConductAtlas"
MFA_TOTP_TOLERANCE = 1  # a clock may be half a minute off
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not BASE_URL.startswith(
    "https://"
)  # only this machine may be asked over plain HTTP
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if TRUST_PROXY else 0  # whose X-Forwarded-For is counted and listed
# By the minute, in Redis, which may be lost: accounts/lockout.py has those by the hour, which are not.
SIGN_IN_LIMITS = {"login_failed": "10/m/ip,5/5m/key", "signup": "20/m/ip", "confirm_email": "4/15m/key"}
ACCOUNT_RATE_LIMITS = False if TESTING else SIGN_IN_LIMITS
MFA_FORMS = {
    "authenticate": "accounts.forms.SecondStepForm",
    "reauthenticate": "accounts.forms.SecondStepAgainForm",
    "add_webauthn": "accounts.forms.PasskeyForm",
}
UNCONFIRMED_RETENTION = timedelta(days=env.int("UNCONFIRMED_RETENTION_DAYS", default=7))

ACCOUNT_GRACE = timedelta(days=env.int("ACCOUNT_GRACE_DAYS", default=14))  # from asking for it to erasure
ORGANIZATION_GRACE = timedelta(days=env.int("ORGANIZATION_GRACE_DAYS", default=14))  # from closing to deletion

# --- Reading ----------------------------------------------------------------------------------------------------------

READ_ALL = env.str("ATLAS_READ", default="") == "all"
USER_AGENT = env.str("ATLAS_USER_AGENT", default=f"ConductAtlas/1.0 (+{BASE_URL}/about/#reader)")
EGRESS_ALLOW_LOOPBACK = env.bool("ATLAS_ALLOW_LOOPBACK", default=False)
EGRESS_LOOPBACK_PORTS = env.list("ATLAS_LOOPBACK_PORTS", cast=int, default=[])  # where that is allowed; empty: all
HOST_DELAY = timedelta(seconds=env.float("ATLAS_HOST_DELAY", default=0 if TESTING else 2))
MOST_CRAWL_DELAY = timedelta(seconds=env.float("ATLAS_MOST_CRAWL_DELAY", default=60))  # of a robots.txt
REQUEST_SECONDS = env.float("ATLAS_REQUEST_SECONDS", default=60)  # for one page, redirects included
MOVED_AFTER = env.int("ATLAS_MOVED_AFTER", default=3)  # good readings in a row that were sent elsewhere for good
PARSE_SECONDS = env.int("ATLAS_PARSE_SECONDS", default=60)  # of CPU, for one document that is a PDF or very large
PARSE_MEMORY = env.int("ATLAS_PARSE_MEMORY", default=1024 * 2**20)
BROWSER = env.str("ATLAS_BROWSER", default="auto")  # the system's Chromium, off, or a path
BROWSER_SANDBOX = env.bool("ATLAS_BROWSER_SANDBOX", default=True)
BROWSER_SECONDS = env.float("ATLAS_BROWSER_SECONDS", default=60)  # for one page and all that it loads
BROWSER_BYTES = env.int("ATLAS_BROWSER_BYTES", default=50 * 2**20)  # the same, in both directions
BROWSER_MEMORY = env.int("ATLAS_BROWSER_MEMORY", default=1536 * 2**20)  # of all of Chromium's processes
BROWSER_PAGES = env.int("ATLAS_BROWSER_PAGES", default=50)  # after which a fresh browser is started
CHECK_INTERVAL = timedelta(seconds=env.int("ATLAS_CHECK_INTERVAL", default=24 * 3600))  # between readings, at most
SHORTEST_CHECK_INTERVAL = timedelta(
    seconds=env.int("ATLAS_SHORTEST_CHECK_INTERVAL", default=min(4 * 3600, int(CHECK_INTERVAL.total_seconds())))
)
DEMO_CHECK_INTERVAL = timedelta(seconds=5)  # of the demo's own platforms, which stand on this machine
DEMO_BROWSER_INTERVAL = timedelta(minutes=10)  # of those among their pages that may need a browser
ALERT_REVIEW_WINDOW = timedelta(seconds=env.int("ALERT_REVIEW_WINDOW", default=4 * 3600))
LONGEST_HOLD = timedelta(hours=20)
PICTURE_RETENTION = timedelta(days=env.int("PICTURE_RETENTION_DAYS", default=30))
CHECK_RETENTION = timedelta(days=env.int("CHECK_RETENTION_DAYS", default=400))
DELIVERY_RETENTION = timedelta(days=env.int("DELIVERY_RETENTION_DAYS", default=400))
INBOX_RETENTION = timedelta(days=env.int("INBOX_RETENTION_DAYS", default=730))
POLICY_SITE_URL = env.str("ATLAS_POLICY_SITE_URL", default="").rstrip("/")
MAILCATCHER_URL = env.str("ATLAS_MAILCATCHER_URL", default="")

# --- Mail -------------------------------------------------------------------------------------------------------------

vars().update(env.email_url("EMAIL_URL", default="smtp://127.0.0.1:25"))
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="ConductAtlas <notices@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
OUTGOING_MAIL_RETENTION = timedelta(days=env.int("OUTGOING_MAIL_RETENTION_DAYS", default=30))

# --- Pages, API, admin ------------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en-us"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"
DATE_FORMAT, DATETIME_FORMAT = "j M Y", "j M Y, H:i"
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("ATLAS_STATIC_ROOT", default=str(BASE_DIR / "staticfiles")))
WHITENOISE_USE_FINDERS = DEBUG or DEMO or TESTING
WHITENOISE_AUTOREFRESH = DEBUG or TESTING  # looks for a file when it is asked, instead of for all at every start
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if WHITENOISE_USE_FINDERS
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"

# The site allows nothing inline; the admin's theme (Alpine) needs unsafe-eval and inline styles. By path: see middleware.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
ADMIN_CONTENT_SECURITY_POLICY: dict[str, list[object]] = {
    "script-src": [SELF, UNSAFE_EVAL],
    "style-src": [SELF, UNSAFE_INLINE],
}
API_DOCS_CONTENT_SECURITY_POLICY: dict[str, list[object]] = {
    "script-src": [SELF, NONCE, UNSAFE_INLINE],
    "style-src": [SELF, UNSAFE_INLINE],
    "worker-src": [SELF, "blob:"],
}

REST_FRAMEWORK = {
    "NUM_PROXIES": 1 if TRUST_PROXY else 0,  # whose X-Forwarded-For is believed
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_AUTHENTICATION_CLASSES": ["monitoring.api.authentication.KeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_THROTTLE_CLASSES": ["monitoring.api.throttling.PerMinute"],
    "EXCEPTION_HANDLER": "monitoring.api.errors.problem",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "ConductAtlas API",
    "VERSION": "1",
    "DESCRIPTION": "Platforms, documents, versions and changes as ConductAtlas read them.",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

UNFOLD = {
    "SITE_TITLE": "ConductAtlas desk",
    "SITE_HEADER": "ConductAtlas desk",
    "SITE_URL": "/",
    "STYLES": [
        lambda request: static("atlas/tokens.css"),
        lambda request: static("atlas/reading.css"),
        lambda request: static("atlas/desk.css"),
    ],
    "SCRIPTS": [lambda request: static("atlas/desk.js")],
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("atlas/mark.svg")},
    ],
    "SHOW_HISTORY": False,
    "BORDER_RADIUS": "6px",
    "COLORS": {
        # Paper and ink, and the accent, as in atlas/tokens.css.
        "base": {
            "50": "#fbfaf7",
            "100": "#f4f2ec",
            "200": "#dedbd3",
            "300": "#c8c5bd",
            "400": "#8a8f98",
            "500": "#5a616b",
            "600": "#4a515b",
            "700": "#2c323a",
            "800": "#23282f",
            "900": "#14171b",
            "950": "#101317",
        },
        "primary": {
            "50": "#f3f6fb",
            "100": "#eaf0f8",
            "200": "#cfdef0",
            "300": "#b4d0f6",
            "400": "#8fb8f0",
            "500": "#6f9ddb",
            "600": "#1f4e8c",
            "700": "#173c6d",
            "800": "#1c2a3d",
            "900": "#162233",
            "950": "#10141a",
        },
    },
    "SIDEBAR": {"show_search": False, "navigation": "monitoring.desk.navigation.navigation"},
}

# --- Safety -----------------------------------------------------------------------------------------------------------

SECURE = BASE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = SECURE and env.bool("SECURE_SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE
if TRUST_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"

# --- Logs -------------------------------------------------------------------------------------------------------------

LOG_LEVEL = env.str("LOG_LEVEL", default="WARNING" if TESTING else "INFO")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"structured": {"()": "atlas.logs.formatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        "django.request": {"level": "ERROR" if not TESTING else "CRITICAL"},
    },
}
