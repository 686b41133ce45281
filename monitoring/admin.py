"""Django looks here for what the admin shows. The desk's own pages are named in monitoring/desk/urls.py."""

from monitoring.desk import evidence  # noqa: F401 - registers what it shows
