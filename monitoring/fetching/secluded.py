"""Pages that can cost much (every PDF, very large HTML) are judged in a process of their own, with limits on memory and time.

What such a page breaks is that process: it comes back as `too_complex`, and the worker reads the next document. The process
gets nothing of our environment, and answers in JSON, so that nothing that it says is run.
"""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import resource
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from monitoring.extraction import ExtractedText, is_pdf
from monitoring.fetching import judging
from monitoring.fetching.judging import HowToRead, Judgement, Page
from monitoring.fetching.outcomes import Reason

#: HTML below this is judged where we are: its own limits on tags and depth suffice.
LARGE = 2_000_000
_NO_MEMORY = 3
_ROOT = Path(__file__).resolve().parents[2]

Pages = Sequence[tuple[Page, HowToRead]]


class Broken(RuntimeError):
    """The process failed by a bug of ours."""


def judge(pages: Pages, *, kind: str, language: str | None, previous: ExtractedText | None) -> Judgement:
    """As `judging.judge`; a page that takes more than its share is `too_complex`."""
    if not _costly(pages):
        return judging.judge(pages, kind=kind, language=language, previous=previous)
    return _in_a_process("judge", list(pages), {"kind": kind, "language": language, "previous": previous})


def reread(pages: Pages, *, language: str | None) -> ExtractedText | None:
    """As `judging.reread`; None too where it takes more than its share."""
    if not _costly(pages):
        return judging.reread(pages, language=language)
    return _in_a_process("reread", list(pages), {"language": language}).text


def is_costly(page: Page) -> bool:
    """Is this page judged in a process of its own?"""
    return len(page.content) > LARGE or "pdf" in page.media_type or is_pdf(page.content)


def _costly(pages: Pages) -> bool:
    return any(is_costly(page) for page, _ in pages)


def _in_a_process(what: str, pages: list[tuple[Page, HowToRead]], words: dict[str, Any]) -> Judgement:
    from django.conf import settings

    seconds, memory = settings.PARSE_SECONDS, settings.PARSE_MEMORY
    asked = pickle.dumps((what, pages, words))
    try:
        done = subprocess.run(
            [sys.executable, "-m", __name__, str(seconds), str(memory)],
            input=asked,
            capture_output=True,
            cwd=_ROOT,
            env={"PYTHONPATH": str(_ROOT), "PYTHONHASHSEED": "0"},
            timeout=seconds * 3,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return _too_complex(f"It was not read within {seconds * 3} seconds.")
    if done.returncode == -signal.SIGXCPU:
        return _too_complex(f"It took more than {seconds} seconds to read.")
    if done.returncode == _NO_MEMORY:
        return _too_complex(f"It took more than {memory // 2**20} MiB to read.")
    if done.returncode < 0:
        return _too_complex(f"The process that read it was ended by signal {-done.returncode}.")
    if done.returncode:
        raise Broken(done.stderr.decode(errors="replace")[-2000:])
    answer = json.loads(done.stdout)
    return Judgement(
        ExtractedText.loads(answer["text"]) if answer["text"] is not None else None,
        Reason(answer["reason"]) if answer["reason"] else None,
        str(answer["why"]),
    )


def _too_complex(why: str) -> Judgement:
    return Judgement(None, Reason.TOO_COMPLEX, why)


def _answer() -> None:
    """The process: read the question from standard input, answer on standard output."""
    seconds, memory = int(sys.argv[1]), int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    what, pages, words = pickle.load(sys.stdin.buffer)  # noqa: S301 (from the worker that started us)
    try:
        judged = judging.judge(pages, **words) if what == "judge" else Judgement(judging.reread(pages, **words))
        text = judged.text.dumps() if judged.text is not None else None
        said = json.dumps({"text": text, "reason": judged.reason, "why": judged.why})
    except MemoryError:
        os._exit(_NO_MEMORY)
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.write(said)
        sys.stdout.flush()


if __name__ == "__main__":
    _answer()
