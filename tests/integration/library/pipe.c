/* Traces to standard output, whose reader goes away. */
#include "numbers.h"

#define ROUNDS 100
#define ROUND 1000

int main(void)
{
    start("Stdout MachineFormat", (struct ou_trace_options){ .when_full = OU_WHEN_FULL_BLOCK });
    for (uint64_t i = 0; i < ROUNDS; i++) {
        trace_numbers(i * ROUND, (i + 1) * ROUND);
        if (!ou_trace_flush()) /* written by this thread: SIGPIPE would be its own */
            return 1;
    }
    ou_trace_stop();
    account_for(ROUNDS * ROUND);
    return 0;
}
