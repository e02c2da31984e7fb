"""dashboard.py FILE URL ROWS: asks the Prometheus at URL for what a dashboard of Grafana asks, as Grafana does; of "all" its rows, or of those
that show "nodes" alone. Each query is understood, and what every node has is shown."""

import json
import sys
import time
import urllib.parse
import urllib.request

# What a node has that forges, with no peers and no load.
SHOWN = {"Height", "Slots behind the first", "Blocks forged, slots missed", "Processor", "Resident memory",
         "Connected", "Messages a second", "Messages lost", "Written"}


def ask(url, query):
    now = time.time()
    form = urllib.parse.urlencode({"query": query, "start": now - 120, "end": now, "step": 5})
    with urllib.request.urlopen(url + "/api/v1/query_range", form.encode(), timeout=30) as answer:
        return json.load(answer)["data"]["result"]


def panels(board, rows):
    of_collector = False
    for panel in board["panels"]:
        of_collector |= panel["type"] == "row" and panel["title"].startswith("The collector")
        if panel["type"] != "row" and (rows == "all" or not of_collector):
            yield panel


def is_laid_out(board):
    """Each panel has a number and a place of its own, within the 24 columns that there are."""
    places = set()
    for panel in board["panels"]:
        place = panel["gridPos"]
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
        assert max(x for x, _ in cells) < 24 and not cells & places, panel["title"]
        places |= cells
    numbers = [panel["id"] for panel in board["panels"]]
    assert len(set(numbers)) == len(numbers), numbers


def main(path, url, rows):
    with open(path) as file:
        board = json.load(file)
    is_laid_out(board)
    names = {variable["name"] for variable in board["templating"]["list"]}
    assert {"source", "node"} == names, names
    seen = set()
    for panel in panels(board, rows):
        for target in panel["targets"]:
            query = target["expr"].replace("$node", ".*")
            assert "$" not in query, query
            end = time.monotonic() + 60  # a rate wants two samples
            while not (result := ask(url, query)) and panel["title"] in SHOWN and time.monotonic() < end:
                time.sleep(0.5)
            if result:
                seen.add(panel["title"])
    missing = SHOWN & {panel["title"] for panel in panels(board, rows)} - seen
    assert not missing, "nothing is shown in: %s" % sorted(missing)
    print("%d panels show something: %s" % (len(seen), ", ".join(sorted(seen))))


main(*sys.argv[1:])
