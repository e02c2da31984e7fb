"""What can happen to a database while it is used: it goes away and comes back, the disk is full, it may not be written to, it is no
database, another program holds it. Each is told as what it is, and nothing is broken afterwards."""

import contextlib
import os
import re
import resource
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


def full_disk(folder):
    """A file may not grow beyond half a megabyte more than it has: as on a disk without room."""
    place = os.path.join(folder, "full.db")
    publish(place, RUNS[0])
    most = os.path.getsize(place) + 20000

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    done = publish(place, RUNS[1], preexec_fn=limit)
    check("a full disk is told as that", done.returncode == 1 and "full" in done.stderr, done.stderr)
    check("what was there before is whole", is_whole(place) and runs_in(place) == 1)
    done = publish(place, RUNS[1])
    check("with room it goes on", done.returncode == 0 and runs_in(place) == 2, done.stderr)


def small_disk(folder):
    """The same with a real file system that is full."""
    mount = os.path.join(folder, "small")
    os.mkdir(mount)
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1600k", "tmpfs", mount], capture_output=True, check=False)
    if made.returncode != 0:
        skip("a file system that is full", "it cannot be mounted here")
        return
    try:
        place = os.path.join(mount, "results.db")
        done = [publish(place, run) for run in RUNS]
        told = [d for d in done if d.returncode == 1]
        check("a file system without room is told", told and all("full" in d.stderr for d in told),
              "\n".join(d.stdout + d.stderr for d in done))
        kept = sum(d.returncode == 0 for d in done)
        check("what was acknowledged is there", runs_in(place) == kept, kept)
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
    done = publish(other, RUNS[0])
    check("the database of another program is refused", done.returncode == 1 and "another program" in done.stderr, done.stderr)


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
        for how in (server.kill, server.stop_fast):
            how()
            status, headers, body = results.request("GET", "/api/v1/runs")
            check("without its database it says 503", status == 503, (status, body))
            check("and when to ask again", "retry-after" in headers, headers)
            check("no password is in the answer", secret_of(server) not in body.decode())
            check("it is alive", results.is_alive())
            server.start()
            check("it comes back by itself", wait_until(lambda: results.request("GET", "/api/v1/runs")[0] == 200, 30),
                  results.said()[-1000:])
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
        full_disk(folder)
        if os.getuid() == 0:
            small_disk(folder)
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
