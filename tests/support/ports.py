#!/usr/bin/python3
"""Ports of loopback that nobody listens on, for servers that a test starts a little later: ports.py [COUNT] prints them, one a line.

A port that the system gives may be taken by then, by any program's outgoing connection; those outside of that range are not."""

import random
import socket
import sys

FIRST, END = 10000, 65536


def given_by_the_system():
    try:
        with open("/proc/sys/net/ipv4/ip_local_port_range", encoding="ascii") as file:
            low, high = map(int, file.read().split())
    except OSError:
        return range(32768, 61000)
    return range(low, high + 1)


def is_free(port):
    with socket.socket() as s:
        try:
            s.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port():
    others = given_by_the_system()
    outside = [port for port in range(FIRST, END) if port not in others] or list(others)
    while not is_free(port := random.choice(outside)):
        pass
    return port


if __name__ == "__main__":
    for _ in range(int(sys.argv[1]) if len(sys.argv) > 1 else 1):
        print(free_port())
