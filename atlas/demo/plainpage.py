"""The look of the demo's own tools: one plain page, light and dark, without JavaScript."""

from html import escape

STYLE = """
:root { color-scheme: light dark; --paper: #fbfaf7; --card: #fff; --ink: #1b1e23; --muted: #5a616b; --line: #dedbd3;
  --accent: #1f4e8c; --on-accent: #fff; }
@media (prefers-color-scheme: dark) { :root { --paper: #14171b; --card: #1b1f25; --ink: #e8e6e1; --muted: #a0a7b1;
  --line: #2c323a; --accent: #8fb8f0; --on-accent: #14171b; } }
body { margin: 0 auto; padding: 32px 16px 64px; max-width: 46rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 24px; margin: 0 0 8px; } h2 { font-size: 20px; margin: 32px 0 8px; } h3 { font-size: 17px; margin: 0; }
p { margin: 4px 0 12px; } .muted { color: var(--muted); } a { color: var(--accent); }
article { background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: 16px; margin: 12px 0; }
button { min-height: 44px; padding: 0 16px; border: 0; border-radius: 6px; background: var(--accent);
  color: var(--on-accent); font: inherit; font-weight: 600; cursor: pointer; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: var(--card); border: 1px solid var(--line);
  border-radius: 6px; padding: 16px; }
dl { margin: 12px 0; } dl div { display: flex; gap: 12px; } dt { flex: 0 0 9rem; color: var(--muted); }
dd { margin: 0; overflow-wrap: anywhere; }
iframe { width: 100%; height: 40rem; border: 1px solid var(--line); border-radius: 6px; background: #fff; }
button:focus-visible, a:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
"""


def plain_page(title: str, body: str) -> str:
    """A whole page around the markup of its body."""
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title><link rel="icon" href="data:,"><style>{STYLE}</style></head>
<body><main>
{body}
</main></body></html>
"""
