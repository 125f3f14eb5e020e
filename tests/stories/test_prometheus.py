#!/usr/bin/env python3
"""test_prometheus.py BINARY: the alert rules of deploy/prometheus and the dashboard of deploy/grafana speak of metrics, labels and types
that are served (docs/metrics.md, which unit_test_metrics and tests/broker/test_contracts.py hold against the daemon), promtool takes them, and
each alert fires when it should (rules.test.yml) and has a heading in docs/operating.md."""

import json
import os
import pathlib
import re
import sys
import tempfile
import unittest

import promtool
from test_documents import anchors

ROOT = pathlib.Path(__file__).resolve().parents[2]
RULES = ROOT / "deploy/prometheus/handover.rules.yml"
DASHBOARD = ROOT / "deploy/grafana/handover.json"
EVERYWHERE = {"job", "instance", "le"}
RATES = ("rate", "increase")


def metrics_of(expression):
    """(function right around it or "", name, its selector) of every metric in an expression."""
    return [(function, name, selector or "") for function, name, selector in
            re.findall(r"(?:(\w+) ?\()?\b(handover_\w+|process_\w+|up)\b(?:\{([^}]*)\})?", expression)]


def labels_of(expression):
    """Every label that an expression names."""
    listed = re.findall(r"\b(?:by|on|group_left|without) \(([^)]*)\)", expression)
    return {*re.findall(r"\w+", " ".join(listed)), *re.findall(r"[{,] ?(\w+)(?:=~|!=|=|!~)\"", expression)}


class Queries(unittest.TestCase):
    def setUp(self):
        self.known = {"up": ("gauge", set()), **promtool.documented()}
        self.assertGreater(len(self.known), 30)

    def judge(self, expression, shown=()):
        """Metrics, labels and types are right; returns the metrics' names."""
        names, labels = set(), set(EVERYWHERE)
        for function, name, _ in metrics_of(expression):
            family = re.sub(r"_(bucket|sum|count)$", "", name)
            family = name if name in self.known else family
            self.assertIn(family, self.known, expression)
            kind, its = self.known[family]
            names.add(family)
            labels |= its
            if kind in ("counter", "histogram"):
                self.assertIn(function, RATES, f"{name} only grows: {expression}")
            else:
                self.assertNotIn(function, RATES, f"{name} goes up and down: {expression}")
        self.assertTrue(names, expression)
        self.assertLessEqual(labels_of(expression) | set(shown), labels, expression)
        return names


class Rules(Queries):
    def alerts(self):
        """name -> what stands in its rule"""
        parts = re.split(r"^      - alert: ", RULES.read_text("utf-8"), flags=re.M)[1:]
        return {part.split("\n", 1)[0]: part for part in parts}

    def test_expressions(self):
        self.assertGreater(len(self.alerts()), 15)
        for name, rule in self.alerts().items():
            expression = re.search(r"^        expr: (?:\|\n)?(.*?)^        (?:for|labels):", rule, re.M | re.S)[1]
            self.judge(expression, re.findall(r"\$labels\.(\w+)", rule))

    def test_people_can_use_them(self):
        headings = anchors((ROOT / "docs/operating.md").read_text("utf-8"))
        for name, rule in self.alerts().items():
            self.assertRegex(rule, r"labels: \{severity: (critical|warning|info)\}\n")
            self.assertRegex(rule, r"\n          summary: .+\n          description: .+\.\n")
            runbook = re.search(r"runbook: docs/operating\.md#(\w+)$", rule, re.M)[1]
            self.assertEqual(runbook, name.lower())
            self.assertIn(runbook, headings)

    def test_each_fires_and_does_not(self):
        tests = (ROOT / "tests/stories/rules.test.yml").read_text("utf-8")
        quiet = set(re.findall(r"alertname: (\w+), eval_time: \w+, exp_alerts: \[\]", tests))
        fires = set(re.findall(r"alertname: (\w+)\n        exp_alerts:\n          - exp_labels:", tests))
        self.assertEqual(fires, set(self.alerts()))
        self.assertEqual(quiet, fires)

    def test_promtool(self):
        status, said = promtool.run("check", "rules", RULES)
        self.assertEqual(status, 0, said)
        self.assertEqual(promtool.run("check", "config", ROOT / "deploy/prometheus/scrape.yml")[0], 0)
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "rules.test.yml")
            text = (ROOT / "tests/stories/rules.test.yml").read_text("utf-8")
            path.write_text(text.replace("[RULES]", json.dumps([str(RULES)]), 1), "utf-8")
            status, said = promtool.run("test", "rules", path)
            self.assertEqual(status, 0, said)
            path.write_text(path.read_text("utf-8").replace("eval_time: 16m", "eval_time: 9m"), "utf-8")
            self.assertEqual(promtool.run("test", "rules", path)[0], 1)


class Dashboard(Queries):
    def setUp(self):
        super().setUp()
        self.dashboard = json.loads(DASHBOARD.read_text("utf-8"))
        self.panels = self.dashboard["panels"]

    def targets(self):
        for panel in self.panels:
            for target in panel.get("targets", ()):
                yield panel["title"], target

    def test_queries(self):
        used = set()
        for title, target in self.targets():
            shown = re.findall(r"\{\{(\w+)\}\}", target.get("legendFormat", ""))
            used |= self.judge(target["expr"], shown)
            if shown and " by (" in target["expr"]:  # what is not kept cannot be shown
                kept = re.findall(r"\w+", " ".join(re.findall(r" by \(([^)]*)\)", target["expr"])))
                self.assertLessEqual(set(shown), set(kept), title)
        for annotation in self.dashboard["annotations"]["list"]:
            self.judge(annotation["expr"])
        wanted = {name for name in self.known if name.startswith("handover_")}
        self.assertEqual({name for name in used if name.startswith("handover_")}, wanted)

    def test_promtool(self):
        """As recording rules, with values in the variables' places."""
        lines = ["groups:", "- name: dashboard", "  rules:"]
        for number, (_, target) in enumerate(self.targets()):
            expression = target["expr"].replace("$__rate_interval", "5m").replace("$__range", "6h").replace("$job", ".*").replace("$instance", ".*")
            self.assertNotIn("$", expression)
            lines += [f"  - record: panel:{number}", f"    expr: {json.dumps(expression)}"]
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "dashboard.yml")
            path.write_text("\n".join(lines) + "\n", "utf-8")
            status, said = promtool.run("check", "rules", path)
            self.assertEqual(status, 0, said)

    def test_layout(self):
        """Nothing lies upon something else, numbers are given once, and every panel says what it shows."""
        taken = set()
        self.assertEqual(len({panel["id"] for panel in self.panels}), len(self.panels))
        for panel in self.panels:
            place = panel["gridPos"]
            self.assertLessEqual(place["x"] + place["w"], 24)
            cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
            self.assertFalse(cells & taken, panel["title"])
            taken |= cells
            self.assertTrue(panel["title"])
            if panel["type"] == "row":
                continue
            self.assertRegex(panel["description"], r"\A[A-Z].*\.\Z", panel["title"])
            self.assertEqual(panel["datasource"]["uid"], "${datasource}")
            self.assertTrue(panel["fieldConfig"]["defaults"].get("unit") or panel["type"] == "table", panel["title"])
            references = [target["refId"] for target in panel["targets"]]
            self.assertEqual(len(set(references)), len(references))
        self.assertEqual(max(y for _, y in taken) + 1, len({y for _, y in taken}))


if __name__ == "__main__":
    if promtool.find() is None:
        print(f"test_prometheus.py: {promtool.MISSING}")
        sys.exit(1 if os.environ.get("CI") == "true" else 77)
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
