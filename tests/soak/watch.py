"""Memory and open files of processes over time, and processes that nobody waited for."""

import glob
import os
import re
import time

from cluster_bench import read
from parts import Worker

LOOK_S = 5
GROWTH_MOST, GROWTH_KB = 1.5, 16 << 10  # of memory, from the first third to the last
FILES_MORE = 16


class Watch:
    """`watched` says which processes there are now: {name: number}."""

    def __init__(self, watched):
        self.watched, self.samples, self.zombies, self.lasting = watched, [], {}, set()
        self.began = time.monotonic()
        self.worker = Worker(self.look, LOOK_S)

    @staticmethod
    def measure(process):
        """(memory in KiB, open files); None: it is gone."""
        status = re.search(rb"VmRSS:\s*(\d+)", read("/proc/%d/status" % process))
        files = len(glob.glob("/proc/%d/fd/*" % process))
        return (int(status[1]), files) if status else None

    def look(self):
        at = time.monotonic() - self.began
        now = {name: process for name, process in self.watched().items() if process}
        for name, process in now.items():
            measured = self.measure(process)
            if measured:
                self.samples.append((at, name, process, *measured))
        self.look_for_zombies(set(now.values()) | {os.getpid()})

    def look_for_zombies(self, parents):
        """A zombie that was there the last time, too."""
        found = set()
        for path in glob.glob("/proc/[0-9]*/stat"):
            fields = read(path).rpartition(b")")[2].split()
            if len(fields) > 1 and fields[0] == b"Z" and int(fields[1]) in parents - {os.getpid()}:
                found.add(path)
        self.lasting |= found & self.zombies.get("before", set())
        self.zombies["before"] = found

    def rows(self):
        """[(name, lives, memory in the first third, in the last, files in the first third, in the last)], the most of each."""
        end = max((sample[0] for sample in self.samples), default=0)
        for name in dict.fromkeys(sample[1] for sample in self.samples):
            mine = [sample for sample in self.samples if sample[1] == name]
            early = [sample for sample in mine if sample[0] <= end / 3] or mine[:1]
            late = [sample for sample in mine if sample[0] >= end * 2 / 3] or mine[-1:]
            yield (name, len({sample[2] for sample in mine}), max(s[3] for s in early), max(s[3] for s in late),
                   max(s[4] for s in early), max(s[4] for s in late))

    @staticmethod
    def has_grown(row):
        _, _, early_kb, late_kb, early_files, late_files = row
        return late_kb > early_kb * GROWTH_MOST + GROWTH_KB or late_files > early_files + FILES_MORE

    def end(self):
        failure = self.worker.stop()
        grown = [row[0] for row in self.rows() if self.has_grown(row)]
        return [
            ("memory and open files of no process have grown beyond the bound", self.samples and not grown and not failure,
             "%d samples of %d processes; grown: %s %s" % (len(self.samples), len({s[2] for s in self.samples}), grown, failure)),
            ("no process is left that its parent does not wait for", not self.lasting, "%d" % len(self.lasting)),
        ]
