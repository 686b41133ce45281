"""The receiving end: an SMTP server that accepts every mail for every address."""

import asyncio
import threading

from aiosmtpd.smtp import SMTP, Envelope, Session

from atlas.demo.mailcatcher.mailbox import Mailbox


class Sink:
    """Hands what arrives to the mailbox; the sender's yes comes after the file is written."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content if isinstance(envelope.content, bytes) else (envelope.content or "").encode()
        recipients = [str(recipient) for recipient in envelope.rcpt_tos]
        number = self._mailbox.keep(sender=envelope.mail_from or "", recipients=recipients, content=content)
        return f"250 Caught as {number}"


class SmtpServer:
    """A bound server (port 0 takes a free one: aiosmtpd's own controller can't) that runs in a thread of its own."""

    def __init__(self, mailbox: Mailbox, host: str, port: int) -> None:
        """Raises OSError where the port can't be had."""
        self._loop = asyncio.new_event_loop()
        self._server = self._loop.run_until_complete(
            self._loop.create_server(
                lambda: SMTP(Sink(mailbox), ident="mail catcher", enable_SMTPUTF8=True, loop=self._loop), host, port
            )
        )
        self.port: int = self._server.sockets[0].getsockname()[1]
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._server.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
