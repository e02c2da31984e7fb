"""The short form of the soak (tests/soak, docs/internals/soak.md): five faults in a minute, on this machine alone."""

import importlib.util
import os
import subprocess
import sys
import tempfile

FAULTS = "node killed,collector killed,server killed,database killed,disk full"


def missing():
    """Why it cannot be run here; "": it can."""
    if os.environ.get("OUROSCOPE_SANITIZE", "none") != "none":
        return "a sanitizer's memory is not that of the program"
    return "" if importlib.util.find_spec("jsonschema") else "no python3-jsonschema: scripts/setup-debian.sh results"


def main():
    if missing():
        print("1..0 # SKIP " + missing())
        return 0
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([sys.executable, "tests/soak/soak.py", "--minutes", "0.9", "--every", "7", "--scale", "0.25", "--publish", "0.5",
                               "--local", "--only", FAULTS, "--out", folder], check=False)
    return 0 if done.returncode == 77 else done.returncode


sys.exit(main())
