#!/usr/bin/python3
"""An S3 server for tests: OpenStack Swift with its S3 layer (Debian's python3-swift), all of it in this process, on 127.0.0.1 and in
one folder. It checks signatures, hashes and clocks as AWS does.

    s3_server.py DIR [--port N] [--min-part BYTES]

DIR is made, and has to be empty. When all is ready one line of JSON goes to standard output: where it is, who may do all in its
bucket, and who may do nothing there (reader_*). It ends by SIGTERM, or when its standard input is closed; what it stored stays in DIR.
Exit status 77: python3-swift is not installed (scripts/setup-debian.sh storage).
"""

import argparse
import array
import json
import os
import secrets
import signal
import sys
import time
import urllib.request

try:
    import eventlet
    from eventlet import wsgi
    from swift.common import storage_policy, utils
except ImportError:
    print("s3_server.py: there is no python3-swift: scripts/setup-debian.sh storage", file=sys.stderr)
    sys.exit(77)

BUCKET = "ouroscope-test"
REGION = "us-east-1"
SECRET = secrets.token_hex(20)  # a new one each time: that it leaks nowhere can be looked for
LAYERS = ("account", "container", "object")
FILTERS = "catch_errors gatekeeper listing_formats bulk cache s3api tempauth copy slo dlo"

CONSTRAINTS = """[swift-hash]
swift_hash_path_suffix = test
swift_hash_path_prefix = test
[storage-policy:0]
name = default
default = yes
"""

COMMON = """[DEFAULT]
devices = {dir}/devices
swift_dir = {dir}
mount_check = false
bind_ip = 127.0.0.1
bind_port = {port}
log_level = ERROR
fallocate_reserve = 0
"""

STORAGE = """[pipeline:main]
pipeline = {layer}-server
[app:{layer}-server]
use = egg:swift#{layer}
"""

PROXY = """[pipeline:main]
pipeline = {filters} proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
allow_account_management = true
[filter:cache]
paste.filter_factory = __main__:cache_filter
[filter:tempauth]
use = egg:swift#tempauth
user_test_admin = {secret} .admin
user_test_reader = reading
[filter:s3api]
use = egg:swift#s3api
location = {region}
storage_domain = localhost
min_segment_size = {min_part}
max_upload_part_num = 10000
auth_pipeline_check = false
"""


class Cache:
    """What Swift's processes share through memcached elsewhere: here there is one process."""

    def __init__(self):
        self.items = {}

    def get(self, key, **_):
        value, until = self.items.get(key, (None, 0))
        return value if not until or time.time() < until else None

    def set(self, key, value, time=0, **_):
        self.items[key] = (json.loads(json.dumps(value)), now() + time if time else 0)

    def incr(self, key, delta=1, time=0):
        value = max(int(self.get(key) or 0) + delta, 0)
        self.set(key, value, time=time)
        return value

    def decr(self, key, delta=1, time=0):
        return self.incr(key, -delta, time)

    def delete(self, key, **_):
        self.items.pop(key, None)

    def set_multi(self, mapping, server_key, time=0, **_):
        for key, value in mapping.items():
            self.set(key, value, time=time)

    def get_multi(self, keys, server_key):
        return [self.get(key) for key in keys]


now = time.time
CACHE = Cache()


def cache_filter(_global_conf, **_local_conf):
    """The filter of the configuration above that gives every request the cache."""

    def with_cache(app):
        def call(environment, start_response):
            environment["swift.cache"] = CACHE
            return app(environment, start_response)

        return call

    return with_cache


def write(folder, name, text):
    with open(os.path.join(folder, name), "w", encoding="ascii") as file:
        file.write(text)


def write_ring(folder, layer, port):
    """Says that all of a layer's objects are at one device of this process."""
    from swift.common.ring import RingData

    device = {"id": 0, "zone": 0, "region": 1, "device": "d1", "weight": 1.0, "ip": "127.0.0.1", "port": port}
    RingData([array.array("H", [0, 0])], [device], 31).save(f"{folder}/{layer}.ring.gz")


def write_configuration(folder, sockets, min_part):
    for layer in LAYERS:
        port = sockets[layer].getsockname()[1]
        write_ring(folder, layer, port)
        write(folder, layer + ".conf", COMMON.format(dir=folder, port=port) + STORAGE.format(layer=layer))
    standard = [name for name in FILTERS.split() if name not in ("cache", "s3api", "tempauth")]
    text = COMMON.format(dir=folder, port=sockets["proxy"].getsockname()[1])
    text += PROXY.format(filters=FILTERS, region=REGION, min_part=min_part, secret=SECRET)
    write(folder, "proxy.conf", text + "".join(f"[filter:{name}]\nuse = egg:swift#{name}\n" for name in standard))


def serve(folder, sockets):
    from swift.common.wsgi import SwiftHttpProtocol, loadapp

    pool = eventlet.GreenPool(1024)
    for name, socket in sockets.items():
        app = loadapp(f"{folder}/{name}.conf", allow_modify_pipeline=False)
        eventlet.spawn(wsgi.server, socket, app, utils.NullLogger(), protocol=SwiftHttpProtocol, custom_pool=pool,
                       capitalize_response_headers=False)


def make_bucket(endpoint):
    """By Swift's own interface, in which a bucket is a container of the user's account."""
    login = urllib.request.Request(endpoint + "/auth/v1.0", headers={"X-Auth-User": "test:admin", "X-Auth-Key": SECRET})
    with urllib.request.urlopen(login) as reply:
        token = reply.headers["X-Auth-Token"]
    put = urllib.request.Request(f"{endpoint}/v1/AUTH_test/{BUCKET}", method="PUT", headers={"X-Auth-Token": token})
    urllib.request.urlopen(put).close()


def end_with_input():
    """In a thread of the system's: the others share one that must not wait."""
    read = eventlet.patcher.original("os").read
    while read(0, 4096):
        pass
    os._exit(0)


def main():
    parser = argparse.ArgumentParser(description="An S3 server for tests")
    parser.add_argument("dir")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--min-part", type=int, default=5 << 20)
    args = parser.parse_args()
    folder = os.path.abspath(args.dir)
    os.makedirs(folder + "/devices/d1")
    write(folder, "swift.conf", CONSTRAINTS)

    utils.eventlet_monkey_patch()
    utils.set_swift_dir(folder)
    storage_policy.reload_storage_policies()
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    sockets = {name: eventlet.listen(("127.0.0.1", 0)) for name in LAYERS}
    sockets["proxy"] = eventlet.listen(("127.0.0.1", args.port))
    write_configuration(folder, sockets, args.min_part)
    serve(folder, sockets)
    port = sockets["proxy"].getsockname()[1]
    make_bucket(f"http://127.0.0.1:{port}")
    print(json.dumps({
        "endpoint": f"http://127.0.0.1:{port}", "virtual_endpoint": f"http://localhost:{port}", "region": REGION,
        "bucket": BUCKET, "access_key": "test:admin", "secret_key": SECRET,
        "reader_access_key": "test:reader", "reader_secret_key": "reading"}), flush=True)
    eventlet.patcher.original("threading").Thread(target=end_with_input, daemon=True).start()
    while True:
        eventlet.sleep(3600)


if __name__ == "__main__":
    main()
