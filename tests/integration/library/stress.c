/* Sixteen threads that trace, one that changes the configuration and one that flushes: stress LOG */
#include "numbers.h"

#include <pthread.h>
#include <stdatomic.h>

#define WRITERS 16
#define CALLS 20000

static const char *path;
static _Atomic bool enough;

static void *write_numbers(void *which)
{
    uint64_t first = (uint64_t)(uintptr_t)which * CALLS;

    trace_numbers(first, first + CALLS);
    return NULL;
}

static void *flush(void *unused)
{
    while (!atomic_load(&enough))
        ou_trace_flush();
    return unused;
}

static void *reconfigure(void *unused)
{
    char config[4096];

    for (int i = 0; !atomic_load(&enough); i++) {
        snprintf(config, sizeof(config),
                 "TraceOptions: { '': { severity: Info, detail: %s, "
                 "backends: [ File MachineFormat %s ] } }\n",
                 i % 2 ? "DMaximum" : "DMinimal", path);
        ou_trace_configure(config, NULL);
    }
    return unused;
}

int main(int argc, char **argv)
{
    pthread_t writers[WRITERS], flusher, changer;

    if (argc != 2)
        return 2;
    path = argv[1];
    start_file(path, (struct ou_trace_options){ .ring_bytes = 65536 });
    pthread_create(&flusher, NULL, flush, NULL);
    pthread_create(&changer, NULL, reconfigure, NULL);
    for (uintptr_t i = 0; i < WRITERS; i++)
        pthread_create(&writers[i], NULL, write_numbers, (void *)i);
    for (int i = 0; i < WRITERS; i++)
        pthread_join(writers[i], NULL);
    atomic_store(&enough, true);
    pthread_join(flusher, NULL);
    pthread_join(changer, NULL);
    ou_trace_stop();
    account_for((uint64_t)WRITERS * CALLS);
    return 0;
}
