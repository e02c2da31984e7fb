/* What a driver traces, as lines of a file:
 *
 *     traced_begin(&t);
 *     ... ; traced_end(&t);
 *     assert_int_equal(traced_count(&t, "\"kind\":\"SendFetchRequest\""), 1);
 *     traced_release(&t); */
#ifndef OU_NODE_TRACED_TEST_H
#define OU_NODE_TRACED_TEST_H

#include <ouroscope/trace.h>
#include <stdio.h>

#include "support/files.h"
#include "support/test.h"

struct traced {
    struct temp_dir folder;
    const char *path;
};

static inline void traced_begin(struct traced *t)
{
    char config[1024];
    struct ou_error err = { "" };

    temp_dir_make(&t->folder);
    t->path = temp_path(&t->folder, "log");
    snprintf(config, sizeof(config),
             "TraceOptionResourceFrequency: 0\n"
             "TraceOptions:\n"
             "  \"\": { severity: Debug, backends: [ File MachineFormat %s ] }\n",
             t->path);
    if (ou_trace_start(&(struct ou_trace_options){ .config_text = config, .host = "h1" }, &err))
        fail_msg("%s", err.text);
}

static inline void traced_end(struct traced *t)
{
    (void)t;
    ou_trace_stop();
}

static inline int traced_count(const struct traced *t, const char *what)
{
    return lines_with(t->path, what);
}

static inline void traced_release(struct traced *t)
{
    temp_dir_remove(&t->folder);
}

#endif
