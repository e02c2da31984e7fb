#!/usr/bin/env python3
"""Looks at a built site as a whole: check_site.py FOLDER

Every link, picture, script and style sheet of a page leads to a file of the site, every fragment to an id on that page, and
nothing is asked of anybody else. Prints what does not hold; exit status 1 if there is something."""

import os
import re
import sys
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

# By which a browser fetches something without being asked to; a link is followed by the reader.
FETCHED = {("img", "src"), ("script", "src"), ("link", "href"), ("iframe", "src"), ("source", "src"), ("object", "data")}


class Page(HTMLParser):
    def __init__(self, path):
        super().__init__()
        self.ids, self.links, self.twice = set(), [], set()
        with open(path, encoding="utf-8") as f:
            self.feed(f.read())

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name == "id":
                (self.twice if value in self.ids else self.ids).add(value)
            elif name in ("href", "src", "data") and value is not None:
                self.links.append((value, (tag, name) in FETCHED))


def problems_of_page(name, pages, site):
    page = pages[name]
    for twice in sorted(page.twice):
        yield f"{name}: the id {twice} stands twice"
    for link, fetched in page.links:
        parts = urlsplit(link)
        if parts.scheme or parts.netloc:
            if fetched or parts.scheme not in ("http", "https", "mailto"):
                yield f"{name}: asks for {link}"
            continue
        target = os.path.normpath(os.path.join(os.path.dirname(name), unquote(parts.path))) if parts.path else name
        if not os.path.isfile(os.path.join(site, target)):
            yield f"{name}: there is no {link}"
        elif parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].ids:
            yield f"{name}: no {parts.fragment} on {target}"


def problems_of_styles(site):
    for where, _, names in os.walk(site):
        for name in names:
            if name.endswith((".css", ".svg")):
                with open(os.path.join(where, name), encoding="utf-8") as f:
                    for asked in re.findall(r"(?:url\(|@import|href=)\s*[\"']?(https?:[^\"')\s]+|//[^\"')\s]+)", f.read()):
                        yield f"{name}: asks for {asked}"


def main():
    site = sys.argv[1]
    names = sorted(os.path.relpath(os.path.join(where, n), site) for where, _, ns in os.walk(site) for n in ns if n.endswith(".html"))
    pages = {name: Page(os.path.join(site, name)) for name in names}
    problems = [p for name in names for p in problems_of_page(name, pages, site)] + list(problems_of_styles(site))
    print("\n".join(problems + [f"{len(pages)} pages, {sum(len(p.links) for p in pages.values())} links, {len(problems)} problems"]))
    return 1 if problems or not pages else 0


if __name__ == "__main__":
    sys.exit(main())
