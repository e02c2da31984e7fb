#include "agent/agent_urls.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/members.h"
#include "json/tree.h"

#define KEPT_BYTES_MAX ((size_t)64 << 10)

/* Returns whether it is another one now. */
static bool replace(char **url, const char *with)
{
    char *copy = with && (!*url || strcmp(*url, with) != 0) ? strdup(with) : NULL;

    if (!copy)
        return false;
    free(*url);
    *url = copy;
    return true;
}

static enum ou_status path_of(const struct agent_urls *u, char ret[PATH_MAX], struct ou_error *err)
{
    if (snprintf(ret, PATH_MAX, "%s.urls", u->task_file) >= PATH_MAX)
        return ou_fail(err, OU_IO, "%.80s...: the path is too long", u->task_file);
    return OU_OK;
}

/* "for" is the URL of the task file that they came after. */
static void take_kept(struct agent_urls *u, const json_t *document)
{
    struct reading reading = { .what = "kept URLs" };
    struct arena memory;
    struct members m;
    const char *after, *orders, *state;

    arena_init(&memory, allocator_libc(), 4 * KEPT_BYTES_MAX);
    reading.memory = &memory;
    m = members_of(&reading, document);
    after = members_url_or(&m, "for", NULL);
    orders = members_url_or(&m, "orders", NULL);
    state = members_url_or(&m, "state", NULL);
    if (!reading.status && after && strcmp(after, u->task->orders_url) == 0) {
        replace(&u->orders, orders);
        replace(&u->state, state);
    }
    arena_release(&memory);
}

enum ou_status agent_urls_begin(struct agent_urls *u, const struct agent_task *task,
                                const char *task_file, struct ou_error *err)
{
    char path[PATH_MAX];
    json_t *document = NULL;

    *u = (struct agent_urls){ .task = task, .task_file = task_file };
    if (!path_of(u, path, NULL) && !json_tree_load(path, KEPT_BYTES_MAX, &document, NULL))
        take_kept(u, document);
    json_decref(document);
    if (!u->orders)
        replace(&u->orders, task->orders_url);
    if (!u->state)
        replace(&u->state, task->state_url);
    return u->orders && u->state ? OU_OK : ou_fail(err, OU_NO_MEMORY, "no memory for URLs");
}

/* The agent's umask makes it private from its first byte on. */
static enum ou_status keep(const struct agent_urls *u, struct ou_error *err)
{
    char path[PATH_MAX];
    json_t *document = NULL;
    enum ou_status status = path_of(u, path, err);

    if (status)
        return status;
    document = json_pack("{s:s, s:s, s:s}", "for", u->task->orders_url, "orders", u->orders,
                         "state", u->state);
    status = document ? json_tree_save(document, path, err)
                      : ou_fail(err, OU_NO_MEMORY, "no memory for URLs");
    json_decref(document);
    return status;
}

enum ou_status agent_urls_renew(struct agent_urls *u, const char *orders, const char *state,
                                struct ou_error *err)
{
    bool others = replace(&u->orders, orders);

    others = replace(&u->state, state) || others;
    return others ? keep(u, err) : OU_OK;
}

void agent_urls_release(struct agent_urls *u)
{
    free(u->orders);
    free(u->state);
    *u = (struct agent_urls){ 0 };
}
