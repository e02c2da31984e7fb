#include "publish/takein.h"

#include <string.h>

#include "base/time.h"

/* Where a series has hundreds of runs, a hundred more take seconds to judge: nobody keeps the others waiting for so long. */
#define HELD_NS (NS_PER_SECOND / 4)

/* A copy of the document, its files without escapes, and what is made of them. */
#define TAKEIN_BYTES_MAX (4 * PUBLICATION_MAX)

enum ou_status takein_read(struct span document, const char *name, struct takein_item *ret,
                           struct ou_error *err)
{
    *ret = (struct takein_item){ .result = { .outcome = PUT_SAME } };
    arena_init(&ret->memory, allocator_libc(), TAKEIN_BYTES_MAX);
    run_set_init(&ret->runs);
    return publication_read(document, name, &ret->memory, &ret->runs, &ret->record, err);
}

void takein_release(struct takein_item *item)
{
    run_set_release(&item->runs);
    arena_release(&item->memory);
}

/* --- The transaction -------------------------------------------------------------------------- */

struct putting {
    struct takein_item *items;
    size_t count, done;
    const struct put_options *options;
};

static enum ou_status put_item(struct sql *db, struct takein_item *item,
                               const struct put_options *options, struct ou_error *err)
{
    struct takein *result = &item->result;
    enum ou_status status =
        record_put_run(db, &item->record, options, result->id, &result->outcome, err);

    if (status || result->outcome == PUT_SAME || put_is_refused(result->outcome))
        return status;
    return judge_run(db, result->id, options->now_ns, err);
}

static enum ou_status put_all(struct sql *db, void *context, struct ou_error *err)
{
    const int64_t end_ns = time_monotonic_ns() + HELD_NS;
    struct putting *p = context;
    enum ou_status status = OU_OK;

    p->done = 0;
    do {
        status = put_item(db, &p->items[p->done], p->options, err);
        p->done += !status;
    } while (!status && p->done < p->count && time_monotonic_ns() < end_ns);
    return status;
}

static enum ou_status check_project(const struct takein_item *item,
                                    const struct put_options *options, struct ou_error *err)
{
    const char *only = options->only_project;

    return !only || strcmp(only, item->record.project) == 0
               ? OU_OK
               : ou_fail(err, OU_USAGE, "this token is for runs of the project %s", only);
}

enum ou_status takein_put(struct sql *db, struct takein_item *items, size_t count,
                          const struct put_options *options, size_t *ret_done, struct ou_error *err)
{
    struct putting putting = { .items = items, .count = count, .options = options };
    enum ou_status status = OU_OK;

    for (size_t i = 0; !status && i < count; i++)
        status = check_project(&items[i], options, err);
    if (!status)
        status = sql_write(db, put_all, &putting, err);
    *ret_done = status ? 0 : putting.done;
    return status;
}

enum ou_status take_in(struct sql *db, struct span document, const char *name,
                       const struct put_options *options, struct takein *ret, struct ou_error *err)
{
    struct takein_item item;
    size_t done;
    enum ou_status status = takein_read(document, name, &item, err);

    if (!status)
        status = takein_put(db, &item, 1, options, &done, err);
    *ret = item.result;
    takein_release(&item);
    return status;
}
