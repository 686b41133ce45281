"""Loaded before Django's settings (`-p tests.environment`): the environment in which the suite runs."""

import os
import re

if "DATABASE_URL" not in os.environ or "REDIS_URL" not in os.environ:
    raise SystemExit("The tests need PostgreSQL and Redis: run `make test`, or set DATABASE_URL and REDIS_URL.")

# Each xdist worker has a Redis database of its own: emptying one's cache must not lose another's counters.
if worker := re.fullmatch(r"gw(\d+)", os.environ.get("PYTEST_XDIST_WORKER", "")):
    server, _, number = os.environ["REDIS_URL"].partition("://")[2].partition("/")
    os.environ["REDIS_URL"] = f"redis://{server}/{int(number or 0) + 1 + int(worker[1])}"

os.environ["ATLAS_TESTING"] = "1"
os.environ.setdefault("SECRET_KEY", "only-for-the-tests")
os.environ.setdefault("BASE_URL", "http://testserver")
os.environ.setdefault("ALLOWED_HOSTS", "*")
os.environ.setdefault("ATLAS_ALLOW_LOOPBACK", "1")
os.environ.setdefault("STAFF_MFA", "off")  # as in the demo; what it demands has tests of its own
os.environ.setdefault("ATLAS_BROWSER", "off")  # the browser tests turn it on
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright runs an event loop in the test's own thread
