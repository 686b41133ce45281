"""`python -m atlas.demo.policysite`: serve the demo's documents, or captured pages, until told to stop."""

import argparse
import sys
from pathlib import Path

from atlas.demo.plainhttp import run_until_stopped
from atlas.demo.policysite.captures import CaptureScript
from atlas.demo.policysite.history import HistoryScript, written_documents
from atlas.demo.policysite.scripts import Script
from atlas.demo.policysite.site import PolicySite
from atlas.demo.processes import die_with_parent


def main() -> int:
    """Print the address once it answers, then serve. Port 0 takes a free one."""
    parser = argparse.ArgumentParser(prog="python -m atlas.demo.policysite", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--state", type=Path, metavar="FILE", help="serve the demo; keep in FILE where each text stands")
    what.add_argument("--captures", type=Path, metavar="INDEX", help="serve captured pages named in these JSON lines")
    parser.add_argument("--folder", type=Path, help="where the captures lie, by SHA-256 (the index's own folder)")
    parser.add_argument("--with-parent", action="store_true", help="stop when the process that started this is gone")
    options = parser.parse_args()
    if options.with_parent:
        die_with_parent()
    try:
        server = PolicySite(_script(options)).server(options.host, options.port)
    except OSError as error:
        print(f"The policy site can't start: {error}", file=sys.stderr)
        return 1
    print(f"Policy site: {server.url}", flush=True)
    run_until_stopped(server)
    return 0


def _script(options: argparse.Namespace) -> Script:
    if options.captures:
        return CaptureScript(options.captures, options.folder or options.captures.parent)
    return HistoryScript(written_documents(), options.state)


if __name__ == "__main__":
    sys.exit(main())
