"""What can happen to a database while it is used: it goes away and comes back, the disk is full, it may not be written to, it is no
database, another program holds it. Each is told as what it is, and nothing is broken afterwards."""

import contextlib
import os
import re
import resource
import signal
import sqlite3
import subprocess
import sys
import tempfile

sys.path.insert(0, "tests/support")
from postgres_process import PostgresProcess  # noqa: E402
from results_server import Server  # noqa: E402
from tracer import wait_until  # noqa: E402

PROGRAM = os.environ["OUROSCOPE"]
RUNS = ["tests/data/repeated/base-%d.json.zst" % i for i in (1, 2, 3)]

tests = failures = 0


def check(name, good, why=""):
    global tests, failures
    tests += 1
    failures += not good
    print("%sok %d - %s" % ("" if good else "not ", tests, name), flush=True)
    if not good:
        print("\n".join("# " + line for line in str(why).splitlines()[:40]), flush=True)


def skip(name, why):
    global tests
    tests += 1
    print("ok %d - %s # SKIP %s" % (tests, name, why), flush=True)


def ouroscope(*arguments, **more):
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=120, check=False, **more)


def publish(place, *runs, **more):
    return ouroscope("publish", "--to", place, *runs, **more)


def is_whole(place):
    return ouroscope("db", "check", "--db", place).returncode == 0


def runs_in(place):
    with contextlib.closing(sqlite3.connect(place)) as db:
        return db.execute("SELECT count(*) FROM runs").fetchone()[0]


# --- files ------------------------------------------------------------------------------------------


ROOM = 60000  # of bytes: less than a run wants


def try_without_room(name, place, make_room, **more):
    """A run is refused; what is there is whole; with room the run goes in."""
    before = runs_in(place)
    done = publish(place, RUNS[1], **more)
    check("%s is told as that" % name, done.returncode == 1 and "full" in done.stderr, (done.returncode, done.stdout + done.stderr))
    make_room()
    check("%s: what was there before is whole" % name, is_whole(place) and runs_in(place) == before)
    done = publish(place, RUNS[1])
    check("%s: with room it goes on" % name, done.returncode == 0 and runs_in(place) == before + 1, done.stderr)


def no_large_files(folder):
    """The write-ahead log may not grow: as on a disk without room, for who may not make one."""
    place = os.path.join(folder, "full.db")
    publish(place, RUNS[0])

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, ROOM))

    try_without_room("a limit for files", place, lambda: None, preexec_fn=limit)


def full_disk(folder):
    """A small file system, with something beside the database that takes its room."""
    mount = os.path.join(folder, "small")
    os.mkdir(mount)
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", mount], capture_output=True, check=False)
    if made.returncode != 0:
        skip("a file system that is full", "it cannot be mounted here")
        return
    try:
        place, ballast = os.path.join(mount, "results.db"), os.path.join(mount, "ballast")
        publish(place, RUNS[0])
        about = os.statvfs(mount)
        with open(ballast, "wb") as file:
            file.write(bytes(about.f_bavail * about.f_frsize - ROOM))
        try_without_room("a full disk", place, lambda: os.remove(ballast))
    finally:
        subprocess.run(["umount", mount], check=False)


def not_writable(folder):
    place = os.path.join(folder, "mine.db")
    publish(place, RUNS[0])
    os.chmod(folder, 0o755)
    os.chmod(place, 0o444)
    if os.getuid() == 0:
        done = publish(place, RUNS[1], user=65534, group=65534, extra_groups=[])
    else:
        done = publish(place, RUNS[1])
    check("a file that may not be written to is told", done.returncode == 1 and "mine.db" in done.stderr, done.stderr)
    check("and is as it was", runs_in(place) == 1)


def no_database(folder):
    place = os.path.join(folder, "letter.db")
    with open(place, "w", encoding="utf-8") as file:
        file.write("Dear reader,\n" * 1000)
    for command in (["publish", "--to", place, RUNS[0]], ["db", "check", "--db", place], ["db", "migrate", "--db", place]):
        done = ouroscope(*command)
        check("%s refuses what is no database" % command[0], done.returncode == 1 and "no SQLite database" in done.stderr,
              done.stderr)
    with open(place, encoding="utf-8") as file:
        check("and leaves it as it was", file.read() == "Dear reader,\n" * 1000)
    other = os.path.join(folder, "other.db")
    with contextlib.closing(sqlite3.connect(other)) as db:
        db.execute("CREATE TABLE invoices (id INTEGER)")
    with open(other, "rb") as file:
        was = file.read()
    done = publish(other, RUNS[0])
    check("the database of another program is refused", done.returncode == 1 and "another program" in done.stderr, done.stderr)
    with open(other, "rb") as file:
        check("and not a byte of it is changed", file.read() == was)


def locked(folder):
    place = os.path.join(folder, "locked.db")
    publish(place, RUNS[0])
    with contextlib.closing(sqlite3.connect(place, isolation_level=None)) as db:
        db.execute("BEGIN IMMEDIATE")
        done = publish(place, RUNS[1])
        check("a writer that does not end is told", done.returncode == 1 and "another program" in done.stderr, done.stderr)
        check("readers go on meanwhile", is_whole(place))
        db.execute("ROLLBACK")
    check("then it goes on", publish(place, RUNS[1]).returncode == 0)


def replaced_under_a_server(folder):
    """The file is moved away under a server, which does not write to it any more, and put back."""
    place = os.path.join(folder, "served", "results.db")
    with Server(PROGRAM, os.path.join(folder, "served"), database=place) as server:
        server.token("publish")
        os.rename(place, place + ".away")
        check("without its file a server is not there",
              wait_until(lambda: server.request("GET", "/api/v1/runs")[0] == 503, 20), server.request("GET", "/api/v1/runs"))
        check("and makes no new one", not os.path.exists(place))
        os.rename(place + ".away", place)
        check("it goes on when it is back", wait_until(lambda: server.request("GET", "/api/v1/runs")[0] == 200, 20),
              server.request("GET", "/api/v1/runs"))


# --- PostgreSQL -------------------------------------------------------------------------------------


def server_away(server, place, folder):
    with Server(PROGRAM, os.path.join(folder, "away"), database=place) as results:
        check("a server reads from PostgreSQL", results.request("GET", "/api/v1/runs")[0] == 200)
        for times, how in enumerate((server.kill, server.stop_fast), 1):
            how()
            status, headers, body = results.request("GET", "/api/v1/runs")
            check("without its database it says 503", status == 503, (status, body))
            check("and when to ask again", "retry-after" in headers, headers)
            check("no password is in the answer", secret_of(server) not in body.decode())
            check("it is alive", results.is_alive())
            away = wait_until(lambda: len(results.logged("Results.DatabaseAway")) >= times, 2)  # noqa: B023
            check("the request that finds it away has it in the log, once", away and len(results.logged("Results.DatabaseAway")) == times,
                  results.logged("Results.DatabaseAway"))
            server.start()
            check("it comes back by itself", wait_until(lambda: results.request("GET", "/api/v1/runs")[0] == 200, 30),
                  results.said()[-1000:])
            check("and has that in the log", wait_until(lambda: len(results.logged("Results.DatabaseBack")) == times, 10),  # noqa: B023
                  results.logged("Results.DatabaseBack"))
        check("no password is in what it says", secret_of(server) not in results.said())


def secret_of(server):
    return re.search(r"test:(\w+)@", server.about["url"]).group(1)


def both_ways(server, folder):
    """From a file into PostgreSQL and back: the same answers."""
    first, back = os.path.join(folder, "first.db"), os.path.join(folder, "back.db")
    publish(first, *RUNS)
    place = server.database("copied")
    check("a file goes into PostgreSQL", ouroscope("db", "backup", "--db", first, place).returncode == 0)
    check("which is whole", is_whole(place))
    done = ouroscope("db", "backup", "--db", first, place)
    check("and is not written over", done.returncode == 2 and secret_of(server) not in done.stderr, done.stderr)
    check("it comes back as a file", ouroscope("db", "backup", "--db", place, back).returncode == 0)
    check("that is whole, with all runs", is_whole(back) and runs_in(back) == len(RUNS))


def main():
    with tempfile.TemporaryDirectory() as folder:
        no_large_files(folder)
        if os.getuid() == 0:
            full_disk(folder)
        not_writable(folder)
        no_database(folder)
        locked(folder)
        replaced_under_a_server(folder)
        server = PostgresProcess()
        if server.why:
            skip("PostgreSQL", server.why)
        else:
            server_away(server, server.database("results"), folder)
            both_ways(server, folder)
        server.close()
    print("1..%d" % tests)
    return failures > 0


if __name__ == "__main__":
    sys.exit(main())
