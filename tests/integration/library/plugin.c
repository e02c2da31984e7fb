/* A shared library with trace points of its own, which comes and goes while tracing runs. */
#include "plugin.h"

#define OWN_FIELDS(F) F(u64, number, "number", OU_DMINIMAL, "counts the calls")

OU_TRACE_POINT(own, "Plugin.Own", OU_DEBUG, OU_PUBLIC, OWN_FIELDS, "Traced by the plugin only.");

void plugin_work(uint64_t calls);

void plugin_work(uint64_t calls)
{
    for (uint64_t i = 0; i < calls; i++) {
        OU_TRACE(own, i);
        OU_TRACE(shared, "plugin");
    }
}
