"""What the API is measured beside: the summaries of a run as JSON from the same SQLite file, as one writes it with
Flask in an afternoon. RESULTS_DB names the file; gunicorn serves `app`."""

import os
import sqlite3

from flask import Flask, g, jsonify

app = Flask(__name__)


def database():
    if "db" not in g:
        g.db = sqlite3.connect(f"file:{os.environ['RESULTS_DB']}?mode=ro", uri=True)
        g.db.row_factory = sqlite3.Row
    return g.db


@app.teardown_appcontext
def close(_error):
    if "db" in g:
        g.pop("db").close()


@app.get("/runs/<run>/summaries")
def summaries(run):
    rows = database().execute(
        "SELECT m.section, m.id, m.name, m.unit, m.direction, s.n, s.mean, s.median, s.sd, s.low, s.high FROM summaries s "
        "JOIN metrics m ON m.no = s.metric_no WHERE s.run_no = (SELECT no FROM runs WHERE id = ?) "
        "ORDER BY m.section, m.id LIMIT 100", (run,))
    return jsonify(items=[dict(row) for row in rows])
