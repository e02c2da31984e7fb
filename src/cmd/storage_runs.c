#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "cmd/storage.h"

#define RUNS_MAX 100000

/* Keys come in order: those of a run stand together. */
struct collecting {
    struct storage_runs *list;
    size_t prefix_len;
};

static struct storage_run *add_run(struct storage_runs *list, const char *name, size_t len)
{
    struct storage_run *run;

    if (!array_reserve(allocator_libc(), (void **)&list->runs, &list->cap, list->count + 1,
                       sizeof *list->runs, RUNS_MAX)) {
        list->status = list->count == RUNS_MAX ? OU_TOO_LARGE : OU_NO_MEMORY;
        return NULL;
    }
    run = &list->runs[list->count];
    *run = (struct storage_run){ .name = strndup(name, len), .changed_ns = TIME_NONE };
    if (!run->name) {
        list->status = OU_NO_MEMORY;
        return NULL;
    }
    list->count++;
    return run;
}

static struct storage_run *run_of(struct storage_runs *list, const char *name, size_t len)
{
    struct storage_run *last = list->count ? &list->runs[list->count - 1] : NULL;

    if (last && strlen(last->name) == len && strncmp(last->name, name, len) == 0)
        return last;
    return add_run(list, name, len);
}

/* What stands beside the runs' folders is not ours. */
static bool collect(void *context, const struct s3_object *object)
{
    struct collecting *c = context;
    const char *name = object->key + c->prefix_len;
    const char *slash = strchr(name, '/');
    struct storage_run *run;

    if (!slash || slash == name)
        return true;
    run = run_of(c->list, name, (size_t)(slash - name));
    if (!run)
        return false;
    run->objects++;
    run->bytes += object->bytes;
    if (run->changed_ns == TIME_NONE || object->modified_ns > run->changed_ns)
        run->changed_ns = object->modified_ns;
    return true;
}

enum ou_status storage_runs_read(const struct storage_asked *asked, struct storage_runs *ret,
                                 struct ou_error *err)
{
    struct collecting c = { ret, strlen(asked->prefix) };
    enum ou_status status = s3_list(asked->s3, asked->prefix, collect, &c, err);

    if (!status && ret->status)
        status = ou_fail(err, ret->status, "list s3://%s/%s: %s", s3_bucket(asked->s3),
                         asked->prefix, ou_status_name(ret->status));
    return status;
}

void storage_runs_release(struct storage_runs *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->runs[i].name);
    alloc_free(allocator_libc(), list->runs, list->cap * sizeof *list->runs);
    *list = (struct storage_runs){ 0 };
}
