#!/usr/bin/env python3
# Plot CPU over releases, in Python
#
#     cpu-over-releases.py OUT.png [PROJECT [METRIC]]      cpu-over-releases.py cpu.png published machperf/CentiCpu
#
# One request gives the points of every kind of workload, the levels between change points, and which changes are more than
# noise. The picture has the points in the order of releases, levels as lines, change points marked.
#
# OUROSCOPE_API: the server. OUROSCOPE_TOKEN: a token with the scope "read", where reads are not open.
# Needs: Python 3, Matplotlib (apt-get install python3-matplotlib)
import json
import os
import sys
import urllib.parse
import urllib.request

try:
    import matplotlib
except ImportError:
    sys.exit("cpu-over-releases.py: this needs Matplotlib (apt-get install python3-matplotlib)")

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402


def ask(path, **query):
    url = os.environ.get("OUROSCOPE_API", "http://127.0.0.1:8380") + "/api/v1/" + path + "?" + urllib.parse.urlencode(query)
    request = urllib.request.Request(url, headers={"Accept": "application/json"})
    if os.environ.get("OUROSCOPE_TOKEN"):
        request.add_header("Authorization", "Bearer " + os.environ["OUROSCOPE_TOKEN"])
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def draw(axes, history):
    points, levels = history["points"], history["levels"]
    axes.plot([p["value"] for p in points], "o", markersize=4)
    for level in levels:
        first, last = level["firstPoint"], level["firstPoint"] + level["points"] - 1
        axes.plot([first, last], [level["mean"]] * 2, "-", color="black")
        if first > 0:
            axes.axvline(first - 0.5, linestyle=":", color="red")
            axes.annotate("%+.0f %%" % level["changePercent"], (first, level["mean"]), textcoords="offset points", xytext=(4, 6))
    axes.set_title(history["workload"] or "")
    axes.set_ylabel("%s (%s)" % (history["name"], history["unit"]))
    axes.set_ylim(bottom=0)
    axes.set_xticks(range(len(points)), [p["version"] for p in points], rotation=90, fontsize=6)


def main():
    if len(sys.argv) < 2:
        sys.exit("usage: cpu-over-releases.py OUT.png [PROJECT [METRIC]]")
    out, project, metric = (sys.argv[1:] + ["published", "machperf/CentiCpu"][len(sys.argv) - 2:])[:3]
    histories = ask("history", metric=metric, project=project, order="version", by="workload")["data"]
    if not histories:
        sys.exit("no run of the project %s has the metric %s" % (project, metric))
    figure, axes = plt.subplots(len(histories), squeeze=False, figsize=(10, 4 * len(histories)), layout="constrained")
    for one, history in zip(axes.flat, histories):
        draw(one, history)
    figure.savefig(out)
    print("%s: %d points in %d panels" % (out, sum(len(h["points"]) for h in histories), len(histories)))


main()
