/* ouroscope genesis create: the genesis files and keys of a profile. */
#include "cmd/genesis_create.h"

#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <sodium.h>
#include <stdio.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "base/time.h"
#include "cmd/help.h"
#include "cmd/profile.h"
#include "cmd/progress.h"
#include "cmd/say.h"
#include "cmd/terminal.h"
#include "genesis/create.h"
#include "json/tree.h"
#include "json/write.h"

#define OUT_BYTES_MAX ((size_t)1 << 20)
#define HASHES_BYTES_MAX 65536
#define SEED_BYTES 32
/* Between two drawings of the line of progress. */
#define DRAW_NS (NS_PER_SECOND / 10)

struct request {
    const struct parsed_options *options;
    const char *directory;
    struct profile profile;
    int64_t start_ns;
    char cache[PATH_MAX];
    uint8_t seed[SEED_BYTES];
    struct genesis_options genesis;
    struct progress progress;
    int64_t drawn_ns;
};

/* ---- what is asked for ---- */

/* Without one: as soon as a run of the profile could begin. */
static enum ou_status read_start(struct request *r, struct ou_error *err)
{
    const char *text = option_value(r->options, GENESIS_CREATE_START);
    const int64_t delay_ns = (int64_t)ceil(r->profile.start_delay_s) * NS_PER_SECOND;

    r->start_ns = (time_wall_ns() / NS_PER_SECOND + 1) * NS_PER_SECOND + delay_ns;
    if (text &&
        (!time_parse_iso(text, strlen(text), &r->start_ns) || r->start_ns % NS_PER_SECOND != 0))
        return ou_fail(err, OU_USAGE,
                       "--start must be a whole second like 2026-01-14T13:02:30Z, not '%s'", text);
    return OU_OK;
}

static enum ou_status read_seed(struct request *r, struct ou_error *err)
{
    const char *text = option_value(r->options, GENESIS_CREATE_SEED);
    size_t got = 0;

    if (!text)
        return OU_OK;
    if (sodium_hex2bin(r->seed, sizeof r->seed, text, strlen(text), NULL, &got, NULL) != 0 ||
        got != sizeof r->seed)
        return ou_fail(err, OU_USAGE, "--seed must be 64 hexadecimal digits");
    r->genesis.seed = r->seed;
    return OU_OK;
}

static enum ou_status read_cache(struct request *r, struct ou_error *err)
{
    const char *given = option_value(r->options, GENESIS_CREATE_CACHE);

    if (option_given(r->options, GENESIS_CREATE_NO_CACHE)) {
        if (given)
            return ou_fail(err, OU_USAGE, "--cache and --no-cache exclude each other");
        return OU_OK;
    }
    /* Where there is no home, nothing is kept. */
    if (!given && genesis_cache_default(r->cache, sizeof r->cache, NULL))
        return OU_OK;
    r->genesis.cache = given ? given : r->cache;
    return OU_OK;
}

static enum ou_status read_request(struct request *r, struct ou_error *err)
{
    enum ou_status status;

    r->genesis.cardano_cli = option_value(r->options, GENESIS_CREATE_CARDANO_CLI);
    r->genesis.node_version = option_value(r->options, GENESIS_CREATE_NODE_VERSION);
    status = read_seed(r, err);
    if (!status && r->genesis.seed && r->genesis.cardano_cli)
        status = ou_fail(err, OU_USAGE, "--seed: cardano-cli makes keys of its own");
    if (!status)
        status = read_cache(r, err);
    if (!status)
        status = profile_of_options(r->options, r->options->operands[0], GENESIS_CREATE_OVERLAY,
                                    &r->profile, err);
    if (!status && r->profile.node_kind == NODE_COMMAND)
        status =
            ou_fail(err, OU_USAGE, "profile %.64s: its nodes are commands, which have no genesis",
                    r->profile.name);
    return status ? status : read_start(r, err);
}

/* ---- how far it is ---- */

static void show_progress(void *context, uint64_t done, uint64_t all)
{
    struct request *r = context;
    const int64_t now = time_monotonic_ns();
    char line[PROGRESS_ROOM] = "", item[60];

    if (!r->progress.shown || now - r->drawn_ns < DRAW_NS)
        return;
    r->drawn_ns = now;
    snprintf(item, sizeof item, "%.0f %%", all ? 100 * (double)done / (double)all : 0);
    progress_add(line, r->progress.width, item);
    snprintf(item, sizeof item, "%" PRIu64 " of %" PRIu64 " entries", done, all);
    progress_add(line, r->progress.width, item);
    progress_draw(&r->progress, line);
}

static void prepare_progress(struct request *r)
{
    const enum when when = when_of(option_value(r->options, GENESIS_CREATE_PROGRESS));

    r->progress = (struct progress){
        .shown = !option_given(r->options, GENESIS_CREATE_QUIET) &&
                 terminal_progress(STDERR_FILENO, when),
        .fd = STDERR_FILENO,
        .width = terminal_width(STDERR_FILENO),
    };
    r->genesis.progress = show_progress;
    r->genesis.context = r;
}

/* ---- what was made ---- */

static enum ou_status load_hashes(const struct request *r, json_t **ret, struct ou_error *err)
{
    char path[PATH_MAX];

    if (snprintf(path, sizeof path, "%s/hashes.json", r->directory) >= (int)sizeof path)
        return ou_fail(err, OU_TOO_LARGE, "%.80s...: the path is too long", r->directory);
    return json_tree_load(path, HASHES_BYTES_MAX, ret, err);
}

static void put_json(const struct request *r, const struct genesis_made *made, json_t *hashes,
                     struct buffer *out)
{
    struct json_writer w;
    const char *era;
    json_t *hash;

    json_writer_init(&w, out, true);
    json_begin_object(&w);
    json_key(&w, "profile");
    json_cstring(&w, r->profile.name);
    json_key(&w, "directory");
    json_cstring(&w, r->directory);
    json_key(&w, "start");
    json_instant(&w, r->start_ns);
    json_key(&w, "dataset");
    json_cstring(&w, made->dataset);
    json_key(&w, "cached");
    json_bool(&w, made->cached);
    json_key(&w, "funds");
    json_uint(&w, made->funds);
    json_key(&w, "pools");
    json_uint(&w, r->profile.pools);
    json_key(&w, "delegations");
    json_uint(&w, made->delegations);
    json_key(&w, "dreps");
    json_uint(&w, made->dreps);
    json_key(&w, "dataset_s");
    json_double(&w, made->dataset_s);
    json_key(&w, "parameters_s");
    json_double(&w, made->parameters_s);
    json_key(&w, "hashes");
    json_begin_object(&w);
    json_object_foreach(hashes, era, hash)
    {
        json_key(&w, era);
        json_cstring(&w, json_string_value(hash));
    }
    json_end(&w);
    json_end(&w);
    buffer_char(out, '\n');
}

static void put_text(const struct request *r, const struct genesis_made *made, json_t *hashes,
                     struct buffer *out)
{
    char start[TIME_ISO_ROOM];
    const char *era;
    json_t *hash;

    start[time_format_iso(r->start_ns, start)] = '\0';
    buffer_printf(out, "%s: genesis of %s, which starts at %s\n", r->directory, r->profile.name,
                  start);
    buffer_printf(out,
                  "  data set    %s, %s\n"
                  "              %" PRIu64 " funds, %" PRIu32 " pools, %" PRIu64
                  " delegations, %" PRIu64 " DReps\n",
                  made->dataset, made->cached ? "kept from before" : "new", made->funds,
                  r->profile.pools, made->delegations, made->dreps);
    buffer_printf(out, "  time        %.3f s for the data set, %.3f s for the parameters\n",
                  made->dataset_s, made->parameters_s);
    json_object_foreach(hashes, era, hash)
    {
        buffer_printf(out, "  %-10s  %s\n", era, json_string_value(hash));
    }
}

static enum ou_status tell(const struct request *r, const struct genesis_made *made,
                           struct buffer *out, struct ou_error *err)
{
    json_t *hashes = NULL;
    enum ou_status status = load_hashes(r, &hashes, err);

    if (status)
        return status;
    if (option_given(r->options, GENESIS_CREATE_JSON))
        put_json(r, made, hashes, out);
    else if (!option_given(r->options, GENESIS_CREATE_QUIET))
        put_text(r, made, hashes, out);
    json_decref(hashes);
    return OU_OK;
}

/* ---- all of it ---- */

static enum ou_status create(struct request *r, struct buffer *out, struct ou_error *err)
{
    struct genesis_made made;
    enum ou_status status;

    prepare_progress(r);
    status = genesis_create(&r->profile, r->directory, r->start_ns, &r->genesis, &made, err);
    progress_erase(&r->progress);
    return status ? status : tell(r, &made, out, err);
}

enum exit_code cmd_genesis_create(const struct parsed_options *options)
{
    struct request r = { .options = options, .directory = options->operands[1] };
    struct buffer out;
    struct ou_error err = { 0 };
    enum ou_status status = read_request(&r, &err);
    enum exit_code code;

    interrupt_install();
    buffer_init(&out, allocator_libc(), OUT_BYTES_MAX);
    if (!status)
        status = create(&r, &out, &err);
    code = status ? profile_command_failed(options, status, &err) : profile_put(options, &out);
    buffer_release(&out);
    profile_release(&r.profile);
    sodium_memzero(r.seed, sizeof r.seed);
    return code;
}
