"""The wiring of ConductAtlas: settings, addresses, processes of the demo, and the kernel that anyone may import."""

from atlas.celery import app as celery_app

__all__ = ["celery_app"]
