"""The Celery application. A message says "look": what is due stands in PostgreSQL."""

import os
import signal
from typing import Any

from celery import Celery
from celery.signals import beat_init, celeryd_init, worker_process_init

from atlas.kernel.orphans import die_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "atlas.settings")

app = Celery("atlas")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["accounts", "billing", "monitoring"])


@worker_process_init.connect
def go_with_the_worker(**kwargs: Any) -> None:
    """A pool process in the middle of a task ends when its worker is killed: the lease lets another one take over."""
    die_with_parent(signal.SIGKILL)


@celeryd_init.connect
@beat_init.connect
def refuse_unsafe_settings(**kwargs: Any) -> None:
    """Neither worker nor beat starts on settings that the web would refuse."""
    from atlas.checks import refuse_unsafe

    refuse_unsafe()
