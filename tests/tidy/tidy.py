#!/usr/bin/env python3
"""tidy.py [ROOT]: what can be checked about style is checked here, over every source of the project.

  format        clang-format changes nothing (left out where there is no clang-format, unless CI=true)
  banned calls  what is unsafe, what depends on the locale, what asks for the time anywhere but in consumer/clock.c, pty.fork in Python
  words         notes to self; paths of a developer's machine
  size          files up to 600 lines, functions up to 70 (allowed.txt names the exceptions and why)
  includes      engine <- codec <- io <- commands: nobody includes from a room that lies outward
  architecture  docs/ARCHITECTURE.md names every file, and none that is not there

Prints one line a finding; exit status 1 where there is any."""

import ast
import os
import pathlib
import re
import shutil
import subprocess
import sys

FILE_LINES_MAX = 600
FUNCTION_LINES_MAX = 70
SOURCES = {".c", ".h", ".py", ".sh"}
SKIPPED = {".git", "__pycache__", ".cache", "node_modules"}
HERE = pathlib.Path(__file__).resolve().parent

BANNED = {  # call: why
    "gets": "no bound", "sprintf": "no bound: snprintf", "vsprintf": "no bound: vsnprintf", "strcpy": "no bound: memcpy",
    "strcat": "no bound", "strtok": "keeps state of its own", "atoi": "errors go unseen", "atol": "errors go unseen",
    "atof": "errors go unseen", "alloca": "no bound",
}
FORKS = {("pty", "fork"), ("os", "fork"), ("os", "forkpty")}
CLOCKS = ("time", "clock_gettime", "gettimeofday", "clock")
LOCALE = ("strtod", "strtof", "setlocale", "toupper", "tolower", "isalpha", "isdigit", "isspace")
ENGINE_HEADERS = {"assert.h", "limits.h", "stdalign.h", "stdbool.h", "stddef.h", "stdint.h", "stdlib.h", "string.h", "sys/mman.h",
                  "xxhash.h"}
IO_HEADERS = re.compile(r"librdkafka/|microhttpd|zlib\.h|zstd\.h|pthread|sys/|netdb|netinet|arpa/|poll\.h|unistd|fcntl|signal")


def rooms():
    """Pattern -> room number; the first that matches counts. rooms.txt beside this file says which is which."""
    table = []
    for line in (HERE / "rooms.txt").read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            room, pattern = line.split()
            table.append((pattern, ("engine", "codec", "io", "commands").index(room)))
    return table


def room_of(path, table):
    return next((room for pattern, room in table if path.match(pattern)), None)


def allowed():
    """The exceptions: {"file FILE" or "function FILE NAME"}."""
    lines = (HERE / "allowed.txt").read_text().splitlines()
    return {line.split(":")[0].strip() for line in lines if line.strip() and not line.startswith("#")}


def files(root):
    for folder, names, leaves in os.walk(root):
        at = pathlib.Path(folder).relative_to(root)
        names[:] = sorted(n for n in names if n not in SKIPPED and not (at == pathlib.Path(".") and n.startswith("build")))
        for leaf in sorted(set(leaves) - SKIPPED):  # .git is a file in a worktree
            yield at / leaf


def without_comments(text):
    """C without comments, and with empty strings; line numbers stay."""
    pattern = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
    return pattern.sub(lambda m: ('""' if m[0][0] in "\"'" else " ") + "\n" * m[0].count("\n"), text)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def check_calls(path, text):
    code = without_comments(text)
    banned = dict(BANNED)
    if path.parts[0] in ("consumer", "producer", "config"):
        if path != pathlib.Path("consumer/clock.c"):
            banned.update({name: "the clock is read in consumer/clock.c alone" for name in CLOCKS})
        if path.match("consumer/engine/*"):
            banned.update({name: "depends on the locale, or on floating point" for name in LOCALE})
    for call in re.finditer(r"(?<![\w.>])(" + "|".join(banned) + r")\s*\(", code):
        yield line_of(code, call.start()), f"{call[1]}(): {banned[call[1]]}"


def check_forks(text):
    """A child that throws goes on as its parent: one that was forked in a test ran all the tests again, and its children did."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and (node.value.id, node.attr) in FORKS:
            yield node.lineno, f"{node.value.id}.{node.attr}: subprocess.Popen; for a terminal tests/stories/terminal.py"
        elif isinstance(node, ast.ImportFrom) and any((node.module, name.name) in FORKS for name in node.names):
            yield node.lineno, f"fork from {node.module}: subprocess.Popen; for a terminal tests/stories/terminal.py"


def check_words(path, text):
    if path.parent == pathlib.Path("tests/tidy"):
        return
    for word in re.finditer(r"\b(TODO|FIXME|XXX|HACK)\b|/work/\w|/root/\w", text):
        yield line_of(text, word.start()), f"{word[0]}: not in a file that is kept"


def c_functions(text):
    """(name, first line, lines) of every function of a formatted C file: up to the brace in the first column."""
    code = without_comments(text)
    for found in re.finditer(r"^[A-Za-z_][^;{}#]*?\b(\w+)\([^;{}]*\)\s*\{\n.*?^\}$", code, re.M | re.S):
        yield found[1], line_of(code, found.start()), found[0].count("\n") + 1


def functions(path, text):
    if path.suffix == ".py":
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                yield node.name, node.lineno, node.end_lineno - node.lineno + 1
    elif path.suffix == ".c":
        yield from c_functions(text)


def check_size(path, text, exceptions):
    lines = text.count("\n")
    if lines > FILE_LINES_MAX and f"file {path}" not in exceptions:
        yield 1, f"{lines} lines, {FILE_LINES_MAX} are the most"
    for name, start, length in functions(path, text):
        if length > FUNCTION_LINES_MAX and f"function {path} {name}" not in exceptions:
            yield start, f"{name} has {length} lines, {FUNCTION_LINES_MAX} are the most"


def check_includes(root, path, text, table):
    if path.parts[0] not in ("consumer", "producer", "config"):
        return
    own = room_of(path, table)
    if own is None:
        yield 1, "no room in tests/tidy/rooms.txt"
        return
    for include in re.finditer(r'^#include ([<"])([^>"]+)[>"]', text, re.M):
        line, name = line_of(text, include.start()), include[2]
        if include[1] == "<":
            if own == 0 and name not in ENGINE_HEADERS:
                yield line, f"<{name}>: the engine uses memory and strings only"
            elif own == 1 and IO_HEADERS.search(name):
                yield line, f"<{name}>: the codec does no input or output"
            continue
        target = pathlib.Path(os.path.normpath(root / path.parent / name))
        if not target.is_file():
            yield line, f'"{name}": not there'
        elif (room_of(target.relative_to(root), table) or 0) > own:
            yield line, f'"{name}": lies in a room further out'


def check_architecture(root, sources):
    """The sections are folders ("## consumer/engine/"), their lines name files in backticks."""
    named, folder = set(), None
    for line in (root / "docs/ARCHITECTURE.md").read_text().splitlines():
        heading = re.match(r"##+ `?([\w./-]+/)`?", line)
        if line.startswith("#"):
            folder = pathlib.Path(heading[1]) if heading else None
        elif folder is not None and line.startswith("- `"):
            listed = re.match(r"- (`[^`]+`(?:, `[^`]+`)*)", line)[1]
            named.update(folder / name for name in re.findall(r"`([^`]+)`", listed))
    for path in sorted(sources - named):
        yield path, 1, "docs/ARCHITECTURE.md does not name it"
    for path in sorted(named):
        if not (root / path).exists():
            yield pathlib.Path("docs/ARCHITECTURE.md"), 1, f"names {path}, which is not there"


def check_format(root, sources):
    if not shutil.which("clang-format"):
        if os.environ.get("CI") == "true":
            yield pathlib.Path(".clang-format"), 1, "clang-format is not there, and CI=true"
        else:
            print("tidy.py: clang-format is not there: formatting left unchecked")
        return
    for path in sorted(p for p in sources if p.suffix in (".c", ".h") and p.name != "decay_table.h"):
        done = subprocess.run(["clang-format", "--dry-run", str(path)], cwd=root, capture_output=True, text=True, check=False)
        lines = {int(n) for n in re.findall(r":(\d+):\d+: warning", done.stderr)}
        if lines:
            yield path, min(lines), f"clang-format would change {len(lines)} places: clang-format -i {path}"


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else HERE.parent.parent).resolve()
    every = set(files(root))
    sources = {path for path in every if path.suffix in SOURCES}
    exceptions, table, findings = allowed(), rooms(), []
    for path in sorted(every):
        try:
            text = (root / path).read_text("utf-8")
        except UnicodeDecodeError:
            continue
        found = list(check_words(path, text))
        if path in sources:
            found += check_size(path, text, exceptions)
        if path.suffix in (".c", ".h"):
            found += list(check_calls(path, text)) + list(check_includes(root, path, text, table))
        if path.suffix == ".py":
            found += check_forks(text)
        findings += [(path, line, what) for line, what in found]
    findings += [*check_architecture(root, sources), *check_format(root, sources)]
    for path, line, what in findings:
        print(f"{path}:{line}: {what}")
    print(f"{len(sources)} sources, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
