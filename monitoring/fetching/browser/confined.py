"""Starts Chromium with fewer rights than we have; run as a script of its own (`python -I confined.py …`), so that it imports
nothing of ours and needs only to be read.

Arguments: the user and group to become ("-" where we aren't root), the profile's folder, the most bytes of data that one of
its processes may hold, and the command. What Playwright adds to the command stands behind it.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    user, group, profile, memory, *command = sys.argv[1:]
    if user != "-":
        os.setgroups([])
        os.setgid(int(group))
        os.setuid(int(user))
    # After the change of user, which would clear it: when who started us is gone, so are we, whatever killed it.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    resource.setrlimit(resource.RLIMIT_DATA, (int(memory), int(memory)))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.execv(command[0], [*command, f"--user-data-dir={profile}"])  # noqa: S606 (no shell is wanted)


if __name__ == "__main__":
    main()
