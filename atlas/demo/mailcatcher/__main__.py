"""`python -m atlas.demo.mailcatcher`: catch mails and show them, until told to stop."""

import argparse
import sys
from pathlib import Path

from atlas.demo.mailcatcher.mailbox import Mailbox
from atlas.demo.mailcatcher.pages import MailPages
from atlas.demo.mailcatcher.sink import SmtpServer
from atlas.demo.plainhttp import run_until_stopped


def main() -> int:
    """Print the address of the pages once both ports answer, then serve."""
    parser = argparse.ArgumentParser(prog="python -m atlas.demo.mailcatcher", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--http-port", type=int, required=True)
    parser.add_argument("--state", type=Path, required=True, metavar="DIR", help="the folder that keeps the mails")
    options = parser.parse_args()
    mailbox = Mailbox(options.state)
    try:
        smtp = SmtpServer(mailbox, options.host, options.smtp_port)
        pages = MailPages(mailbox).server(options.host, options.http_port)
    except OSError as error:
        print(f"The mail catcher can't start: {error}", file=sys.stderr)
        return 1
    smtp.start()
    print(f"Mail catcher: {pages.url} (SMTP on port {smtp.port})", flush=True)
    try:
        run_until_stopped(pages)
    finally:
        smtp.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
