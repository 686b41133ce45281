"""The wiring of ConductAtlas: settings, addresses, processes of the demo, and the kernel that anyone may import.

Nothing is imported here: the demo's own processes live in this package and know neither Django nor Celery.
"""
