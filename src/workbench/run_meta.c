#include "workbench/run_meta.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/time.h"
#include "json/tree.h"

#define YEARS_S 3e9 /* who plans for longer means: without end */

#ifdef __clang__
#define COMPILER "clang " __clang_version__
#else
#define COMPILER "gcc " __VERSION__
#endif

/* ---- how the program was built: what changes how fast it is ---- */

static json_t *flags(void)
{
    json_t *list = json_array();

#ifdef __OPTIMIZE__
    json_array_append_new(list, json_string("optimized"));
#endif
#ifndef NDEBUG
    json_array_append_new(list, json_string("assertions"));
#endif
#ifdef __SANITIZE_ADDRESS__
    json_array_append_new(list, json_string("address-sanitizer"));
#endif
#ifdef __SANITIZE_THREAD__
    json_array_append_new(list, json_string("thread-sanitizer"));
#endif
    return list;
}

/* ---- the machine ---- */

/* "model name : X" of the first processor; null where the system tells it otherwise. */
static json_t *processor_model(void)
{
    FILE *f = fopen("/proc/cpuinfo", "re");
    json_t *model = NULL;
    char line[256];

    while (f && !model && fgets(line, sizeof line, f)) {
        const char *colon = strchr(line, ':');

        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, "model name", 10) == 0 && colon)
            model = json_string(colon + 1 + strspn(colon + 1, " "));
    }
    if (f)
        fclose(f);
    return model ? model : json_null();
}

static json_t *machine(void)
{
    long page = sysconf(_SC_PAGESIZE), pages = sysconf(_SC_PHYS_PAGES);
    struct utsname system = { 0 };
    char kernel[sizeof system.sysname + sizeof system.release + 1];

    uname(&system);
    snprintf(kernel, sizeof kernel, "%s %s", system.sysname, system.release);
    return json_pack("{s:I, s:I, s:s, s:s, s:o}", "cores",
                     (json_int_t)sysconf(_SC_NPROCESSORS_ONLN), "memory_bytes",
                     (json_int_t)page * (json_int_t)pages, "kernel", kernel, "architecture",
                     system.machine, "cpu", processor_model());
}

/* ---- time ---- */

/* Seconds since 1970 at which something ends that takes so long; TIME_NONE for what has no end. */
static int64_t end_s(int64_t start_s, double duration_s)
{
    return duration_s < YEARS_S ? start_s + (int64_t)ceil(duration_s) : TIME_NONE;
}

/* How long the load lasts: as long as the generator has to send; all of the run when there is none. */
static double load_s(const struct profile *p)
{
    return p->loaded && p->tps > 0 ? (double)p->tx_count / p->tps : p->max_duration_s;
}

static double shutdown_s(const struct profile *p)
{
    return p->stop_slot == UINT64_MAX ? load_s(p) : (double)p->stop_slot * p->slot_s;
}

static void set_instant(json_t *object, const char *seconds_key, const char *text_key, int64_t at_s)
{
    char text[TIME_ISO_ROOM];

    if (at_s == TIME_NONE) {
        json_object_set_new(object, seconds_key, json_null());
        json_object_set_new(object, text_key, json_null());
        return;
    }
    time_format_iso(at_s * NS_PER_SECOND, text);
    json_object_set_new(object, seconds_key, json_integer(at_s));
    json_object_set_new(object, text_key, json_string(text));
}

/* The record of the existing workbench: planned instants. What really ended the run is in status.json. */
static json_t *timing(const struct run_meta *m)
{
    int64_t start_s = m->start_ns / NS_PER_SECOND;
    double shutdown = shutdown_s(m->profile), load = load_s(m->profile);
    json_t *object = json_object();

    json_object_set_new(object, "future_offset", json_real(m->profile->start_delay_s));
    set_instant(object, "start", "systemStart", start_s);
    set_instant(object, "shutdown_end", "shutdownTime", end_s(start_s, shutdown));
    set_instant(object, "workload_end", "workloadEndTime", end_s(start_s, load));
    set_instant(object, "earliest_end", "earliestEndTime", end_s(start_s, fmin(shutdown, load)));
    return object;
}

/* ---- its place ---- */

static json_t *design(const struct run_meta *m)
{
    const struct run_place *p = &m->place;

    if (!p->series)
        return json_null();
    return json_pack("{s:s, s:I, s:I}", "series", p->series[0] ? p->series : m->tag, "block",
                     (json_int_t)p->block, "position", (json_int_t)p->position);
}

/* ---- all of it ---- */

json_t *run_meta_document(const struct run_meta *m)
{
    const struct profile *p = m->profile;
    json_t *meta = json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:[{s:s, s:s, s:n}], s:O}",
        "tag", m->tag, "ident", m->ident, "batch", m->batch, "profile", p->name, "era", "conway",
        "backend", "local", "node_kind", "reference", "node_version", OUROSCOPE_VERSION, "compiler",
        COMPILER, "flags", flags(), "machine", machine(), "design", design(m), "timing", timing(m),
        "manifest", "name", "ouroscope", "version", OUROSCOPE_VERSION, "commit", "profile_content",
        p->document);

    return meta ? json_pack("{s:o}", "meta", meta) : NULL;
}

enum ou_status run_meta_write(const struct run_meta *m, const char *run_directory,
                              struct ou_error *err)
{
    char path[PATH_MAX];
    json_t *document;
    enum ou_status status;

    if (snprintf(path, sizeof path, "%s/meta.json", run_directory) >= (int)sizeof path)
        return ou_fail(err, OU_IO, "%.80s...: the path is too long", run_directory);
    document = run_meta_document(m);
    if (!document)
        return ou_fail(err, OU_NO_MEMORY, "%s: no memory", path);
    status = json_tree_save(document, path, err);
    json_decref(document);
    return status;
}
