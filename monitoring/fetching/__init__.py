"""Reading the web: the client, robots.txt, the browser, and the rules by which a page is told from a document."""

from monitoring.fetching.classifying import Reading, classify

__all__ = ["Reading", "classify"]
