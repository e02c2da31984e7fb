"""What turns the pages of the source tree into a site: mkdocs calls these as it goes.

The navigation is the map, docs/README.md: a heading is a section, an item of a list a page. Pages are written for forges, which
read Markdown a little otherwise; manual pages are in mdoc."""

import json
import os
import posixpath
import re
import subprocess

MAP = "docs/README.md"
MANUAL = re.compile(r"\.[1-8]\.md$")  # the stage has NAME.1, and for mkdocs an empty NAME.1.md


def github_id(heading, separator):
    """The id of a heading, as forges make it; tests of links go by the same rule."""
    return re.sub(r"[^a-z0-9_-]", "", heading.lower().replace(" ", separator))


def page_of(link):
    """The page of the stage behind a link of the map."""
    path = posixpath.normpath(posixpath.join(posixpath.dirname(MAP), link))
    return path if path.endswith(".md") else path + ".md"


def entry(links):
    """Of an item of a list: a page, or where it names several, a section with all of them."""
    (title, page), *others = [(title, page_of(link)) for title, link in links]
    return {title: [{"Overview": page}, *({t: p} for t, p in others)]} if others else {title: page}


def navigation(text):
    """Of the map: [{section: [{title: path}, ...]}, ...]; a heading of the third level is a section within one. The first table
    has doors; one that is a page stands at the top."""
    sections, inner = [{"Home": "README.md"}], None
    for line in text.splitlines():
        heading = re.match(r"(##+) (.*)", line)
        door = re.match(r"\| \[([^\]]+)\]\(([^)#]+)\) \|", line)
        item = re.findall(r"\[([^\]]+)\]\(([^)#]+)\)", line) if line.startswith("- [") else None
        if heading and heading[1] == "##":
            inner = []
            sections.append({heading[2]: inner})
        elif heading:
            group = []
            list(sections[-1].values())[0].append({heading[2]: group})
            inner = group
        elif item:
            inner.append(entry(item))
        elif door and inner is None:
            sections.append({door[1]: page_of(door[2])})
    sections.insert(2, {"All pages": MAP})
    return [s for s in sections if list(s.values())[0]]


def on_config(config):
    with open(os.path.join(config["docs_dir"], MAP), encoding="utf-8") as f:
        config["nav"] = navigation(f.read())
    config["mdx_configs"].setdefault("toc", {})["slugify"] = github_id
    return config


def manual_page(page, href):
    """The file of the stage behind a link between manual pages, NAME.1.html."""
    return posixpath.join(posixpath.dirname(page.file.src_uri), re.sub(r"\.html$", ".md", href))


def outside_code(text, change):
    """Applies change to each stretch of text that is no block of code."""
    parts = re.split(r"(^```.*?^```$)", text, flags=re.M | re.S)
    return "".join(part if i % 2 else change(part) for i, part in enumerate(parts))


def on_page_markdown(markdown, page, config, files):
    # What tests do with a block stands behind its language.
    markdown = re.sub(r"^```([a-z]+) .*$", r"```\1", markdown, flags=re.M)

    def link(match):
        target, anchor = match[1], match[2] or ""
        path = posixpath.normpath(posixpath.join(posixpath.dirname(page.file.src_uri), target))
        if files.get_file_from_path(path + ".md") is not None:
            target += ".md"
        return f"]({target}{anchor})"

    def prose(text):
        text = re.sub(r"^<!-- .*? -->\n", "", text, flags=re.M)
        return re.sub(r"\]\(([^):#\s]+)(#[^)\s]*)?\)", link, text)

    return outside_code(markdown, prose)


def on_page_content(html, page, config, files):
    if MANUAL.search(page.file.src_uri):
        source = page.file.abs_src_path[: -len(".md")]
        html = subprocess.run(["mandoc", "-T", "html", "-O", "fragment,man=%N.%S.html", source],
                              stdout=subprocess.PIPE, check=True, encoding="utf-8").stdout
        html = re.sub(r"<(/?)h2", r"<\1h3", html)
        html = re.sub(r"<(/?)h1", r"<\1h2", html)
        # Manual pages of others are not part of the site.
        html = re.sub(r'<a class="Xr" href="([^"]*)">(.*?)</a>',
                      lambda m: m[0] if files.get_file_from_path(manual_page(page, m[1])) else m[2], html)
        return f"<h1>{page.title}</h1>\n{html}"
    # What is wider than a phone moves sideways by itself, by keys, too.
    html = html.replace("<pre>", '<pre tabindex="0">').replace("<th></th>", "<td></td>")
    return html.replace("<table>", '<div class="wide" tabindex="0"><table>').replace("</table>", "</table></div>")


def on_post_build(config):
    """The index of the search as a script, which a page may load from a disk, too; lunr.js is not needed."""
    site = config["site_dir"]
    folder = os.path.join(site, "search")
    with open(os.path.join(folder, "search_index.json"), encoding="utf-8") as f:
        docs = json.load(f)["docs"]
    for name in os.listdir(folder):
        os.remove(os.path.join(folder, name))
    with open(os.path.join(folder, "index.js"), "w", encoding="utf-8") as f:
        f.write("globalThis.searchIndex = ")
        json.dump(docs, f, ensure_ascii=False, separators=(",", ":"))
        f.write(";\n")
    for name in ("sitemap.xml", "sitemap.xml.gz"):  # knows no address
        if os.path.exists(os.path.join(site, name)):
            os.remove(os.path.join(site, name))
