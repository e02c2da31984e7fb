"""What clients answer themselves: files of allocations and what tasks printed (/v1/client/fs/...)."""

import base64
import json
import mimetypes
import os
import stat
import time

from nomad import documents

FRAME_BYTES = 64 << 10


def described(path):
    facts = os.stat(path)
    return {"FileMode": stat.filemode(facts.st_mode), "IsDir": stat.S_ISDIR(facts.st_mode), "ModTime": documents.timestamp(facts.st_mtime_ns),
            "Name": os.path.basename(path), "Size": facts.st_size}


def inside(root, path):
    """The path below an allocation's folder; (None, why not)."""
    whole = os.path.normpath(os.path.join(root, path.lstrip("/")))
    if whole != root and not whole.startswith(root + os.sep):
        return None, "Path escapes the alloc directory"
    parts = os.path.relpath(whole, root).split(os.sep)
    if len(parts) > 1 and parts[1] == "secrets":
        return None, f"Reading secret file prohibited: {path.lstrip('/')}"
    if not os.path.exists(whole):
        return None, f"stat {whole}: no such file or directory"
    return whole, None


def listing(root, path):
    whole, trouble = inside(root, path)
    if trouble:
        return None, trouble
    return [described(os.path.join(whole, name)) for name in sorted(os.listdir(whole))], None


def statement(root, path):
    whole, trouble = inside(root, path)
    if trouble:
        return None, trouble
    found = described(whole)
    if not found["IsDir"]:
        kind = mimetypes.guess_type(whole)[0] or "application/octet-stream"
        found["ContentType"] = kind + ("; charset=utf-8" if kind.startswith("text/") else "")
    return found, None


def content(root, path, offset=0, limit=None):
    """Bytes of a file, or why there are none, as text: in either case the answer is 200."""
    whole, trouble = inside(root, path)
    if trouble:
        return trouble.encode()
    with open(whole, "rb") as file:
        file.seek(offset)
        return file.read() if limit is None else file.read(limit)


def log_frames(root, task, kind, origin, offset, follow, ended):
    """Pieces of what a task printed, as (bytes, name of the file, offset behind them); with `follow` also None where nothing came for a second."""
    name = f"alloc/logs/{task}.{kind}.0"
    with open(os.path.join(root, name), "rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(size - offset, 0) if origin == "end" else min(offset, size))
        while not ended():
            piece = file.read(FRAME_BYTES)
            if piece:
                yield piece, name, file.tell()
            elif not follow:
                return
            else:
                time.sleep(1)
                yield None


def framed(pieces):
    """Pieces as the framed form of a log, one JSON text after the other with nothing between."""
    for piece in pieces:
        if piece is None:
            yield b"{}"
        else:
            data, name, end = piece
            yield json.dumps({"Data": base64.b64encode(data).decode(), "File": name, "Offset": end}, separators=(",", ":")).encode()


def plain(pieces):
    for piece in pieces:
        if piece is not None:
            yield piece[0]
