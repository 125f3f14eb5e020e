"""readme.py: README.md's examples as steps that can be run. A comment before a block of code says what it is:

  <!-- run -->             commands; all run in one folder, in the order of the page
  <!-- run: 1 -->          commands that end with status 1
  <!-- run: jq -->         commands that need jq
  <!-- prints -->          what the commands before print, standard output and standard error together
  <!-- prints: some -->    parts of it in this order; a line of … stands for any lines
  <!-- prints: folded -->  one line of it, folded after commas

`kafka` among the words: it needs a broker; `daemon`: it goes on until it is stopped. Blocks without a comment are not run."""

import collections
import json
import pathlib
import re
import shutil
import subprocess
import tempfile

PATH = pathlib.Path(__file__).resolve().parents[2] / "README.md"
BLOCK = re.compile(r"^<!-- (run|prints)(?:: ([^>]*?))? -->\n```\w+\n(.*?)^```$", re.M | re.S)
ANY = "…"
FOLD_COLUMNS = 120
CLOCKED = re.compile(r"^(seconds|events/s) +[\d.]+$", re.M)  # with the padding: figures have more or fewer digits

Block = collections.namedtuple("Block", "kind words text start end line")


def blocks(text):
    for found in BLOCK.finditer(text):
        yield Block(found[1], (found[2] or "").split(), found[3], found.start(3), found.end(3), text.count("\n", 0, found.start()) + 1)


def steps(text):
    """Pairs of a run and its prints, or None."""
    listed = list(blocks(text))
    for i, block in enumerate(listed):
        follows = listed[i + 1] if i + 1 < len(listed) and listed[i + 1].kind == "prints" else None
        if block.kind == "run":
            yield block, follows


class Folder:
    """A temporary folder in which commands run, with the binary as `handover`."""

    def __init__(self, binary):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="handover-readme-"))
        self.bin = self.path / "bin"
        self.bin.mkdir()
        (self.bin / "handover").symlink_to(pathlib.Path(binary).resolve())

    def shell(self, commands):
        return ["sh", "-c", f'PATH="{self.bin}:$PATH"; export PATH\n{commands}']

    def run(self, commands, timeout_s=300):
        """(exit status, everything printed)"""
        done = subprocess.run(self.shell(commands), cwd=self.path, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=timeout_s, check=False)
        return done.returncode, done.stdout.decode("utf-8", "replace")

    def remove(self):
        shutil.rmtree(self.path)


def fold(line):
    """One line of JSON as a block of lines: breaks stand after commas between members."""
    assert json.loads(line)
    lines = [""]
    for piece in re.split(r'(?<=[\]}"\dle],)(?=["{])', line.rstrip("\n")):
        if lines[-1] and len(lines[-1]) + len(piece) > FOLD_COLUMNS:
            lines.append(" ")
        lines[-1] += piece
    return "\n".join(lines) + "\n"


def chunks(text):
    """The runs of lines between lines of …"""
    found = [[]]
    for line in text.splitlines():
        if line == ANY:
            found.append([])
        else:
            found[-1].append(line)
    return found


def find(lines, chunk, start):
    """Where the chunk stands in the lines, at `start` or later; None: nowhere."""
    for at in range(start, len(lines) - len(chunk) + 1):
        if lines[at:at + len(chunk)] == chunk:
            return at
    return None


def missing_of(expected, printed):
    """Of a block of parts: the first part that is not among what was printed; None: all are."""
    lines, at = printed.splitlines(), 0
    for chunk in chunks(expected):
        found = find(lines, chunk, at)
        if found is None:
            return "\n".join(chunk)
        at = found + len(chunk)
    return None


def without_clock(text):
    return CLOCKED.sub(r"\1 ?", text)


def renewed(block, printed):
    """What the block should hold. Parts are known by their first lines; those whose first line is gone stay."""
    if "folded" in block.words:
        return fold(printed)
    if "some" not in block.words:
        return block.text if without_clock(printed) == without_clock(block.text) else printed
    lines, parts = printed.splitlines(), []
    for chunk in chunks(block.text):
        at = find(lines, chunk[:1], 0) if chunk else None
        parts.append(lines[at:at + len(chunk)] if at is not None else chunk)
    return f"\n{ANY}\n".join("\n".join(part) for part in parts).strip("\n") + "\n" if parts != [[]] else block.text
