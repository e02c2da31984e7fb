"""Queries to the history are answered as Prometheus answers them: the same samples go into a real Prometheus and into the history,
and both are asked the same. What is compared: series, instants, values to nine digits, and for what cannot be answered the status and
type of the error."""

import math
import os
import random
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from prometheus import ask, difference, is_there, start_prometheus, stop  # noqa: E402

SERVER = os.path.join(os.environ["OUROSCOPE_BUILD"], "tests", "query-server")
T0 = 1774153200  # where the samples begin; a round hour
STEPS = 2160     # five seconds apart: three hours
END = T0 + 5 * STEPS

INSTANT = [
    # selectors
    'slotNum_int', 'slotNum_int{node_name="node-1"}', '{__name__="slotNum_int",node_name=~"node-[12]"}',
    'slotNum_int{node_name!~"node-[12]"}', 'slotNum_int{node_name!="node-0",job=""}',
    'slotNum_int{job="x"}', '{__name__=~".*_int"}', 'slotNum_int{node_name=~"(?i)NODE-.|x{2,3}"}',
    'slotNum_int offset 10m', 'slotNum_int offset -1m', 'stops_int', 'stops_int offset 1h', 'nothing',
    # a sample holds for five minutes, to the millisecond; ranges have both ends
    'edge_int offset 55m', 'edge_int offset 3299999ms', 'edge_int offset 3300001ms', 'edge_int[1m] offset 61m',
    'count_over_time(edge_int[1m] offset 65m)', 'rate(edge_int[1m] offset 65m)', 'mem_real[2m]', 'mem_real{node_name="node-3"}[90s] offset 33m',
    # functions over ranges
    'rate(cpu_counter[5m])', 'irate(cpu_counter[1m])', 'increase(cpu_counter[7m])', 'delta(mem_real[5m])',
    'idelta(mem_real[5m])', 'avg_over_time(mem_real[13m])', 'sum_over_time(mem_real[1h])',
    'min_over_time(mem_real[1h])', 'max_over_time(mem_real[1h])', 'count_over_time(mem_real[1h])',
    'last_over_time(stops_int[2h])', 'quantile_over_time(0.9, mem_real[1h])',
    'quantile_over_time(2, mem_real[1h])', 'stddev_over_time(mem_real[1h])', 'stdvar_over_time(mem_real[1h])',
    'changes(slotNum_int[10m])', 'resets(cpu_counter[3h])', 'deriv(mem_real[20m])',
    'present_over_time(stops_int[3h])', 'rate(small_counter[10m])', 'rate(odd_real[5m])', 'sum_over_time(odd_real[5m])',
    'max_over_time(odd_real[5m])', 'avg_over_time(odd_real[5m])', 'rate(cpu_counter[1s])',
    # on values
    'abs(-mem_real)', 'ceil(mem_real)', 'floor(-mem_real)', 'round(mem_real)', 'round(-mem_real, 0.25)',
    'clamp_min(mem_real, 50)', 'clamp_max(mem_real, 50)', 'clamp(mem_real, 20, 60)', 'sqrt(mem_real)', 'exp(mem_real / 10)',
    'ln(mem_real)', 'log2(mem_real)', 'log10(mem_real)', 'sgn(mem_real - 50)', 'time()', 'vector(3)', 'scalar(slotNum_int)',
    'scalar(slotNum_int{node_name="node-2"})', 'absent(nothing{node_name="x"})', 'absent(slotNum_int)',
    'abs(odd_real)', 'clamp_min(odd_real, 0)',
    # aggregation
    'sum(mem_real)', 'sum by (node_name) ({__name__=~"mem_real|slotNum_int"})', 'avg(mem_real)', 'min(mem_real)',
    'max(odd_real)', 'count({__name__!=""})', 'count by (__name__) ({__name__!=""})',
    'count without (node_name) ({__name__!=""})', 'sum without (job) (mem_real)', 'topk(3, mem_real)', 'bottomk(2, mem_real)',
    'topk by (node_name) (1, {__name__=~"mem_real|slotNum_int"})', 'quantile(0.5, mem_real)', 'quantile(0.33, mem_real) by (x)',
    'stddev(mem_real)', 'stdvar(mem_real)', 'group(mem_real)', 'topk(0, mem_real)', 'sum(nothing)', 'avg(odd_real)', 'sum(odd_real)',
    # operators
    '1 + 2 * 3 ^ 2 ^ 0.5 - 4 / 5 % 3', '-2 ^ 2', '1 / 0', '0 / 0', '-1 / 0', '1 == bool 1', '0x1F + 1e3 + .5 + Inf',
    '-mem_real * 2', '2 * mem_real', 'mem_real % 7', 'mem_real ^ 2', '3 - mem_real', 'mem_real > 50', '50 > mem_real',
    'mem_real > bool 50', 'mem_real == mem_real', 'mem_real != bool mem_real', 'mem_real / slotNum_int',
    'mem_real > slotNum_int', 'slotNum_int > mem_real', 'slotNum_int > on (node_name) mem_real',
    'slotNum_int > bool ignoring (job) mem_real', 'mem_real + on (node_name) stops_int offset 2h',
    'sum(mem_real) / count(mem_real)', 'mem_real / on () group_left () sum(mem_real)', 'sum(mem_real) - on () group_right mem_real',
    'mem_real / ignoring (node_name) group_left sum(mem_real)', 'mem_real and slotNum_int > 0', 'mem_real > 60 or mem_real < 30',
    'mem_real unless mem_real > 50', 'mem_real or slotNum_int', 'mem_real and on () vector(1)', 'vector(1) or on () vector(2)',
    'mem_real or on (node_name) stops_int', 'avg(rate(cpu_counter[5m])) by (node_name) > 0.5',
    '# a comment\nsum(\n mem_real # another\n)', 'SUM(mem_real)', 'sum (mem_real) BY (node_name)', "slotNum_int{node_name='node\\u002d1'}",
    'slotNum_int{node_name=`node-1`,}', 'sum(sum) + sum',
    # any labels
    'label_replace(mem_real, "number", "$1", "node_name", "node-(.*)")', 'label_replace(mem_real, "node_name", "", "", "")',
    'label_replace(mem_real, "x", "${1}-$2-$$-$3x", "node_name", "(?:n)(o)(?P<rest>.*)")',
    'label_replace(mem_real, "x", "$rest", "node_name", "(?P<first>.+?)e(?P<rest>.*)")',
    'label_replace(mem_real, "__name__", "other", "node_name", "node-1")',
    'label_join(mem_real, "all", "/", "__name__", "none", "node_name")', 'label_join(mem_real, "node_name", ",")',
    'sum by (number) (label_replace(mem_real, "number", "$1", "node_name", "node-[0-2](.*)|node-.*"))',
    'mem_real * on (node_name) group_left (part) label_replace(slotNum_int, "part", "p$1", "node_name", "node-(.)")',
    'label_replace(slotNum_int, "part", "p$1", "node_name", "node-(.)") - on (node_name) group_right (part, other) mem_real',
    'mem_real / on (part) group_left () sum by (part) (mem_real)', 'count without (node_name, other) (mem_real)',
    'mem_real and on (node_name) label_replace(stops_int, "a", "b", "", "")', '"a text"',
    'absent(nothing{a="1",b=~"x",c!="2",node_name="z"})', 'absent(nothing{a="1",a="2",b=~".+",b="3",c="4",c!="5"})',
]

RANGE = [
    'slotNum_int', 'stops_int', 'rate(cpu_counter[5m])', 'irate(cpu_counter[1m])', 'increase(small_counter[4m])', 'delta(mem_real[3m])',
    'avg_over_time(mem_real[10m])', 'quantile_over_time(0.25, mem_real[10m])', 'last_over_time(stops_int[20m])',
    'sum by (node_name) (rate(cpu_counter[2m]))', 'topk(2, mem_real)', 'bottomk(1, mem_real)', 'mem_real > 50', 'time() % 1000',
    'mem_real / on () group_left sum(mem_real)', 'count(stops_int)', 'absent(stops_int)', 'stops_int or mem_real',
    'mem_real unless stops_int', 'slotNum_int - slotNum_int offset 5m', 'stddev(mem_real)', 'max_over_time(odd_real[1m])',
    'scalar(stops_int{node_name="node-0"})', '42', 'vector(time())', 'rate(cpu_counter[5m] offset -2m)', 'quantile(0.5, mem_real)',
    'gaps_real', 'rate(gaps_real[10m])', 'count_over_time(gaps_real[6m])', 'mem_real == bool 50', 'round(mem_real, scalar(count(stops_int)))',
    'gaps_real + mem_real', 'changes(slotNum_int[1m])', 'resets(cpu_counter[30m])', 'deriv(gaps_real[10m])',
]

BAD = [
    '', 'sum(', 'foo bar', 'rate(mem_real)', 'rate(mem_real[5m]', 'nofunction(mem_real)', 'mem_real[5]', 'mem_real[0s]', '{}',
    '{node_name=~".*"}', 'mem_real{node_name=~"("}', 'mem_real{node_name=5}', '1 > 2', 'mem_real and 1', 'abs(1)', 'sum(1)',
    'mem_real + on () mem_real', 'mem_real == ignoring (node_name) mem_real', 'rate({__name__=~"mem_real|slotNum_int"}[5m])',
    '{__name__=~"mem_real|slotNum_int"} + 1', '-{__name__=~"mem_real|slotNum_int"}', 'topk(NaN, mem_real)', '5mm', 'mem_real offset',
    '"unterminated', 'mem_real{node_name="a\\q"}', 'mem_real offset 5m offset 5m', '(mem_real)[5m]', 'mem_real{__name__="x"}',
    'clamp(mem_real)', 'sum(mem_real, mem_real)', '1 and 1', '1 + bool 1', '+', 'mem_real[5m] + 1', 'sum(mem_real[5m])',
    'vector(mem_real)', 'mem_real / on (node_name) {__name__=~"mem_real|slotNum_int"}', ')', 'mem_real{', 'mem_real{a="b" c="d"}',
    'label_replace(mem_real, "a b", "x", "", "")', 'label_replace(mem_real, "a", "x", "node_name", "(")', 'label_replace(mem_real, "a", "x", "b")',
    'label_join(mem_real, "a", "-", "b-c")', 'label_join(mem_real, "a")', 'label_replace(mem_real, "node_name", "x", "", "")',
    'mem_real + on (node_name) group_left (node_name) slotNum_int', '1 + "text"', '-"text"', 'abs("text")', '"text"[5m]',
    'mem_real * on () group_left (node_name) sum(mem_real)',
    'avg by node_name (mem_real)', '1 + group_left mem_real', '-(mem_real[5m])',
]

tests = failures = 0


def check(name, good, why=""):
    global tests, failures
    tests += 1
    failures += not good
    print("%sok %d - %s" % ("" if good else "not ", tests, name.replace("\n", " ").replace("#", "\\#")), flush=True)
    if not good:
        print("\n".join("# " + line for line in str(why).splitlines()), flush=True)


# --- Samples ----------------------------------------------------------------------------------

def samples():
    """name, node, milliseconds, value: stamps that are late by some milliseconds, and what metrics of nodes look like."""
    rand = random.Random(5)
    for node in range(6):
        name = "node-%d" % node
        cpu = small = 0
        slot, memory = 1000 + node, 50.0
        for i in range(STEPS):
            at = 1000 * (T0 + 5 * i) + rand.randrange(0, 40) + 700 * node
            slot += rand.randrange(3)
            cpu = rand.randrange(50) if rand.random() < 0.004 else cpu + rand.random() * 5
            small += rand.random() < 0.02
            memory = abs(memory + rand.gauss(0, 1))
            yield "slotNum_int", name, at, slot
            yield "cpu_counter", name, at, cpu
            yield "small_counter", name, at, small
            yield "mem_real", name, at, memory
            if i < STEPS // 2 + 50 * node:
                yield "stops_int", name, at, i
            if i // 100 % 3 != node % 3 and rand.random() < 0.7:
                yield "gaps_real", name, at, memory / 8
            if node < 2:
                yield "odd_real", name, at, rand.choice([1e300, -1e300, 0.0, math.inf, math.nan, 5e-324]) if node else -1e-7
            yield "sum", name, at, 7
            if i <= 720:
                yield "edge_int", name, 1000 * (T0 + 5 * i), i


def go_float(value):
    return "NaN" if math.isnan(value) else "%sInf" % ("-" if value < 0 else "+") if math.isinf(value) else repr(value)


def write_samples(scratch):
    table, metrics = os.path.join(scratch, "samples.tsv"), os.path.join(scratch, "samples.om")
    with open(table, "w") as tsv, open(metrics, "w") as om:
        for name, node, at, value in samples():
            tsv.write("%s\t%s\t%d\t%s\n" % (name, node, at, go_float(value)))
            om.write('%s{node_name="%s"} %s %d.%03d\n' % (name, node, go_float(value), at // 1000, at % 1000))
        om.write("# EOF\n")
    return table, metrics


# --- Servers ----------------------------------------------------------------------------------

def start_ours(table):
    process = subprocess.Popen([SERVER, table], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    line = process.stdout.readline().split()
    return process, "http://127.0.0.1:" + line[1]


def in_order(answer):
    return [row["metric"] for row in answer[1]["data"]["result"]]


def compare_queries(theirs, ours):
    for query in INSTANT:
        why = "".join(difference(ask(theirs, "/api/v1/query", query=query, time=at),
                                 ask(ours, "/api/v1/query", query=query, time=at))
                      for at in (T0 + 7200, T0 + 7203.5, END - 600.25))
        check("as Prometheus: " + query, not why, why)
    for query in RANGE:
        why = "".join(difference(ask(theirs, "/api/v1/query_range", query=query, start=start, end=end, step=step),
                                 ask(ours, "/api/v1/query_range", query=query, start=start, end=end, step=step))
                      for start, end, step in ((T0 - 600, END + 1200, 60), (T0 + 3000.5, T0 + 4000, "7s"), (T0 + 60, END, "1h")))
        check("as Prometheus over time: " + query, not why, why)
    for query in BAD:
        why = "".join(difference(ask(theirs, path, query=query, **times), ask(ours, path, query=query, **times))
                      for path, times in (("/api/v1/query", {"time": T0 + 7200}),
                                          ("/api/v1/query_range", {"start": T0 + 60, "end": END, "step": 60})))
        check("refused as by Prometheus: " + query, not why, why)
    for query in ("topk(3, mem_real)", "bottomk(4, mem_real)", "sort(mem_real)", "sort_desc(mem_real)"):
        answers = [in_order(ask(url, "/api/v1/query", query=query, time=T0 + 7200)) for url in (theirs, ours)]
        check("in the order of Prometheus: " + query, answers[0] == answers[1], answers)


def compare_arguments(theirs, ours):
    """What is wrong with times and steps, and what is said of series and labels."""
    good = {"query": "mem_real", "start": T0, "end": T0 + 600, "step": 60}
    for change in ({"start": "x"}, {"start": ""}, {"end": T0 - 1}, {"step": 0}, {"step": -1}, {"step": "x"}, {"step": "1m"},
                   {"step": 0.05}, {"end": T0 + 11000 * 60}, {"end": T0 + 11001 * 60}, {"start": "2026-03-22T04:20:00Z"},
                   {"start": "2026-03-22T05:20:00.5+01:00"}, {"timeout": "x"}, {"timeout": "1m"}, {"query": "mem_real[5m]"}):
        answers = [ask(url, "/api/v1/query_range", **{**good, **change}) for url in (theirs, ours)]
        check("arguments as in Prometheus: %s" % change, not difference(*answers), difference(*answers))
    for path, arguments in (("/api/v1/labels", {}), ("/api/v1/labels", {"match[]": "nothing"}), ("/api/v1/label/node_name/values", {}),
                            ("/api/v1/label/__name__/values", {"match[]": ['{node_name="node-5"}', "odd_real"]}),
                            ("/api/v1/label/nothing/values", {}), ("/api/v1/label/node_name/values", {"start": END + 90000, "end": END + 99999}),
                            ("/api/v1/series", {}), ("/api/v1/series", {"match[]": "odd_real"}), ("/api/v1/series", {"match[]": "odd_real{"}),
                            ("/api/v1/series", {"match[]": ["odd_real", '{node_name=~"node-[01]",__name__!="sum"}']})):
        want, got = [ask(url, path, **arguments) for url in (theirs, ours)]
        keys = [(a[0], a[1].get("errorType"), sorted(map(str, a[1].get("data") or []))) for a in (want, got)]
        check("as Prometheus: %s %s" % (path, arguments), keys[0] == keys[1], keys)


def ask_more(ours):
    """What has no counterpart, or needs none."""
    status, answer = ask(ours, "/api/v1/query", post=True, query="count(mem_real)", time=T0 + 7200)
    check("a form is taken as well as arguments", answer["data"]["result"][0]["value"][1] == "6", answer)
    status, answer = ask(ours, "/timeseries/query", post=True, query="count(mem_real)", time=T0 + 7200)
    check("/timeseries/query answers alike", answer["data"]["result"][0]["value"][1] == "6", answer)
    status, answer = ask(ours, "/timeseries/query", query="count(")
    check("/timeseries/query says parse", (status, answer["errorType"]) == (400, "parse"), answer)
    status, answer = ask(ours, "/api/v1/query", query="avg_over_time(mem_real[1h:1m])")
    check("what is not supported is said", "subqueries are not supported" in answer["error"], answer)
    status, answer = ask(ours, "/api/v1/query_range", query="sum_over_time({__name__!=''}[3h])", start=T0, end=END, step=1)
    check("what is too much is refused", (status, answer["errorType"]) in ((422, "execution"), (503, "timeout")), answer)
    status, answer = ask(ours, "/api/v1/status/buildinfo")
    check("build information is there for Grafana", answer["data"]["version"].startswith("2."), answer)


def main():
    if not is_there():
        print("1..0 # SKIP there is no Prometheus here")
        return 0
    scratch, processes = tempfile.mkdtemp(prefix="ouroscope-query-"), []
    try:
        table, metrics = write_samples(scratch)
        process, theirs = start_prometheus(scratch, metrics)
        processes.append(process)
        process, ours = start_ours(table)
        processes.append(process)
        compare_queries(theirs, ours)
        compare_arguments(theirs, ours)
        ask_more(ours)
        process.stdin.close()
        check("the server ends with its standard input", process.wait(timeout=60) == 0)
    finally:
        for process in processes:
            stop(process)
        shutil.rmtree(scratch)
    print("1..%d" % tests)
    return failures > 0


sys.exit(main())
