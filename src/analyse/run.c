#include "analyse/run.h"

#include "analyse/conclude.h"

static void *open_host(void *context, const char *name)
{
    return host_states_add(context, name);
}

static void take_event(void *host, const struct event *event)
{
    host_state_event(host, event);
}

static void close_host(void *context, void *host)
{
    host_states_finish(context, host);
}

enum ou_status analysis_run(const struct analysis_request *request, struct log_inputs *inputs,
                            struct analysis *ret, struct ou_error *err)
{
    struct host_states hosts;
    struct event_sink sink = { &hosts, open_host, take_event, close_host };
    struct ingest_result read = { 0 };
    enum ou_status status;

    host_states_init(&hosts, request);
    status = ingest(inputs, &request->reading, &sink, &read, err);
    if (!status)
        status = analysis_conclude(&hosts, &read, inputs, ret, err);
    ingest_release(&read);
    host_states_release(&hosts);
    return status;
}
