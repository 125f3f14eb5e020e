"""promtool.py: Prometheus' own tool, and what docs/metrics.md says of each metric: for test_prometheus.py and the broker tests.

promtool is looked for in HANDOVER_PROMTOOL, on the PATH, and where deploy/install-packages.sh puts it."""

import os
import pathlib
import re
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
MISSING = "promtool is not there (deploy/install-packages.sh test brings it): left out"


def find():
    kept = ROOT / "build/tests/promtool"
    return os.environ.get("HANDOVER_PROMTOOL") or shutil.which("promtool") or (str(kept) if kept.exists() else None)


def run(*arguments, given=None):
    """(exit status, all that it printed)"""
    done = subprocess.run([find(), *map(str, arguments)], input=given, capture_output=True, text=True, timeout=300, check=False)
    return done.returncode, done.stdout + done.stderr


def documented():
    """name -> (type, set of labels), as docs/metrics.md has it."""
    text = (ROOT / "docs/metrics.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| ([\w, ]*)\|", text, re.M)
    return {name: (kind, set(re.findall(r"\w+", labels))) for name, kind, labels in rows}


def served(text):
    """name -> (type, set of labels), as a /metrics page has it; labels of samples, `le` of a histogram left out."""
    found, name = {}, None
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            name, kind = line.split()[2:]
            found[name] = (kind, set())
        elif not line.startswith("#"):
            found[name][1].update(set(re.findall(r'[{,](\w+)="', line)) - {"le"})
    return found
