/* Files that pages need: style, scripts, the icon. Their paths have a hash of what is in them, so that a browser asks once,
 * and never shows a page with the scripts of another version. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "chain/hash.h"
#include "pages/page.h"

enum { HASH_SHOWN = 16, PATH_ROOM = 64 };
#define FOLDER "/static/"

extern char report_css[], site_css[], report_js[], site_js[], charts_js[], icon_svg[], docs_js[],
    swagger_js[], swagger_css[];

struct static_file {
    const char *name, *type;
    const char *parts[2]; /* one behind the other */
    char path[PATH_ROOM]; /* "" without content */
};

#define TYPE_JS "text/javascript;charset=utf-8"
#define TYPE_CSS "text/css;charset=utf-8"
static struct static_file files[] = {
    { .name = "site.css", .type = TYPE_CSS, .parts = { report_css, site_css } },
    { .name = "report.js", .type = TYPE_JS, .parts = { report_js, "" } },
    { .name = "site.js", .type = TYPE_JS, .parts = { site_js, "" } },
    { .name = "charts.js", .type = TYPE_JS, .parts = { charts_js, "" } },
    { .name = "swagger.js", .type = TYPE_JS, .parts = { swagger_js, "" } },
    { .name = "swagger.css", .type = TYPE_CSS, .parts = { swagger_css, "" } },
    { .name = "docs.js", .type = TYPE_JS, .parts = { docs_js, "" } },
    { .name = "icon.svg", .type = "image/svg+xml", .parts = { icon_svg, "" } },
};
#define FILES (sizeof files / sizeof *files)

static struct bytes text_bytes(const char *text)
{
    return (struct bytes){ (const uint8_t *)text, strlen(text) };
}

static void name_file(struct static_file *f)
{
    uint8_t hash[HASH_BYTES];
    char text[2 * HASH_BYTES + 1];
    const char *dot = strrchr(f->name, '.');

    if (!*f->parts[0])
        return;
    hash256_pair(text_bytes(f->parts[0]), text_bytes(f->parts[1]), hash);
    hash_text(hash, text);
    snprintf(f->path, sizeof f->path, FOLDER "%.*s.%.*s%s", (int)(dot - f->name), f->name,
             HASH_SHOWN, text, dot);
}

static void name_files(void)
{
    for (size_t i = 0; i < FILES; i++)
        name_file(&files[i]);
}

static const struct static_file *named_files(void)
{
    static pthread_once_t named = PTHREAD_ONCE_INIT;

    pthread_once(&named, name_files);
    return files;
}

static const struct static_file *find_name(const char *name)
{
    for (const struct static_file *f = named_files(); f < files + FILES; f++)
        if (*f->path && strcmp(f->name, name) == 0)
            return f;
    return NULL;
}

/* By what stands behind the folder in its path. */
static const struct static_file *find_path(const char *end)
{
    for (const struct static_file *f = named_files(); f < files + FILES; f++)
        if (*f->path && strcmp(f->path + strlen(FOLDER), end) == 0)
            return f;
    return NULL;
}

const char *page_static_path(const char *name)
{
    const struct static_file *f = find_name(name);

    return f ? f->path : NULL;
}

static void answer_file(struct api_request *r, const struct static_file *f, bool immutable)
{
    r->answer->status = 200;
    r->answer->type = f->type;
    buffer_text(&r->answer->body, f->parts[0]);
    buffer_text(&r->answer->body, f->parts[1]);
    api_conditional(r, NULL, immutable);
}

void page_static(struct api_request *r)
{
    const struct static_file *f = find_path(api_path_value(r, "file"));

    if (f)
        answer_file(r, f, true);
    else
        page_refused(r, PROBLEM_NOT_FOUND, "There is no such file.");
}

/* Browsers ask for this one wherever a page has none of its own: answers of the API. */
void page_icon(struct api_request *r)
{
    answer_file(r, find_name("icon.svg"), false);
}
