"""Reading a page in the system's Chromium: a process of our own that holds the browser and the proxy through which all of its
connections go. `asking` is the worker's side; the rest runs in that process (`python -m monitoring.fetching.browser`)."""
