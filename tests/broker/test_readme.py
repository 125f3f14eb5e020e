#!/usr/bin/env python3
"""test_readme.py BINARY: README.md's examples that need a broker (`kafka` in the comments before them): run as they stand there,
but with this test's broker for localhost:9092 and a free address for localhost:9464, they print what stands below them."""

import os
import pathlib
import subprocess
import sys

import broker
import daemon

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "stories"))
import readme  # noqa: E402  pylint: disable=wrong-import-position

APPEAR_S = broker.PATIENCE_S


class Site:
    def __init__(self, binary):
        self.folder = readme.Folder(binary)
        self.broker = broker.Broker(self.folder.path)
        self.http = daemon.free_address()
        self.process = None

    def text_of(self, block):
        text = block.text.replace("localhost:9092", self.broker.bootstrap).replace("localhost:9464", self.http)
        return text.replace('"state_dir": "state"', f'"http": "{self.http}", "state_dir": "state"')

    def run(self, block):
        status, output = self.folder.run(self.text_of(block))
        if status != 0:
            raise broker.BrokerError(f"README.md:{block.line}: exit status {status}:\n{output}")
        return output

    def run_until(self, block, expected):
        """What comes of events is there a moment later; a reader would look again."""
        printed = []

        def right():
            printed.append(self.run(block))
            return printed[-1] == expected
        try:
            broker.await_true(f"README.md:{block.line}", right, APPEAR_S, 0.5)
        except broker.BrokerError as error:
            raise broker.BrokerError(f"{error}; printed instead:\n{printed[-1]}") from error

    def start(self, block):
        with open(self.folder.path / "log", "wb") as log:
            self.process = subprocess.Popen(self.folder.shell("exec " + self.text_of(block)), cwd=self.folder.path,
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=broker.die_with_parent)

    def stop(self):
        self.process.terminate()
        status = self.process.wait(broker.PATIENCE_S)
        if status != 0:
            raise broker.BrokerError(f"the daemon ended with status {status}:\n{(self.folder.path / 'log').read_text()}")

    def end(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.broker.stop()
        self.folder.remove()


def run_all(site):
    for run, prints in readme.steps(readme.PATH.read_text("utf-8")):
        if "kafka" not in run.words and "handover init" not in run.text:
            continue
        if "daemon" in run.words:
            site.start(run)
        elif prints and "kafka" in run.words:
            site.run_until(run, site.text_of(prints))
        else:
            site.run(run)
        print(f"README.md:{run.line}: ok", flush=True)
    site.stop()


def main():
    broker.NEEDED += ("curl", "jq")
    broker.require_tools()
    os.environ.pop("HANDOVER_KAFKA_NODE", None)  # the topics have the names that README.md gives them
    site = Site(sys.argv[1])
    try:
        site.broker.start()
        run_all(site)
    except broker.BrokerError as error:
        print(error)
        return 1
    finally:
        site.end()
    return 0


if __name__ == "__main__":
    sys.exit(main())
