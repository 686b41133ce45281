"""Loaded before Django's settings (`-p tests.environment`): the environment in which the suite runs."""

import os

if "DATABASE_URL" not in os.environ or "REDIS_URL" not in os.environ:
    raise SystemExit("The tests need PostgreSQL and Redis: run `make test`, or set DATABASE_URL and REDIS_URL.")

os.environ["ATLAS_TESTING"] = "1"
os.environ.setdefault("SECRET_KEY", "only-for-the-tests")
os.environ.setdefault("BASE_URL", "http://testserver")
os.environ.setdefault("ALLOWED_HOSTS", "*")
os.environ.setdefault("ATLAS_ALLOW_LOOPBACK", "1")
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright runs an event loop in the test's own thread
