#include "trace/folds.h"

#include <string.h>

#include "trace/consumer.h"

static struct ou_fold folds[FOLDS_MAX];
static int fold_count;

static struct ou_output outputs[ADDED_OUTPUTS_MAX];
static int output_count;

/* --- Folds ------------------------------------------------------------------- */

bool folds_want(const struct ou_point *point)
{
    for (int i = 0; i < fold_count; i++)
        if (folds[i].point == point)
            return true;
    return false;
}

void folds_step(const struct ou_message *m)
{
    for (int i = 0; i < fold_count; i++)
        if (folds[i].point == m->point && folds[i].step(folds[i].state, m) && folds[i].emit)
            folds[i].emit(folds[i].state);
}

void folds_forget(const struct ou_point *point)
{
    for (int i = 0; i < fold_count; i++)
        if (folds[i].point == point)
            folds[i--] = folds[--fold_count];
}

enum ou_status ou_trace_add_fold(const struct ou_fold *fold, struct ou_error *err)
{
    enum ou_status status = OU_OK;

    if (!fold->point || !fold->step)
        return ou_fail(err, OU_USAGE, "a fold needs a point and a step");
    if (!consumer_lock())
        return ou_fail(err, OU_USAGE, "folds cannot be added by what handles messages");
    if (fold_count == FOLDS_MAX)
        status = ou_fail(err, OU_TOO_LARGE, "there are %d folds already", FOLDS_MAX);
    else
        folds[fold_count++] = *fold;
    consumer_apply();
    consumer_unlock();
    return status;
}

void ou_trace_remove_fold(const void *state)
{
    if (!consumer_lock())
        return;
    for (int i = 0; i < fold_count; i++)
        if (folds[i].state == state)
            folds[i--] = folds[--fold_count];
    consumer_apply();
    consumer_unlock();
}

/* --- Outputs ------------------------------------------------------------------- */

int added_outputs(void)
{
    return output_count;
}

static bool is_wanted(const struct ou_output *o, const struct ou_message *m)
{
    if (o->remote && m->point->privacy == OU_CONFIDENTIAL)
        return false;
    return !o->route || o->route(o->context, m);
}

int added_outputs_write(const struct plan *plan, const struct ou_message *m, struct buffer *line)
{
    int wanted = 0;

    for (int i = 0; i < output_count; i++) {
        const struct ou_output *o = &outputs[i];

        if (!is_wanted(o, m))
            continue;
        buffer_clear(line);
        if (o->human)
            render_human(plan, m, false, line);
        else
            render_machine(plan, m, line);
        o->write(o->context, m, (struct ou_text){ buffer_string(line), line->len });
        wanted++;
    }
    return wanted;
}

static int find_output(const char *name)
{
    for (int i = 0; i < output_count; i++)
        if (strcmp(outputs[i].name, name) == 0)
            return i;
    return -1;
}

enum ou_status ou_trace_add_output(const struct ou_output *output, struct ou_error *err)
{
    enum ou_status status = OU_OK;

    if (!output->name || !output->write)
        return ou_fail(err, OU_USAGE, "an output needs a name and a function that writes");
    if (!consumer_lock())
        return ou_fail(err, OU_USAGE, "outputs cannot be added by what handles messages");
    if (find_output(output->name) >= 0)
        status = ou_fail(err, OU_USAGE, "there is an output %s already", output->name);
    else if (output_count == ADDED_OUTPUTS_MAX)
        status = ou_fail(err, OU_TOO_LARGE, "there are %d outputs already", ADDED_OUTPUTS_MAX);
    else
        outputs[output_count++] = *output;
    consumer_apply();
    consumer_unlock();
    return status;
}

void ou_trace_remove_output(const char *name)
{
    int i;

    if (!consumer_lock())
        return;
    i = find_output(name);
    if (i >= 0)
        outputs[i] = outputs[--output_count];
    consumer_apply();
    consumer_unlock();
}
