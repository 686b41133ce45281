"""The Celery application. A message says "look": what is due stands in PostgreSQL."""

import os
from typing import Any

from celery import Celery, Task
from celery.signals import beat_init, celeryd_init, task_postrun, task_prerun
from structlog.contextvars import bind_contextvars, clear_contextvars

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "atlas.settings")

app = Celery("atlas")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["accounts", "billing", "monitoring"])


@celeryd_init.connect
@beat_init.connect
def refuse_unsafe_settings(**kwargs: Any) -> None:
    """Neither worker nor beat starts on settings that the web would refuse."""
    from atlas.checks import refuse_unsafe

    refuse_unsafe()


@task_prerun.connect
def name_the_task_in_the_log(task_id: str, task: Task[Any, Any], **kwargs: Any) -> None:
    """Every line that is written while a task runs carries its id and name."""
    clear_contextvars()
    bind_contextvars(task_id=task_id, task=task.name)


@task_postrun.connect
def forget_the_task(**kwargs: Any) -> None:
    clear_contextvars()
