"""Runs in progress and events, on a live server: reports are taken, shown and told; listeners miss nothing and hear nothing
twice, whoever writes: this server, another one with the same database, or a command."""

import fcntl
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, "tests/support")
from results_server import Server  # noqa: E402
from tracer import wait_until  # noqa: E402

PROGRAM = os.environ["OUROSCOPE"]
REPORT = {"project": "default", "profile": "demo", "state": "running", "source": "run",
          "beganAt": "2026-11-22T10:00:00Z", "elapsedSeconds": 1.5, "slot": 7, "heightLow": 1, "heightHigh": 2,
          "blocksForged": 3, "nodesUp": 6, "nodes": 6, "hosts": [{"name": "node-0", "isUp": True, "height": 2}]}
SHORT = {"generator": {"tx_count": 40}, "node": {"shutdown_on_block_synced": 5}}

tests = failures = 0


def check(name, good, why=""):
    global tests, failures
    tests += 1
    failures += not good
    print("%sok %d - %s" % ("" if good else "not ", tests, name), flush=True)
    if not good:
        print("\n".join("# " + line for line in str(why).splitlines()), flush=True)


def skip(name, why):
    global tests
    tests += 1
    print("ok %d - %s # SKIP %s" % (tests, name, why), flush=True)


def put(server, run, token=None, **more):
    return server.request("PUT", "/api/v1/live/" + run, dict(REPORT, **more), token or server.token("publish"))


# --- Reports ------------------------------------------------------------------------------------


def reports_are_kept(server):
    status, headers, body = put(server, "run-1")
    check("the first report makes a run in progress", status == 201 and headers["location"].endswith("/api/v1/live/run-1")
          and not body, (status, headers, body))
    statuses = [put(server, "run-1", elapsedSeconds=2.5 + i, slot=8 + i)[0] for i in range(5)]
    check("further ones renew it", statuses == [204] * 5, statuses)
    run = server.json("/api/v1/live/run-1")
    check("it shows the last report", run["report"]["slot"] == 12 and run["state"] == "running" and not run["silent"], run)
    check("and its trail", run["trail"]["elapsedSeconds"] == [1.5, 2.5, 3.5, 4.5, 5.5, 6.5]
          and run["trail"]["slot"] == [7, 8, 9, 10, 11, 12] and run["trail"]["cpuCores"] == [None] * 6, run["trail"])
    rows = server.json("/api/v1/live")["data"]
    check("the list has it, without its report", [row["id"] for row in rows] == ["run-1"] and "report" not in rows[0], rows)
    rows = server.json("/api/v1/live?fields=id,report&state=running")["data"]
    check("which it has when it is asked for", rows[0]["report"]["nodes"] == 6, rows)


def hundreds_of_points_are_thinned(server):
    for i in range(700):
        put(server, "run-long", elapsedSeconds=float(i), slot=i)
    trail = server.json("/api/v1/live/run-long")["trail"]
    times = trail["elapsedSeconds"]
    check("a long run's trail stays short", 300 <= len(times) <= 600 and trail["spacingSeconds"] == 2.0, len(times))
    check("and has both its ends", times[0] == 0 and times[-1] == 699, (times[:3], times[-3:]))
    check("in order of time", times == sorted(times) and all(len(trail[k]) == len(times) for k in trail
                                                           if k not in ("spacingSeconds", "slotZeroAt")))


def what_makes_no_sense_is_refused(server):
    def status(**more):
        return put(server, "run-bad", **more)[0]

    check("a state that there is not is refused", status(state="dancing") == 400)
    check("a member that there is not is refused", status(shoeSize=43) == 400)
    check("a time that is none is refused", status(beganAt="yesterday") == 400 and status(slotZeroAt="tomorrow") == 400)
    check("a number that is a text is refused", status(slot="7") == 400)
    check("a report of megabytes is refused", status(phase="x" * 3000000) in (400, 413))
    check("another project's run is a conflict", put(server, "run-1", project="other")[0] == 409)
    check("no token, no report", server.request("PUT", "/api/v1/live/run-2", REPORT)[0] == 401)
    check("nor with one that may only read",
          server.request("PUT", "/api/v1/live/run-2", REPORT, server.token("read"))[0] == 403)
    check("nothing of it was kept", server.request("GET", "/api/v1/live/run-bad")[0] == 404)
    of_other = server.token("publish", project="other") if make_project(server, "other") else None
    if of_other:
        check("a token of another project may not report", put(server, "run-2", of_other)[0] == 403)


def make_project(server, name):
    return server.request("POST", "/api/v1/projects", {"name": name, "title": name}, server.token("admin"))[0] in (200, 201)


def names_are_only_names(server):
    name = "%3Cscript%3E%27%22%20%2e%2e%25"
    put(server, name)
    run = server.json("/api/v1/live/" + name)
    check("a hostile name is only a name", run["id"] == "<script>'\" ..%", run["id"])
    _, headers, page = server.request("GET", "/live/" + name)
    check("on a page, too", b"<script>'" not in page and "content-security-policy" in headers, page[:500])


def runs_end(server):
    put(server, "run-1", state="analysed", ended=True)
    check("a run's last report says that it has ended", server.json("/api/v1/live/run-1")["endedAt"] is not None)
    status = server.request("DELETE", "/api/v1/live/run-1", token=server.token("publish"))[0]
    check("it can be forgotten", status == 204 and server.request("GET", "/api/v1/live/run-1")[0] == 404, status)
    status = server.request("DELETE", "/api/v1/live/run-1", token=server.token("publish"))[0]
    check("once", status == 404, status)


# --- Events ---------------------------------------------------------------------------------------


def events_are_heard(server):
    all_of_it, of_runs = server.events(), server.events("kind=run")
    elsewhere = server.events("project=elsewhere")
    put(server, "run-3")
    check("a report is heard of", all_of_it.wait(lambda e: e["event"] == "live.changed"
                                                 and e["data"]["subject"] == "run-3"), all_of_it.seen)
    event = [e for e in all_of_it.seen if e["event"] == "live.changed"][-1]
    check("with what a listener needs", event["data"]["project"] == "default"
          and event["data"]["data"]["state"] == "running" and int(event["id"]) > 0, event)
    check("it begins with where it begins", all_of_it.seen[0]["event"] == "hello", all_of_it.seen[0])
    check("who asked for other kinds does not", [e["event"] for e in of_runs.seen] == ["hello"], of_runs.seen)
    check("nor who asked for another project", [e["event"] for e in elsewhere.seen] == ["hello"], elsewhere.seen)
    for stream in (all_of_it, of_runs, elsewhere):
        stream.close()
    check("a kind that there is not is refused", server.request("GET", "/api/v1/events?kind=run,shoes")[0] == 400)


def nothing_is_missed_or_heard_twice(server):
    """While reports come in, a listener loses its connection again and again."""
    token = server.token("publish")
    names = ["lost-%03d" % i for i in range(150)]
    heard, last = [], None
    stream = server.events("kind=live")
    wait_until(lambda: stream.seen)
    writer = threading.Thread(target=lambda: [put(server, name, token) and time.sleep(0.01) for name in names])
    writer.start()
    for _ in range(200):
        time.sleep(0.1)
        stream.close()
        wait_until(lambda: stream.ended, 5)
        heard += [e for e in stream.seen if e["event"] not in ("hello",)]
        last = stream.seen[-1]["id"] if stream.seen else last
        if heard and heard[-1]["data"]["subject"] == names[-1]:
            break
        stream = server.events("kind=live", last=last)
        wait_until(lambda: stream.seen, 5)
    writer.join()
    stream.close()
    subjects = [e["data"]["subject"] for e in heard]
    check("who was cut off hears what it missed, once, in order", subjects == names,
          (len(subjects), [n for n in names if n not in subjects][:5], subjects[:5]))


def a_foreign_number_is_told(server):
    stream = server.events(last=10**12)
    check("a number of another database is told to be one", stream.wait(lambda e: e["event"] == "reset"), stream.seen)
    stream.close()


def streams_of_one_client_are_bounded(server):
    """Those that it has just closed may count for a while."""
    streams = [server.events() for _ in range(18)]
    statuses = [stream.status for stream in streams]
    check("one client has so many streams at a time", statuses == sorted(statuses) and 2 <= statuses.count(503) < 12, statuses)
    for stream in streams:
        stream.close()
    check("and can have others when it has closed them", wait_until(lambda: probe(server) == 200, 40))


def probe(server):
    stream = server.events()
    stream.close()
    return stream.status


def servers_hear_each_other(first, folder, what):
    with Server(PROGRAM, folder, database=first.database, environment=first.environment) as second:
        here, there = first.events("kind=live"), second.events("kind=live")
        second.tokens = first.tokens
        put(second, "there-1", first.token("publish"))
        put(first, "here-1")
        for name in ("there-1", "here-1"):
            check("on %s, both servers tell of %s" % (what, name),
                  all(s.wait(lambda e: e["data"].get("subject") == name) for s in (here, there)), (here.seen, there.seen))
        there_status = second.stop()
        check("a server that ends, ends its streams in order", there_status == 0 and wait_until(lambda: there.ended, 5),
              there_status)
        here.close()


def a_command_is_heard(server, folder):
    """`run --report-to` and `serve --runs`: two runs, one that reports, one that is found."""
    stream = server.events("kind=live")
    runs = os.path.join(folder, "runs")
    done = subprocess.run([PROGRAM, "run", "--report-to", server.database, "--dir", runs, "--ident", "told", "--progress",
                           "never", "--overlay", json.dumps(SHORT), "demo"], capture_output=True, text=True, timeout=200)
    check("a run reports", done.returncode == 0, done.stderr[-1500:])
    ended = stream.wait(lambda e: e["event"] == "live.ended")
    mine = [e for e in stream.seen if e["data"].get("subject", "").endswith("_told")]
    states = list(dict.fromkeys(e["data"]["data"]["state"] for e in mine))
    check("each change of its state is heard", states[-1:] == ["analysed"] and "running" in states, states)
    check("its end, too", ended, states)
    stream.close()
    run = server.json("/api/v1/live?fields=id,report,trail")["data"][0]
    check("its trail tells how it went", max(t for t in run["trail"]["heightHigh"] if t is not None) >= 3, run["trail"])


def a_run_is_found(folder):
    runs = os.path.join(folder, "runs")
    os.makedirs(runs, exist_ok=True)
    with Server(PROGRAM, folder, arguments=["--runs", runs]) as server:
        stream = server.events("kind=live")
        done = subprocess.run([PROGRAM, "run", "--dir", runs, "--ident", "found", "--progress", "never", "--overlay",
                               json.dumps(SHORT), "demo"], capture_output=True, text=True, timeout=200)
        ended = stream.wait(lambda e: e["event"] == "live.ended")
        stream.close()
        check("a run that reports to nobody is seen in its folder", done.returncode == 0 and ended, stream.seen[-3:])
        run = server.json("/api/v1/live?fields=id,state,report,trail")["data"][0]
        report, trail = run["report"], run["trail"]
        check("with its state and its blocks", run["state"] == "analysed" and report["heightHigh"] >= 3
              and report["blocksForged"] >= 3 and report["nodes"] == 6, report)
        check("its processes while they ran", 6 in trail["nodesUp"] and any(c and c > 0 for c in trail["cpuCores"]), trail)
        check("and with the next step", "ouroscope publish" in report["notices"][-1]["text"], report["notices"])


def a_directory(runs, name, state):
    """A run that is not going on, but for who holds its lock."""
    directory = os.path.join(runs, name)
    os.makedirs(os.path.join(directory, "nodes", "node-0"))
    os.makedirs(os.path.join(directory, "logs", "node-0"))
    write_state(directory, state)
    return directory


def write_state(directory, state):
    with open(os.path.join(directory, "status.json.new"), "w") as file:
        json.dump({"state": state, "history": [{"at": "2026-11-22T10:00:00Z", "state": "allocated"}]}, file)
    os.rename(file.name, os.path.join(directory, "status.json"))


def state_in(event):
    return event["data"].get("data", {}).get("state")


def a_run_is_followed_until_it_is_analysed(folder):
    """Whoever makes a run lets go of it before its analysis."""
    runs = os.path.join(folder, "runs")
    directory = a_directory(runs, "slow", "running")
    os.mkfifo(os.path.join(directory, "logs", "node-0", "node.json"))
    with Server(PROGRAM, folder, arguments=["--runs", runs]) as server:
        stream = server.events("kind=live")
        with open(os.path.join(directory, "lock"), "w") as lock:
            fcntl.lockf(lock, fcntl.LOCK_EX)
            seen = stream.wait(lambda e: state_in(e) == "running")
            check("a run is seen, though its log is a pipe", seen, stream.seen)
            write_state(directory, "fetched")
        fetched = stream.wait(lambda e: state_in(e) == "fetched")
        time.sleep(2.5)
        ended = [e for e in stream.seen if e["event"] == "live.ended"]
        check("what waits for its analysis has not ended", fetched and not ended, stream.seen)
        write_state(directory, "analysed")
        ended = stream.wait(lambda e: e["event"] == "live.ended")
        stream.close()
        check("what was analysed has", ended and server.json("/api/v1/live?fields=id,state")["data"][0]["state"] == "analysed", stream.seen)


def nobody_to_report_to(folder):
    """A run goes on when there is nobody; it says so once."""
    done = subprocess.run([PROGRAM, "run", "--report-to", "http://127.0.0.1:9", "--dir", folder, "--progress", "never",
                           "--overlay", json.dumps(SHORT), "demo"], capture_output=True, text=True, timeout=200,
                          env={**os.environ, "OUROSCOPE_TOKEN": "ouro_secret"})
    told = done.stderr.count("nobody can see this run go on")
    check("a run does not need who it reports to", done.returncode == 0, done.stderr[-1500:])
    check("it says once that nobody is there, and how much was lost", told == 1 and "did not arrive" in done.stderr,
          done.stderr)
    check("without its token", "ouro_secret" not in done.stderr + done.stdout)


class SilentDatabase:
    """Lets everybody in as PostgreSQL does, and answers no question."""

    def __init__(self):
        self.socket, self.clients = socket.create_server(("127.0.0.1", 0)), []
        self.url = "postgres://somebody@127.0.0.1:%d/results" % self.socket.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            client = self.socket.accept()[0]
            self.clients.append(client)
            while client.recv(8)[4:] in (b"\x04\xd2\x16\x2f", b"\x04\xd2\x16\x30"):  # would like TLS, or GSS
                client.sendall(b"N")
            client.sendall(b"R\0\0\0\x08\0\0\0\0S\0\0\0\x19server_encoding\0UTF8\0Z\0\0\0\x05I")


def silence_is_not_waited_for(folder):
    done = subprocess.run([PROGRAM, "run", "--report-to", SilentDatabase().url, "--dir", folder, "--progress", "never",
                           "--overlay", json.dumps(SHORT), "demo"], capture_output=True, text=True, timeout=200)
    check("a run does not wait for a database that says nothing", done.returncode == 0 and "did not arrive" in done.stderr, done.stderr[-1500:])


def postgres():
    """A database server of this test, or why there is none."""
    folder = tempfile.mkdtemp()
    process = subprocess.Popen([sys.executable, "tests/support/postgres.py", folder], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    line = process.stdout.readline()
    return process, folder, json.loads(line)["url"] if line.startswith("{") else None


def on_postgres(scratch):
    process, folder, url = postgres()
    try:
        if not url:
            skip("on PostgreSQL, servers hear each other", process.communicate()[1].strip()[-200:])
            return
        with Server(PROGRAM, scratch + "/first", database=url) as first:
            servers_hear_each_other(first, scratch + "/second", "PostgreSQL")
            nothing_is_missed_or_heard_twice(first)
    finally:
        process.stdin.close()
        process.wait(timeout=30)
        shutil.rmtree(folder, ignore_errors=True)


def main():
    scratch = tempfile.mkdtemp()
    try:
        with Server(PROGRAM, scratch + "/one") as server:
            reports_are_kept(server)
            what_makes_no_sense_is_refused(server)
            names_are_only_names(server)
            runs_end(server)
            events_are_heard(server)
            nothing_is_missed_or_heard_twice(server)
            hundreds_of_points_are_thinned(server)
            a_foreign_number_is_told(server)
            streams_of_one_client_are_bounded(server)
            servers_hear_each_other(server, scratch + "/two", "one SQLite file")
        with Server(PROGRAM, scratch + "/told") as server:
            a_command_is_heard(server, scratch + "/told")
        a_run_is_found(scratch + "/found")
        a_run_is_followed_until_it_is_analysed(scratch + "/followed")
        nobody_to_report_to(scratch + "/alone")
        silence_is_not_waited_for(scratch + "/silent")
        on_postgres(scratch + "/postgres")
    finally:
        shutil.rmtree(scratch)
        print("1..%d" % tests)
    return failures > 0


sys.exit(main())
