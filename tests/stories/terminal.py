"""terminal.py: a program on a pseudo-terminal that is its controlling one, so that it can open /dev/tty."""

import fcntl
import os
import pty
import subprocess
import termios


def start(case, *args, cwd):
    """The process, and our end of its terminal; the test case sees to it that neither outlives the test. Never pty.fork: a child that
    throws would go on with our tests."""
    ours, theirs = pty.openpty()
    case.addCleanup(os.close, ours)
    try:
        process = subprocess.Popen(args, cwd=cwd, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
                                   preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
    finally:
        os.close(theirs)
    case.addCleanup(end, process)
    return process, ours


def end(process):
    """Its exit status; it has to be over soon."""
    try:
        return process.wait(20)
    finally:
        process.kill()
        process.wait()
