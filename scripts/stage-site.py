#!/usr/bin/env python3
"""Copies the pages of the site into FOLDER, at the same paths: stage-site.py FOLDER

The front page and docs/ are pages, and so is whatever Markdown they link to, and so on; other files that they link to are
copied as they are. Each manual page gets an empty page, which site/hooks.py fills."""

import os
import re
import shutil
import sys

LINK = re.compile(r"\]\(([^):#\s]+)")


def below(folder):
    for where, _, names in os.walk(folder):
        for name in sorted(names):
            yield os.path.join(where, name)


def links_of(page):
    with open(page, encoding="utf-8") as f:
        text = re.sub(r"^```.*?^```$", "", f.read(), flags=re.M | re.S)
    for target in LINK.findall(re.sub(r"`[^`\n]*`", "", text)):
        yield os.path.normpath(os.path.join(os.path.dirname(page), target))


def main():
    stage = sys.argv[1]
    waiting = ["README.md", *below("docs")]
    taken = set()
    while waiting:
        path = waiting.pop()
        if path in taken or path.startswith("..") or not os.path.isfile(path):
            continue
        taken.add(path)
        target = os.path.join(stage, path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copyfile(path, target)
        if path.endswith(".md"):
            waiting.extend(links_of(path))
        elif re.search(r"/man/[^/]+\.[1-8]$", path):
            name, section = os.path.basename(path).rsplit(".", 1)
            with open(target + ".md", "w", encoding="utf-8") as f:
                f.write(f"# {name}({section})\n")


if __name__ == "__main__":
    main()
