"""The list of operations in the documentation is that of the description which a server hands out."""

import os
import subprocess
import sys
import tempfile

sys.path.insert(0, "tests/support")
from results_server import Server  # noqa: E402

PAGE = "docs/reference/api/endpoints.md"

with tempfile.TemporaryDirectory() as folder, Server(os.environ["OUROSCOPE"], folder) as server:
    made = subprocess.run([sys.executable, "scripts/make-api-doc.py", server.url + "/api/v1/openapi.json"],
                          capture_output=True, text=True, timeout=60, check=True).stdout
with open(PAGE, encoding="utf-8") as file:
    current = file.read() == made
print("1..1")
print("%sok 1 - %s is current" % ("" if current else "not ", PAGE))
if not current:
    print("# scripts/make-api-doc.py URL/api/v1/openapi.json > " + PAGE)
sys.exit(not current)
