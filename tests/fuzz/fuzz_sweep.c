/* Any bytes as a sweep file, and behind the first empty line as a journal of its plan. What is accepted makes a plan within its
 * limits, in which every block has every point once; whatever the journal says, counts agree with states. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "json/tree.h"
#include "workbench/sweep_file.h"
#include "workbench/sweep_journal.h"
#include "workbench/sweep_plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Larger plans only take longer. */
enum { RUNS_MAX = 2000 };

static void check(int holds)
{
    if (!holds)
        abort();
}

static void check_block(const struct sweep *s, size_t block)
{
    unsigned char seen[SWEEP_POINTS_MAX] = { 0 };

    for (size_t i = 0; i < s->point_count; i++) {
        const struct sweep_run *run = &s->order[block * s->point_count + i];

        check(run->block == block && run->position == i && run->point < s->point_count);
        check(!seen[run->point]++);
    }
}

static void check_plan(const struct sweep *s)
{
    char label[40];

    check(s->point_count > 0 && s->point_count <= SWEEP_POINTS_MAX);
    check(s->run_count == s->point_count * s->repetitions);
    for (size_t i = 0; i < s->point_count; i++) {
        for (size_t axis = 0; axis < s->axis_count; axis++)
            check(s->points[i].levels[axis] < s->axes[axis].level_count);
        sweep_setting_label(s, i, label, sizeof label);
        check(strlen(label) < sizeof label);
    }
    for (size_t block = 0; block < s->repetitions; block++)
        check_block(s, block);
}

static void take_journal(struct sweep *s, struct span text)
{
    size_t done = 0, given_up = 0;
    const char *why;

    while (text.len) {
        const char *end = memchr(text.at, '\n', text.len);
        size_t len = end ? (size_t)(end - text.at) : text.len;

        (void)sweep_journal_take(s, (struct span){ text.at, len }, NULL);
        text.at += len + (end != NULL);
        text.len -= len + (end != NULL);
    }
    for (size_t i = 0; i < s->run_count; i++) {
        done += s->states[i] == SWEEP_RUN_DONE;
        given_up += s->states[i] == SWEEP_RUN_GIVEN_UP;
    }
    check(done == s->done_count && given_up == s->given_up_count && s->spent_s >= 0);
    (void)sweep_next(s, &why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    const char *gap = size ? memmem(text, size, "\n\n", 2) : NULL;
    struct span file = { text, gap ? (size_t)(gap - text) : size };
    struct sweep s = { 0 };

    arena_init(&s.memory, allocator_libc(), (size_t)64 << 20);
    s.profile_place = "demo";
    if (!json_tree_parse(file, "sweep", &s.file, NULL) &&
        !sweep_file_read(&s, "sweep", NULL, NULL) && s.repetitions <= RUNS_MAX &&
        !sweep_plan_make(&s, NULL) && s.run_count <= RUNS_MAX) {
        check_plan(&s);
        if (gap)
            take_journal(&s, (struct span){ gap + 2, size - (size_t)(gap + 2 - text) });
    }
    sweep_release(&s);
    return 0;
}
