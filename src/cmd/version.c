#include "cmd/version.h"

#include <archive.h>
#include <curl/curl.h>
#include <expat.h>
#include <jansson.h>
#include <libpq-fe.h>
#include <microhttpd.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <uv.h>
#include <xxhash.h>
#include <yaml.h>
#include <zlib.h>
#include <zstd.h>

#include "base/build.h"
#include "json/write.h"
#include "pages/page.h"
#include "report/charts.h"
#include "stats/laws.h"

#define TEXT_BYTES ((size_t)1 << 20)
#define LABEL "%-11s"

/* ---- libraries, as they are when the program runs ---- */

static const char *curl_number(void)
{
    return curl_version_info(CURLVERSION_NOW)->version;
}

/* 150020 is 15.20. */
static const char *libpq_number(void)
{
    static char text[24];
    const int number = PQlibVersion();

    snprintf(text, sizeof text, "%d.%d", number / 10000, number % 10000);
    return text;
}

static const char *xxhash_number(void)
{
    static char text[36];
    const unsigned number = XXH_versionNumber();

    snprintf(text, sizeof text, "%u.%u.%u", number / 10000, number / 100 % 100, number % 100);
    return text;
}

static const struct library {
    const char *name;
    const char *(*number)(void); /* perhaps with a name in front */
} libraries[] = {
    { "curl", curl_number },
    { "expat", XML_ExpatVersion },
    { "gsl", laws_library_version },
    { "jansson", jansson_version_str },
    { "libarchive", archive_version_string },
    { "libmicrohttpd", MHD_get_version },
    { "libpq", libpq_number },
    { "libsodium", sodium_version_string },
    { "libuv", uv_version_string },
    { "libyaml", yaml_get_version_string },
    { "libzstd", ZSTD_versionString },
    { "sqlite", sqlite3_libversion },
    { "xxhash", xxhash_number },
    { "zlib", zlibVersion },
};
#define LIBRARIES (sizeof libraries / sizeof *libraries)

/* "expat_2.5.0" is 2.5.0. */
static const char *number_of(const struct library *l)
{
    const char *text = l->number();

    return text + strcspn(text, "0123456789");
}

/* ---- parts that a build may be without ---- */

static bool has_charts(void)
{
    return charts_missing() == NULL;
}

static bool has_journal(void)
{
#ifdef HAVE_JOURNAL
    return true;
#else
    return false;
#endif
}

static bool has_swagger(void)
{
    return page_static_path("swagger.js") != NULL;
}

static const struct part {
    const char *name;
    bool (*is_there)(void);
} parts[] = { { "charts", has_charts }, { "journal", has_journal }, { "swagger", has_swagger } };
#define PARTS (sizeof parts / sizeof *parts)

/* ---- for people ---- */

static void print_parts(bool there, const char *label)
{
    const char *before = "";

    for (size_t i = 0; i < PARTS; i++) {
        if (parts[i].is_there() != there)
            continue;
        if (!*before)
            printf(LABEL, label);
        printf("%s%s", before, parts[i].name);
        before = ", ";
    }
    if (*before)
        putchar('\n');
}

static void print_text(const struct build_facts *build)
{
    printf("ouroscope %s\n", build->version);
    printf(LABEL "%s", "commit", build->commit[0] ? build->commit : "unknown");
    printf(build->commit_time[0] ? ", %s\n" : "%s\n", build->commit_time);
    printf(LABEL "%s\n", "compiler", build->compiler);
    printf(LABEL, "flags");
    for (size_t i = 0; build->flags[i]; i++)
        printf("%s%s", i ? ", " : "", build->flags[i]);
    putchar('\n');
    print_parts(true, "with");
    print_parts(false, "without");
    for (size_t i = 0; i < LIBRARIES; i++)
        printf(LABEL "%s %s\n", i ? "" : "libraries", libraries[i].name, number_of(&libraries[i]));
    if (!has_charts())
        printf("Pages have no pictures: %s.\n", charts_missing());
}

/* ---- for programs ---- */

static void write_known(struct json_writer *w, const char *key, const char *text)
{
    json_key(w, key);
    json_cstring(w, text[0] ? text : NULL);
}

static void write_facts(struct json_writer *w, const struct build_facts *build)
{
    json_begin_object(w);
    write_known(w, "version", build->version);
    write_known(w, "commit", build->commit);
    write_known(w, "commitTime", build->commit_time);
    write_known(w, "compiler", build->compiler);
    json_key(w, "flags");
    json_begin_array_inline(w);
    for (const char *const *flag = build->flags; *flag; flag++)
        json_cstring(w, *flag);
    json_end(w);
    json_key(w, "parts");
    json_begin_object(w);
    for (size_t i = 0; i < PARTS; i++) {
        json_key(w, parts[i].name);
        json_bool(w, parts[i].is_there());
    }
    json_end(w);
    json_key(w, "libraries");
    json_begin_object(w);
    for (size_t i = 0; i < LIBRARIES; i++)
        write_known(w, libraries[i].name, number_of(&libraries[i]));
    json_end(w);
    json_end(w);
}

static bool print_json(const struct build_facts *build)
{
    bool is_whole;
    struct buffer text;
    struct json_writer w;

    buffer_init(&text, allocator_libc(), TEXT_BYTES);
    json_writer_init(&w, &text, true);
    write_facts(&w, build);
    is_whole = !buffer_status(&text);
    if (is_whole)
        puts(buffer_string(&text));
    buffer_release(&text);
    return is_whole;
}

bool version_print(bool as_json)
{
    if (as_json)
        return print_json(build_facts());
    print_text(build_facts());
    return true;
}
