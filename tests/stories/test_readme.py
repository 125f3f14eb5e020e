#!/usr/bin/env python3
"""test_readme.py BINARY [--update]: README.md's examples do what README.md says: its commands are run in a temporary folder with
BINARY as `handover`, and print what stands below them. Numbers that a clock gave (seconds, events/s) are not compared.
--update writes what they print now into README.md. Examples that need a broker are tests/broker/test_readme.py's."""

import difflib
import os
import pathlib
import re
import shutil
import sys

import readme


def is_left_out(block):
    """Says why; a missing tool is a failure where CI=true."""
    if "kafka" in block.words:
        return True
    if "jq" not in block.words or shutil.which("jq"):
        return False
    print(f"README.md:{block.line}: left out: jq is not there")
    return os.environ.get("CI") != "true"


def difference(block, printed):
    """A text that says where the two differ, or ""."""
    if "some" in block.words:
        part = readme.missing_of(block.text, printed)
        return f"not printed:\n{part}\nbut:\n{printed}" if part else ""
    expected = readme.without_clock(block.text)
    got = readme.without_clock(readme.fold(printed) if "folded" in block.words else printed)
    return "\n".join(difflib.unified_diff(expected.splitlines(), got.splitlines(), "README.md", "printed", lineterm=""))


def run_all(folder, text):
    """Runs every step; the differences, and for each block of output what was printed."""
    differences, printed = [], []
    for run, prints in readme.steps(text):
        if is_left_out(run):
            continue
        wanted = next((int(word) for word in run.words if word.isdigit()), 0)
        status, output = folder.run(run.text)
        problem = f"exit status {status}, not {wanted}:\n{output}" if status != wanted else ""
        if not problem and prints:
            problem = difference(prints, output)
            printed.append((prints, output))
        if not prints and output and not problem:
            problem = f"README.md shows no output, but this was printed:\n{output}"
        lines = run.text.count("\n")
        print(f"README.md:{run.line}: {'differs' if problem else 'ok'}: {lines} line{'s' * (lines != 1)}, status {status}")
        if problem:
            differences.append(f"README.md:{run.line}: {problem}")
    return differences, printed


def update(text, printed):
    for block, output in reversed(printed):
        text = text[:block.start] + readme.renewed(block, output) + text[block.end:]
    readme.PATH.write_text(text, "utf-8")


def broken_links(text):
    """Files that README.md names by a link, or as an argument of sh, and that are not there."""
    named = re.findall(r"\]\(([^)#:]+)(?:#[\w-]+)?\)", text) + re.findall(r"\bsh ([\w./-]+\.sh)", text)
    return [f"README.md names {name}, which is not there" for name in sorted(set(named)) if not (readme.PATH.parent / name).exists()]


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    text = readme.PATH.read_text("utf-8")
    folder = readme.Folder(pathlib.Path(sys.argv[1]))
    try:
        differences, printed = run_all(folder, text)
    finally:
        folder.remove()
    if "--update" in sys.argv[2:]:
        update(text, printed)
        return 0
    differences += broken_links(text)
    for text_of_one in differences:
        print(text_of_one)
    print(f"{len(differences)} differences")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
