/* Threads that end right after their only trace call: threads LOG. */
#include "numbers.h"

#include <pthread.h>

#define THREADS 1000
#define AT_A_TIME 50

static void *trace_one(void *which)
{
    OU_TRACE(number, (uint64_t)(uintptr_t)which);
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t threads[AT_A_TIME];

    if (argc != 2)
        return 2;
    start_file(argv[1], (struct ou_trace_options){ 0 });
    for (uintptr_t i = 0; i < THREADS; i += AT_A_TIME) {
        for (uintptr_t j = 0; j < AT_A_TIME; j++)
            if (pthread_create(&threads[j], NULL, trace_one, (void *)(i + j)) != 0)
                return 1;
        for (uintptr_t j = 0; j < AT_A_TIME; j++)
            pthread_join(threads[j], NULL);
    }
    ou_trace_stop();
    account_for(THREADS);
    return 0;
}
