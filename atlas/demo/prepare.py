"""What must stand in the database before the demo is shown: `python -m atlas.demo.prepare`.

One process for all steps, because importing Django and the apps costs more than the steps do when nothing is new.
Migrations run as the owner; the rest as the worker's login, which is under row security as it is in the worker.
"""

from __future__ import annotations

import os


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "atlas.settings")
    os.environ["ATLAS_POOL"] = "0"  # the login changes half-way, a pool would keep the first one's connections
    import django
    from django.core.management import call_command
    from django.db import connection

    from atlas.demo.state import TASKS_LOGIN

    django.setup()
    call_command("migrate", interactive=False, verbosity=1)
    connection.close()
    connection.settings_dict.update(USER=TASKS_LOGIN, PASSWORD=os.environ.get("ATLAS_TASKS_PASSWORD", ""))
    call_command("load_catalogue")

    from atlas.demo import loading  # models can be imported only now

    loading.load()


if __name__ == "__main__":
    main()
