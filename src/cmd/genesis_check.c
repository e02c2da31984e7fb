/* ouroscope genesis check: whether genesis files are what a node would take. */
#include <inttypes.h>

#include "cmd/genesis_files.h"
#include "report/safe_text.h"

#define OUT_BYTES_MAX ((size_t)64 << 20)

struct checking {
    const struct parsed_options *options;
    struct buffer out;
    struct json_writer json;
    bool as_json, quiet;
};

/* Names and reasons hold text of the file. */
static void put_safe(struct checking *c, const char *text)
{
    safe_text(&c->out, span_of(text), false);
}

/* "FILE:LINE:COLUMN: PATH: REASON", with the word "remark" where it is one. */
static void put_line(struct checking *c, const struct genesis_finding *f)
{
    put_safe(c, f->file);
    if (f->line)
        buffer_printf(&c->out, ":%" PRIu64 ":%" PRIu64, f->line, f->column);
    buffer_text(&c->out, f->severity == GENESIS_REMARK ? ": remark: " : ": ");
    put_safe(c, f->path);
    if (*f->path)
        buffer_text(&c->out, ": ");
    put_safe(c, f->reason);
    buffer_char(&c->out, '\n');
}

static void put_object(struct checking *c, const struct genesis_finding *f)
{
    json_begin_object(&c->json);
    json_key(&c->json, "severity");
    json_cstring(&c->json, f->severity == GENESIS_FAULT ? "fault" : "remark");
    json_key(&c->json, "file");
    json_cstring(&c->json, f->file);
    json_key(&c->json, "line");
    json_uint(&c->json, f->line);
    json_key(&c->json, "column");
    json_uint(&c->json, f->column);
    json_key(&c->json, "path");
    json_cstring(&c->json, f->path);
    json_key(&c->json, "reason");
    json_cstring(&c->json, f->reason);
    json_end(&c->json);
}

static void on_finding(void *context, const struct genesis_finding *finding)
{
    struct checking *c = context;

    if (c->quiet && finding->severity == GENESIS_REMARK)
        return;
    if (c->as_json)
        put_object(c, finding);
    else
        put_line(c, finding);
}

static void put_count(struct checking *c, const char *separator, uint64_t count, const char *one,
                      const char *many)
{
    buffer_printf(&c->out, "%s%" PRIu64 " %s", separator, count, count == 1 ? one : many);
}

static void put_summary(struct checking *c, const struct genesis_set *set,
                        const struct genesis_check_result *r)
{
    uint64_t files = 0;

    for (int era = 0; era < GENESIS_ERAS; era++)
        files += set->files[era] != NULL;
    put_count(c, "", files, "file", "files");
    if (r->funds)
        put_count(c, ", ", r->funds, "output", "outputs");
    if (r->pools)
        put_count(c, ", ", r->pools, "pool", "pools");
    if (r->delegations)
        put_count(c, ", ", r->delegations, "delegation", "delegations");
    if (r->dreps)
        put_count(c, ", ", r->dreps, "DRep", "DReps");
    put_count(c, ": ", r->faults, "fault", "faults");
    put_count(c, ", ", r->remarks, "remark", "remarks");
    buffer_char(&c->out, '\n');
}

static void put_result(struct checking *c, const struct genesis_check_result *r)
{
    const struct {
        const char *name;
        uint64_t value;
    } counts[] = {
        { "faults", r->faults }, { "remarks", r->remarks },         { "funds", r->funds },
        { "pools", r->pools },   { "delegations", r->delegations }, { "dreps", r->dreps }
    };

    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        json_key(&c->json, counts[i].name);
        json_uint(&c->json, counts[i].value);
    }
}

static enum ou_status check(struct checking *c, const struct genesis_set *set,
                            struct genesis_check_result *ret, struct ou_error *err)
{
    enum ou_status status;

    if (c->as_json) {
        json_begin_object(&c->json);
        json_key(&c->json, "findings");
        json_begin_array(&c->json);
    }
    status = genesis_check(set, on_finding, c, ret, err);
    if (status)
        return status;
    if (c->as_json) {
        json_end(&c->json);
        put_result(c, ret);
        json_end(&c->json);
        buffer_char(&c->out, '\n');
    } else {
        put_summary(c, set, ret);
    }
    return OU_OK;
}

enum exit_code cmd_genesis_check(const struct parsed_options *options)
{
    struct checking c = { .options = options,
                          .as_json = option_given(options, GENESIS_CHECK_JSON),
                          .quiet = option_given(options, GENESIS_CHECK_QUIET) };
    const char *config = option_value(options, GENESIS_CHECK_CONFIG);
    struct genesis_check_result result = { .faults = 0 };
    struct genesis_set owned = { .config = NULL }, set;
    struct ou_error err = { 0 };
    bool is_owned = false;
    enum exit_code code;
    enum ou_status status = chain_crypto_start(&err);

    buffer_init(&c.out, allocator_libc(), OUT_BYTES_MAX);
    json_writer_init(&c.json, &c.out, true);
    if (!status)
        status = genesis_set_of_operands(options, &owned, &is_owned, &err);
    set = owned;
    if (config)
        set.config = config;
    if (!status)
        status = check(&c, &set, &result, &err);
    code = genesis_end(options, status, &c.out, &err);
    if (is_owned)
        genesis_set_release(&owned);
    buffer_release(&c.out);
    return code == EXIT_DONE && result.faults ? EXIT_FAILED : code;
}
