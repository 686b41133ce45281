"""The policy site: a process of its own that publishes the documents of three fictional platforms, step by step.

It stands for the web and knows nothing of whoever reads it. What it shows comes from a script: the demo's written
history (`history.py`), or pages captured elsewhere (`captures.py`).
"""
