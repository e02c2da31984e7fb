/* The end of a run: its logs come home, and nothing of its cluster stays behind. */
#include <stdio.h>

#include "base/file_tree.h"
#include "base/interrupt.h"
#include "workbench/run_inside.h"

/* They can be large, and tell nothing that the logs do not. */
static void remove_databases(const struct run *r)
{
    char path[PATH_MAX];

    for (size_t i = 0; i < r->node_count; i++)
        if (snprintf(path, sizeof path, "%s/%s/db", r->nodes_directory, r->nodes[i].name) <
            (int)sizeof path)
            tree_remove(path, NULL);
}

/* ---- the cluster ---- */

/* That something is left behind makes nothing of what was measured worse. */
void run_leave(struct run *r)
{
    struct ou_error err = { 0 };

    if (r->backend->kind->leave(r->backend, &err))
        run_say(r, "%s; ouroscope run stop %s ends what is left of its cluster", err.text,
                r->result->directory);
}

/* What is far away, and was not fetched, must stay there. */
static enum ou_status fetch(struct run *r, struct ou_error *err)
{
    struct ou_error why = { 0 };
    enum ou_status status;

    if (r->backend->kind->outlives)
        interrupt_install(); /* the loop had handlers of its own */
    status = r->backend->kind->fetch(r->backend, &why);
    if (!status)
        return OU_OK;
    return ou_fail(err, status, "%s; its cluster is kept: ouroscope run --resume %s tries again",
                   why.text, r->result->directory);
}

/* Of a run that has failed: as much as can be had. */
static void save_what_is_left(struct run *r)
{
    struct ou_error err = { 0 };

    if (!r->backend)
        return;
    if (r->lost)
        run_say(r,
                "its cluster is left as it is: ouroscope run --resume %s takes it up, ouroscope "
                "run stop %s ends it",
                r->result->directory, r->result->directory);
    else if (r->began && fetch(r, &err))
        run_say(r, "%s", err.text);
    else
        run_leave(r);
}

static void fetch_and_leave(struct run *r)
{
    struct ou_error err = { 0 };
    enum ou_status status = fetch(r, &err);

    if (status) {
        run_enter_state(r, RUN_stopped, err.text);
        run_fail(r, status, "%s", err.text);
        return;
    }
    run_enter_state(r, RUN_fetched, "");
    run_leave(r);
}

/* ---- the run ---- */

static void conclude_well(struct run *r)
{
    if (run_wants_load(r->profile) && r->result->txs == 0 && !r->result->interrupted &&
        !r->load_is_done)
        run_say(r, "no transaction of the load was acknowledged before the end; "
                   "logs/generator tells how far the generator came");
    run_enter_state(r, RUN_stopped, r->result->interrupted ? "interrupted" : r->cause.text);
    if (!r->options->keep_databases && !r->result->interrupted)
        remove_databases(r);
    fetch_and_leave(r);
}

/* What was measured before an interrupt is worth an analysis. */
void run_conclude(struct run *r)
{
    bool measured = r->has_measured || run_height_high(r) >= 0;

    r->result->blocks = (uint64_t)(run_height_high(r) + 1);
    r->result->txs = run_facts(&r->generator)->txs_acked;
    r->result->is_analysable = measured && run_wants_nodes(r->profile);
    if (r->result->interrupted && !measured)
        run_fail(r, OU_INTERRUPTED, "interrupted before there was a block");
    if (!r->status) {
        conclude_well(r);
        return;
    }
    run_enter_state(r, RUN_failed, r->cause.text);
    save_what_is_left(r);
}

void run_come_home(struct run *r)
{
    struct ou_error err = { 0 };
    enum ou_status status = OU_OK;

    r->result->is_analysable = run_wants_nodes(r->profile);
    if (r->backend->kind->outlives && !run_is_under_way(r))
        status =
            ou_fail(&err, OU_NOT_FOUND, "%s: its cluster is there no more, and so are its logs",
                    r->result->directory);
    else if (r->backend->kind->outlives)
        status = run_stand(r, &err);
    if (status)
        run_fail(r, status, "%s", err.text);
    else
        fetch_and_leave(r);
}
