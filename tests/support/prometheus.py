"""A real Prometheus beside what is tested, and whether both answer alike."""

import json
import math
import os
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

from ports import free_port


def is_there():
    return bool(shutil.which("prometheus") and shutil.which("promtool"))


# --- Servers ----------------------------------------------------------------------------------

def start_prometheus(scratch, metrics=None, config="global: {scrape_interval: 1h}\n", arguments=()):
    """With the samples of a file in OpenMetrics' format: its process and URL."""
    data, config_path = os.path.join(scratch, "data"), os.path.join(scratch, "prometheus.yml")
    if metrics:
        subprocess.run(["promtool", "tsdb", "create-blocks-from", "openmetrics", metrics, data], check=True,
                       stdout=subprocess.DEVNULL)
    with open(config_path, "w") as file:
        file.write(config)
    address = "127.0.0.1:%d" % free_port()
    process = subprocess.Popen(
        ["prometheus", "--config.file=" + config_path, "--storage.tsdb.path=" + data, "--web.listen-address=" + address,
         "--storage.tsdb.retention.time=100y", "--log.level=error", *arguments],
        stdout=subprocess.DEVNULL, stderr=open(os.path.join(scratch, "prometheus.log"), "w"))
    url = "http://" + address
    for _ in range(600):
        try:
            urllib.request.urlopen(url + "/-/ready", timeout=5).read()
            return process, url
        except (urllib.error.URLError, ConnectionError):
            if process.poll() is not None:
                break
            time.sleep(0.1)
    raise RuntimeError("Prometheus did not start: " + open(os.path.join(scratch, "prometheus.log")).read())


def stop(process):
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    process.wait(timeout=60)


# --- Comparison -------------------------------------------------------------------------------

def ask(url, path, post=False, **arguments):
    """The status and the document."""
    form = urllib.parse.urlencode(arguments, doseq=True)
    request = (urllib.request.Request(url + path, form.encode()) if post else
               urllib.request.Request(url + path + "?" + form))
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def same_value(a, b):
    a, b = float(a), float(b)
    return a == b or (math.isnan(a) and math.isnan(b)) or abs(a - b) <= 1e-9 * max(abs(a), abs(b), 1e-6)


def same_point(a, b):
    return abs(a[0] - b[0]) < 1e-6 and same_value(a[1], b[1])


def by_labels(result):
    return {json.dumps(row["metric"], sort_keys=True): row.get("values") or [row.get("value")] for row in result}


def difference(want, got):
    """Why two answers differ; empty when they do not."""
    if want[0] != got[0] or want[1]["status"] != got[1]["status"]:
        return "want %s\ngot %s" % (str(want)[:600], str(got)[:600])
    if want[1]["status"] == "error":
        return "" if want[1]["errorType"] == got[1]["errorType"] else "want %s\ngot %s" % (want, got)
    want, got = want[1]["data"], got[1]["data"]
    if want["resultType"] != got["resultType"]:
        return "want a %s, got a %s" % (want["resultType"], got["resultType"])
    if want["resultType"] == "scalar":
        return "" if same_point(want["result"], got["result"]) else "want %s\ngot %s" % (want, got)
    if want["resultType"] == "string":
        return "" if want["result"] == got["result"] else "want %s\ngot %s" % (want, got)
    want, got = by_labels(want["result"]), by_labels(got["result"])
    if want.keys() != got.keys():
        return "want %s\ngot %s" % (sorted(want), sorted(got))
    for labels in want:
        if len(want[labels]) != len(got[labels]):
            return "%s: want %d points, got %d" % (labels, len(want[labels]), len(got[labels]))
        for a, b in zip(want[labels], got[labels]):
            if not same_point(a, b):
                return "%s: want %s, got %s" % (labels, a, b)
    return ""
