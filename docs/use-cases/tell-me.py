#!/usr/bin/env python3
# Tell me when something happens
#
#     tell-me.py [KIND...]      tell-me.py run.published alert.opened
#
# Prints a line for each event of these kinds, as it happens, and goes on where it was when the connection breaks: the server
# keeps the last ten thousand, and Last-Event-ID says which one came last.
#
# OUROSCOPE_API: the server. OUROSCOPE_TOKEN: a token with the scope "read", where reads are not open.
# Needs: Python 3
import json
import os
import sys
import time
import urllib.parse
import urllib.request


def stream(kinds, last):
    """Events from behind the last one on; ends when the connection does."""
    query = urllib.parse.urlencode([("kind", kind) for kind in kinds])
    request = urllib.request.Request(os.environ.get("OUROSCOPE_API", "http://127.0.0.1:8380") + "/api/v1/events?" + query)
    if os.environ.get("OUROSCOPE_TOKEN"):
        request.add_header("Authorization", "Bearer " + os.environ["OUROSCOPE_TOKEN"])
    if last:
        request.add_header("Last-Event-ID", last)
    event = {}
    with urllib.request.urlopen(request, timeout=60) as answer:  # it says something every 15 seconds
        for line in answer:
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if name:
                event[name] = value
            elif event:
                yield event
                event = {}


def main():
    last = None
    while True:
        try:
            for event in stream(sys.argv[1:], last):
                last = event.get("id", last)
                if "data" in event:
                    print(event.get("event"), json.dumps(json.loads(event["data"])), flush=True)
        except OSError as error:
            print("again in 2 s: %s" % error, file=sys.stderr)
        time.sleep(2)


try:
    main()
except KeyboardInterrupt:
    pass
