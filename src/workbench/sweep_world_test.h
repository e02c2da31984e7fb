/* Sweep files for tests, over the profile demo: loading it is cheap. */
#ifndef OU_WORKBENCH_SWEEP_WORLD_TEST_H
#define OU_WORKBENCH_SWEEP_WORLD_TEST_H

#include <string.h>

#include "support/files.h"
#include "support/test.h"
#include "workbench/sweep.h"

#define SMALL_OVERLAY "{ \"composition\": { \"n_singular_hosts\": 2 } }"

/* Two axes of two levels, twice. */
#define SMALL_SWEEP                                                                               \
    "{ \"name\": \"small\", \"profile\": \"demo\", \"overlay\": " SMALL_OVERLAY ",\n"             \
    "  \"axes\": [ { \"name\": \"load\", \"member\": \"generator.tps\", \"values\": [5, 20] },\n" \
    "  { \"name\": \"tracing\", \"levels\": [ { \"label\": \"on\" },\n"                           \
    "    { \"label\": \"off\", \"overlay\": { \"node\": { \"tracer\": false } } } ] } ],\n"       \
    "  \"repetitions\": 2, \"seed\": 42 }"

static inline void load_sweep(struct temp_dir *dir, const char *text, struct sweep *ret)
{
    struct ou_error err = { 0 };

    if (sweep_load(temp_file(dir, "sweep-file.json", text), NULL, ret, &err))
        fail_msg("%s", err.text);
}

/* A sweep file of the profile demo with that text for its other members is refused, and the message has `part` in it. */
static inline void assert_refused_with(const char *members, const char *part)
{
    struct ou_error err = { 0 };
    struct sweep s = { 0 };
    struct temp_dir dir;
    char text[4000];
    enum ou_status status;

    assert_true(snprintf(text, sizeof text, "{ \"name\": \"x\", \"profile\": \"demo\"%s }",
                         members) < (int)sizeof text);
    temp_dir_make(&dir);
    status = sweep_load(temp_file(&dir, "refused.json", text), NULL, &s, &err);
    if (!status || !strstr(err.text, part))
        print_error("%s\n-> %d \"%s\" does not say \"%s\"\n", text, status, err.text, part);
    assert_true(status && strstr(err.text, part));
    sweep_release(&s);
    temp_dir_remove(&dir);
}

#endif
