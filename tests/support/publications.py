#!/usr/bin/python3
"""Checks what `ouroscope publish` sends: publications.py PROGRAM SCHEMA RUN...

A server of one kind of request takes the documents, unpacks them with the program zstd, holds them against the JSON Schema,
and sees that sending a run twice sends the same bytes.
"""
import http.server
import json
import os
import subprocess
import sys
import threading

import jsonschema


class Taker(http.server.BaseHTTPRequestHandler):
    """Keeps documents, and says that it has created a run of each."""

    taken = []

    def do_POST(self):
        packed = self.rfile.read(int(self.headers['Content-Length']))
        Taker.taken.append(subprocess.run(['zstd', '-dcq'], input=packed, capture_output=True, check=True).stdout)
        body = json.dumps({'id': '0' * 32, 'outcome': 'created', 'url': '/'}).encode()
        self.send_response(201)
        self.send_header('Content-Type', 'application/json')
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def publish(program, url, runs):
    environment = dict(os.environ, OUROSCOPE_TOKEN='ouro_test', no_proxy='127.0.0.1')
    subprocess.run([program, 'publish', '--info', 'a=b', '--to', url, *runs], check=True, env=environment,
                   stdout=subprocess.DEVNULL)


def main(program, schema, runs):
    validator = jsonschema.Draft202012Validator(json.load(open(schema)))
    server = http.server.HTTPServer(('127.0.0.1', 0), Taker)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f'http://127.0.0.1:{server.server_port}'
    publish(program, url, runs)
    publish(program, url, runs)
    server.shutdown()
    assert len(Taker.taken) == 2 * len(runs), f'{len(Taker.taken)} documents'
    for first, second in zip(Taker.taken, Taker.taken[len(runs):]):
        assert first == second, 'the same run makes other bytes'
        validator.validate(json.loads(first))


if __name__ == '__main__':
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
