/* Bundles: fetched, checked, unpacked beside the run's folder, and moved into it. One that is there has a marker file with what it
 * took, by which a later agent in the same folder knows it. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "agent/agent_carrier.h"
#include "base/time.h"
#include "storage/bundle.h"
#include "storage/transfer.h"

#define TRIES 3
#define FIRST_WAIT_S 1.0
#define UNPACK_FOLDER "unpack"
/* Left free for logs, beside the archive and its content, which are both there for a while. */
#define SPARE_BYTES ((uint64_t)16 << 20)

#define NAME_ROOM 96

/* A start waits for these bytes: a connection on which none comes is given up sooner than usual, and the next one goes on where it was. */
static const struct retry_policy IN_A_HURRY = {
    .tries = 6, .first_s = 0.5, .most_s = 8, .all_s = 60, .stall_s = 5
};

struct bringing {
    const struct agent_carrier *carrier;
    const struct order_bundle *order;
    size_t i; /* on the board */
    struct agent_bundle told;
    char archive[NAME_ROOM], marker[NAME_ROOM]; /* in FOLDER/agent */
};

/* ---- known ---- */

static double seconds_of(const json_t *document, const char *name)
{
    const json_t *member = json_object_get(document, name);

    return json_is_number(member) ? json_number_value(member) : NAN;
}

/* Whether an agent has unpacked it before. */
static bool is_known(struct bringing *b)
{
    json_t *document = NULL;

    if (agent_folder_load(b->carrier->with.folder, b->marker, &document, NULL) || !document)
        return false;
    b->told.bytes_done = b->order->bytes;
    b->told.fetch_s = seconds_of(document, "fetch_s");
    b->told.unpack_s = seconds_of(document, "unpack_s");
    b->told.resumed = (unsigned)json_integer_value(json_object_get(document, "resumed"));
    json_decref(document);
    return true;
}

static enum ou_status mark(const struct bringing *b, struct ou_error *err)
{
    json_t *document =
        json_pack("{s:s, s:f, s:f, s:I}", "sha256", b->order->sha256, "fetch_s", b->told.fetch_s,
                  "unpack_s", b->told.unpack_s, "resumed", (json_int_t)b->told.resumed);
    enum ou_status status =
        document ? agent_folder_save(b->carrier->with.folder, b->marker, document, err)
                 : ou_fail(err, OU_NO_MEMORY, "no memory");

    json_decref(document);
    return status;
}

/* ---- brought ---- */

static enum ou_status check_room(const struct bringing *b, struct ou_error *err)
{
    const uint64_t free_bytes = agent_folder_free_bytes(b->carrier->with.folder);
    const uint64_t bytes = b->order->bytes, content_bytes = b->order->content_bytes;

    if (bytes <= free_bytes && content_bytes <= free_bytes - bytes &&
        SPARE_BYTES <= free_bytes - bytes - content_bytes)
        return OU_OK;
    return ou_fail(
        err, OU_IO, "%s: %.1f MB with its content, and %.1f MB are free on the disk of this host",
        b->order->name, ((double)bytes + (double)content_bytes) / 1e6, (double)free_bytes / 1e6);
}

static void on_progress(void *context, uint64_t done, uint64_t all)
{
    struct bringing *b = context;

    (void)all;
    b->told.bytes_done = done;
    agent_board_bundle_progress(b->carrier->with.board, b->i, done);
}

static enum ou_status fetch(struct bringing *b, const char *path, struct ou_error *err)
{
    const struct transfer_progress progress = { on_progress, b };

    return transfer_get(b->carrier->client, &IN_A_HURRY, b->order->url, path, b->order->bytes,
                        b->order->sha256, &progress, &b->told.fetch_s, &b->told.resumed, err);
}

static enum ou_status unpack(struct bringing *b, const char *path, struct ou_error *err)
{
    const struct agent_folder *folder = b->carrier->with.folder;
    const struct bundle_limits limits = { .content_bytes = b->order->content_bytes,
                                          .files = BUNDLE_LIMITS.files,
                                          .file_bytes = b->order->content_bytes };
    const int64_t begun_ns = time_monotonic_ns();
    char to[PATH_MAX];
    enum ou_status status = agent_folder_in_own(folder, UNPACK_FOLDER, to, err);

    if (status)
        return status;
    agent_folder_remove(folder, UNPACK_FOLDER); /* of a try before */
    if (mkdir(to, S_IRWXU) < 0)
        return ou_fail(err, OU_IO, "make folder %s: %s", to, strerror(errno));
    status = bundle_unpack(path, to, &limits, NULL, err);
    if (!status)
        status = agent_folder_merge(folder, UNPACK_FOLDER, err);
    agent_folder_remove(folder, UNPACK_FOLDER);
    b->told.unpack_s = (double)(time_monotonic_ns() - begun_ns) / (double)NS_PER_SECOND;
    return status;
}

static enum ou_status bring_once(struct bringing *b, struct ou_error *err)
{
    const struct agent_folder *folder = b->carrier->with.folder;
    char path[PATH_MAX];
    enum ou_status status = agent_folder_in_own(folder, b->archive, path, err);

    if (!status)
        status = check_room(b, err);
    if (!status)
        status = fetch(b, path, err);
    if (!status)
        status = unpack(b, path, err);
    if (!status)
        status = mark(b, err);
    /* What a broken fetch has so far, a .part file, stays: the next try goes on with it. */
    agent_folder_remove(folder, b->archive);
    return status;
}

/* ---- told ---- */

static void tell(const struct bringing *b, enum agent_bundle_state state, const char *problem)
{
    struct agent_bundle told = b->told;

    told.state = state;
    told.problem = problem;
    agent_board_bundle(b->carrier->with.board, b->i, &told);
}

static void say_done(const struct bringing *b)
{
    agent_say(b->carrier->with.voice,
              "%s is here: %.1f MB fetched in %.1f s, its %.1f MB unpacked in %.1f s",
              b->order->name, (double)b->order->bytes / 1e6, b->told.fetch_s,
              (double)b->order->content_bytes / 1e6, b->told.unpack_s);
}

/* Newer orders, and the end, break it off: then they say what is wanted, and it has not failed. */
static void bring(struct bringing *b)
{
    struct ou_error err = { "" };
    enum ou_status status = OU_OK;
    bool broken_off = false;
    double wait_s = FIRST_WAIT_S;

    for (int i = 0; i < TRIES && !broken_off; i++, wait_s *= 2) {
        tell(b, BUNDLE_FETCHING, err.text);
        status = bring_once(b, &err);
        if (!status || status == OU_INTERRUPTED)
            break;
        agent_say(b->carrier->with.voice, "%s", err.text);
        if (i + 1 < TRIES)
            agent_board_pause(b->carrier->with.board, wait_s);
        broken_off = agent_board_has_newer(b->carrier->with.board);
    }
    if (!status)
        say_done(b);
    if (!status || (status != OU_INTERRUPTED && !broken_off))
        tell(b, status ? BUNDLE_FAILED : BUNDLE_UNPACKED, status ? err.text : "");
}

void agent_bundle_bring(const struct agent_carrier *c, size_t i, const struct order_bundle *order)
{
    struct bringing b = { .carrier = c,
                          .order = order,
                          .i = i,
                          .told = { .sha256 = order->sha256, .fetch_s = NAN, .unpack_s = NAN } };

    snprintf(b.archive, sizeof b.archive, "bundle-%s.tar.zst", order->sha256);
    snprintf(b.marker, sizeof b.marker, "bundle-%s.json", order->sha256);
    if (is_known(&b))
        tell(&b, BUNDLE_UNPACKED, "");
    else
        bring(&b);
}
