"""terminal.py: a program on a pseudo-terminal that is its controlling one, so that it can open /dev/tty; what has gone through a pipe or a
terminal."""

import fcntl
import os
import pty
import struct
import subprocess
import termios
import time

PATIENCE_S = 300  # ends what hangs


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


def await_in_pipe(pipe, enough):
    """Until enough(how many bytes are in the pipe and have not been read) holds."""
    deadline = time.monotonic() + PATIENCE_S
    while not enough(struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)))[0]):
        assert time.monotonic() < deadline, "nobody reads, or nobody writes"
        time.sleep(0.01)


def feed(pipe, raw):
    """Writes, and waits until it has been read."""
    pipe.write(raw)
    pipe.flush()
    await_in_pipe(pipe, lambda count: count == 0)


def shown(ours):
    """All that a program that has ended had written to its terminal."""
    raw = b""
    try:
        while part := os.read(ours, 65536):
            raw += part
    except OSError:  # closed by the other side
        pass
    os.close(ours)
    return raw.decode()


def end(process):
    """Its exit status; it has to be over soon."""
    try:
        return process.wait(300)
    finally:
        process.kill()
        process.wait()
