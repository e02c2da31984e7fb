"""The collector's pages of metrics, read by those they are for: a real Prometheus that discovers the nodes, promtool, a strict reader of
OpenMetrics, and clients over TLS."""

import json
import os
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.parse
import urllib.request

sys.path.insert(0, "tests/support")
import trace_forward as tf  # noqa: E402
from ports import free_port  # noqa: E402
from tracer import Collector, MAGIC, end_with_parent, wait_until  # noqa: E402

TEXT = "text/plain;version=0.0.4"
OPEN = "application/openmetrics-text;version=1.0.0"

tests = failures = 0


def check(name, good, why=""):
    global tests, failures
    tests += 1
    failures += not good
    print("%sok %d - %s" % ("" if good else "not ", tests, name), flush=True)
    if not good:
        print("\n".join("# " + line for line in str(why)[-3000:].splitlines()), flush=True)


# --- Nodes ------------------------------------------------------------------------------------

def metrics_of(number):
    """What a node of 2026 tells, and what no page should be spoilt by."""
    prefix = "cardano.node.metrics."
    return [
        tf.gauge(prefix + "slotNum_int", 1000 + number),
        tf.counter(prefix + "forks_counter", 3),
        tf.counter("rts.gc.num_gcs", 17),
        tf.counter("served_total", 5),
        tf.label(prefix + "density_real", "0.0499"),
        tf.label(prefix + "tipBlock", '{hash="ab",blockno="7"}'),
        tf.label("build_info", '{version="10.6",revision="a\\b \\"c\\""}'),
        tf.label("mood", 'a "text"\nof two lines, {with="braces"} and \\'),
        tf.label("broken", '{hash="ab'),
        tf.label("nothing", ""),
        tf.label("boundless", "NaN"),
        tf.gauge("served", 1),
        tf.gauge("1st thing", 1),
        tf.gauge("a.b", 1),
        tf.gauge("a_b", 2),
        tf.gauge("\u00e4\u00f6", 1),
    ]


class Node(threading.Thread):
    """Answers until it leaves."""

    def __init__(self, path, name, number):
        super().__init__(daemon=True)
        self.forwarder = tf.connect(path, magic=MAGIC, name=name)
        self.forwarder.metrics = metrics_of(number)
        self.forwarder.push(*(tf.object_of_2026("Test.Line", tf.line_of("Test.Line")) for _ in range(5)))
        self.here = True
        self.start()

    def run(self):
        try:
            while self.here:
                self.forwarder.handle()
                try:
                    self.forwarder.receive(0.05)
                except TimeoutError:
                    pass
        except (EOFError, OSError):
            pass

    def leave(self):
        self.here = False
        self.join()
        self.forwarder.close()


# --- Pages ------------------------------------------------------------------------------------

def get(url, accept=None, context=None, **headers):
    """Status, type and text."""
    request = urllib.request.Request(url, headers={**headers, **({"Accept": accept} if accept else {})})
    try:
        with urllib.request.urlopen(request, timeout=20, context=context) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers["Content-Type"], error.read().decode()


def promtool(page):
    """Its status (1: the page cannot be read) and what it thinks of the names."""
    done = subprocess.run(["promtool", "check", "metrics"], input=page, text=True, capture_output=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


def strict_families(page):
    """The page as Python's reader of OpenMetrics sees it: type by name. An exception when it is not in order."""
    script = ("import sys, json; from prometheus_client.openmetrics.parser import text_string_to_metric_families as f;"
              "print(json.dumps({m.name: [m.type, [[s.name, s.labels, s.value] for s in m.samples]]"
              " for m in f(sys.stdin.read())}))")
    done = subprocess.run(["/usr/bin/python3", "-c", script], input=page, text=True, capture_output=True, timeout=60)
    if done.returncode:
        raise AssertionError(done.stderr)
    return json.loads(done.stdout)


def check_pages(base):
    status, kind, page = get(base + "/relay-1", TEXT)
    code, said = promtool(page)
    check("promtool reads the page of a node", status == 200 and code in (0, 3), said + page)
    check("the page of a node is of the text format", kind == "text/plain;version=0.0.4;charset=utf-8", kind)
    status, _, page = get(base + "/metrics", TEXT)
    code, said = promtool(page)
    check("promtool reads the page of all nodes", status == 200 and code in (0, 3), said + page)
    ours = [line for line in said.splitlines() if line.startswith("ouroscope")]
    check("promtool finds nothing to say about the collector's own metrics", not ours and "ouroscope_" in page, said)
    for path in ("/relay-1", "/metrics"):
        status, kind, page = get(base + path, OPEN)
        check("OpenMetrics is given where it is asked for: " + path, (status, kind) ==
              (200, "application/openmetrics-text;version=1.0.0;charset=utf-8"), kind)
        try:
            families = strict_families(page)
        except AssertionError as error:
            check("a strict reader of OpenMetrics reads " + path, False, "%s\n%s" % (error, page))
            continue
        check("a strict reader of OpenMetrics reads " + path, len(families) >= 12, families)
    types = {name: family[0] for name, family in families.items()}
    check("types are OpenMetrics'", (types["cardano_node_metrics_slotNum_int"], types["cardano_node_metrics_forks_counter"],
                                     types["build"], types["served_total"], types["ouroscope_collector_objects"]) ==
          ("gauge", "unknown", "info", "unknown", "counter"), types)
    mood = families["mood"][1][0][1]
    check("a text comes through whole", mood["value"] == 'a "text"\nof two lines, {with="braces"} and \\', mood)
    check("help is shown", "# HELP cardano_node_metrics_slotNum_int The slot.\n" in page, page)


def check_lists(base, port):
    status, _, page = get(base + "/", "application/json")
    check("the index is a map of names", json.loads(page) == {"relay-1": "/relay-1", "127.0.0.1_30002": "/12700130002"}, page)
    status, kind, page = get(base + "/", "text/html")
    check("the index is a page", kind.startswith("text/html") and 'href="/12700130002"' in page, page)
    status, _, page = get(base + "/targets", "application/json")
    want = {"targets": ["127.0.0.1:%d" % port],
            "labels": {"__metrics_path__": "/relay-1", "node_name": "relay-1", "site": "north"}}
    check("the targets are listed", status == 200 and want in json.loads(page), page)
    check("a node that is not there is not found", get(base + "/nobody")[::2] == (404, 'Not found: "nobody"\n'))
    check("targets are JSON or nothing", get(base + "/targets", "text/html")[0] == 415)


def check_ekg(port):
    _, _, page = get("http://127.0.0.1:%d/relay-1" % port, "application/json")
    got = json.loads(page)
    check("EKG's page has the values", got["cardano"]["node"]["metrics"]["slotNum_int"] == {"type": "g", "val": 1001} and
          got["rts"]["gc"]["num_gcs"] == {"type": "c", "val": 17}, page)
    _, _, page = get("http://127.0.0.1:%d/relay-1" % port, "text/html")
    check("EKG's page can be read by people", "cardano.node.metrics.slotNum_int" in page and "http:" not in page, page)


# --- Prometheus -------------------------------------------------------------------------------

class Prometheus:
    def __init__(self, folder, base):
        self.url = "http://127.0.0.1:%d" % free_port()
        os.makedirs(folder)
        config, log = os.path.join(folder, "prometheus.yml"), os.path.join(folder, "log")
        with open(config, "w") as file:
            json.dump({  # JSON is YAML
                "global": {"scrape_interval": "1s", "scrape_timeout": "1s"},
                "scrape_configs": [
                    {"job_name": "nodes", "http_sd_configs": [{"url": base + "/targets", "refresh_interval": "1s"}]},
                    {"job_name": "all", "static_configs": [{"targets": [base.split("/")[2]]}]},
                ]}, file)
        self.log = open(log, "w+")
        self.process = subprocess.Popen(
            ["prometheus", "--config.file=" + config, "--storage.tsdb.path=" + os.path.join(folder, "data"),
             "--web.listen-address=" + self.url.split("/")[2], "--log.level=debug"],
            stdout=self.log, stderr=self.log, preexec_fn=end_with_parent)

    def query(self, text):
        """Label sets and values; nothing while it does not answer."""
        try:
            form = urllib.parse.urlencode({"query": text})
            with urllib.request.urlopen(self.url + "/api/v1/query?" + form, timeout=20) as answer:
                return [(r["metric"], float(r["value"][1])) for r in json.load(answer)["data"]["result"]]
        except OSError:
            return []

    def has(self, text, value):
        """Waits for a query to give this one value."""
        return wait_until(lambda: [v for _, v in self.query(text)] == [value], 60, 0.2)

    def get(self, path):
        with urllib.request.urlopen(self.url + path, timeout=20) as answer:
            return json.load(answer)["data"]

    def said(self):
        self.log.seek(0)
        return self.log.read()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=60)
        self.log.close()


def check_prometheus(prometheus, nodes):
    found = prometheus.has('count(up{job="nodes"} == 1)', 2)
    check("Prometheus discovers the nodes, and takes their pages", found, "%s\n%s" % (prometheus.query("up"), prometheus.said()))
    rows = prometheus.query('cardano_node_metrics_slotNum_int{job="nodes",node_name="127.0.0.1_30002",site="north"}')
    check("a node's metric has the labels of the discovery", [value for _, value in rows] == [1002], rows)
    check("Prometheus takes the page of all nodes", prometheus.has('count(cardano_node_metrics_slotNum_int{job="all"})', 2),
          prometheus.said())
    check("the legacy name is there, too", prometheus.has('count(cardano_node_metrics_forks_int{job="all"})', 2),
          prometheus.query('{job="all"}'))
    check("what was collected is counted", prometheus.has('sum(ouroscope_collector_objects_total)', 10),
          prometheus.query("ouroscope_collector_objects_total"))
    rows = prometheus.query('mood{job="nodes",node_name="relay-1"}')
    check("a text is a label", len(rows) == 1 and rows[0][0]["value"] == 'a "text"\nof two lines, {with="braces"} and \\', rows)
    targets = prometheus.get("/api/v1/targets")["activeTargets"]
    check("no scrape failed", not any(target["lastError"] for target in targets), targets)
    metadata = prometheus.get("/api/v1/metadata")
    check("types and help came over", metadata.get("ouroscope_collector_lines", [{}])[0].get("type") == "counter" and
          metadata["cardano_node_metrics_slotNum_int"][0] == {"type": "gauge", "help": "The slot.", "unit": ""}, metadata)
    nodes.pop().leave()
    check("a node that leaves is no target any more", prometheus.has('count(up{job="nodes"})', 1), prometheus.query("up"))
    check("that it has gone can be seen", prometheus.has('ouroscope_collector_node_connected{node_name="127.0.0.1_30002"}', 0),
          prometheus.query("ouroscope_collector_node_connected"))


# --- TLS --------------------------------------------------------------------------------------

def check_tls(program, folder):
    key, certificate, port = os.path.join(folder, "key.pem"), os.path.join(folder, "cert.pem"), free_port()
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days", "2",
                    "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    collector = Collector(program, os.path.join(folder, "tls"),
                          hasPrometheus={"epHost": "127.0.0.1", "epPort": port, "epForceSSL": True},
                          tlsCertificate={"certificateFile": certificate, "certificateKeyFile": key})
    try:
        context = ssl.create_default_context(cafile=certificate)
        url = "https://127.0.0.1:%d/metrics" % port
        status, _, page = get(url, TEXT, context)
        check("the page is served over TLS", status == 200 and "ouroscope_collector_" in page, page)
        try:
            get(url.replace("https", "http"))
            check("what is not encrypted is not answered", False)
        except OSError:
            check("what is not encrypted is not answered", True)
        try:
            get(url, context=ssl.create_default_context())
            check("the certificate is that of the configuration", False)
        except OSError:
            check("the certificate is that of the configuration", True)
    finally:
        collector.stop()


# --- The whole --------------------------------------------------------------------------------

def main():
    program = os.environ["OUROSCOPE"]
    scratch = tempfile.mkdtemp(prefix="ou-", dir="/tmp")
    setup = subprocess.run(["scripts/setup-debian.sh", "prometheus"], capture_output=True, text=True)
    if setup.returncode:
        print("1..0 # SKIP there is no Prometheus here")
        return 0
    port, ekg_port = free_port(), free_port()
    collector = Collector(
        program, os.path.join(scratch, "collector"), ekgRequestFreq=0.2,
        hasPrometheus={"epHost": "127.0.0.1", "epPort": port}, hasEKG={"epHost": "127.0.0.1", "epPort": ekg_port},
        prometheusLabels={"site": "north"}, metricsHelp={"slotNum": "The slot."}, ouroscope={"metricNames": "both"})
    base, prometheus = "http://127.0.0.1:%d" % port, None
    try:
        nodes = [Node(collector.socket, "relay-1", 1), Node(collector.socket, "127.0.0.1:30002", 2)]
        ready = wait_until(lambda: all("slotNum" in get(base + path)[2] for path in ("/relay-1", "/12700130002")))
        check("the nodes have their pages", ready, collector.said())
        check_pages(base)
        check_lists(base, port)
        check_ekg(ekg_port)
        prometheus = Prometheus(os.path.join(scratch, "prometheus"), base)
        check_prometheus(prometheus, nodes)
        nodes.pop().leave()
        check("the collector ends in order", collector.stop() == 0, collector.said())
        if shutil.which("openssl"):
            check_tls(program, scratch)
    finally:
        if prometheus:
            prometheus.stop()
        if collector.is_alive():
            collector.kill()
        shutil.rmtree(scratch)
    print("1..%d" % tests)
    return failures > 0


sys.exit(main())
