"""Texts and changes laid out for a reader: what the public pages and the desk both show, by the same pieces."""
