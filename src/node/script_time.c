#include "node/script_time.h"

#include <time.h>

#include "base/time.h"

int64_t script_time_ns(const struct script_time *t, uint64_t steps)
{
    const double ns = (double)steps * t->ps_per_step / 1000;

    return ns < (double)SCRIPT_TIME_MAX_NS ? (int64_t)ns : SCRIPT_TIME_MAX_NS;
}

/* Processor time, not time on the wall: a script that has to share the processor takes longer. */
static int64_t processor_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * NS_PER_SECOND + now.tv_nsec;
}

void script_time_spend(void *context, uint64_t steps, uint64_t memory)
{
    const int64_t ns = script_time_ns(context, steps);
    int64_t end_ns;

    (void)memory;
    if (ns == 0)
        return;
    end_ns = processor_ns() + ns;
    while (processor_ns() < end_ns)
        continue;
}
