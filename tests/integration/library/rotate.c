/* The log is moved away and SIGHUP sent, again and again, while a thread traces:
 * rotate FOLDER. The logs are FOLDER/log, log.0, log.1, ... */
#include "numbers.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#define ROUNDS 20
#define PATIENCE 3000 /* times 10 ms */

static _Atomic bool enough;

static void *trace_on(void *calls)
{
    uint64_t *count = calls;

    while (!atomic_load(&enough)) {
        trace_numbers(*count, *count + 20);
        *count += 20;
        usleep(200);
    }
    return NULL;
}

static void start_in(const char *folder, char *log, size_t room)
{
    struct ou_trace_options options = { .when_full = OU_WHEN_FULL_BLOCK };
    struct ou_error err = { "" };
    char path[4096];
    FILE *f;

    snprintf(log, room, "%s/log", folder);
    snprintf(path, sizeof(path), "%s/config.yaml", folder);
    f = fopen(path, "w");
    if (!f)
        exit(91);
    fprintf(f, "TraceOptions: { '': { severity: Info, backends: [ File MachineFormat %s ] } }\n",
            log);
    fclose(f);
    options.config_path = path;
    if (ou_trace_start(&options, &err) == OU_OK)
        return;
    fprintf(stderr, "%s\n", err.text);
    exit(90);
}

/* Waits until the library has opened a new log. */
static bool move_away(const char *log, int round)
{
    char moved[4096];

    snprintf(moved, sizeof(moved), "%s.%d", log, round);
    if (rename(log, moved) != 0)
        return false;
    raise(SIGHUP);
    for (int i = 0; i < PATIENCE && access(log, F_OK) != 0; i++)
        usleep(10000);
    return access(log, F_OK) == 0;
}

int main(int argc, char **argv)
{
    char log[2048];
    pthread_t thread;
    uint64_t calls = 0;
    int done = 0;

    if (argc != 2)
        return 2;
    start_in(argv[1], log, sizeof(log));
    pthread_create(&thread, NULL, trace_on, &calls);
    while (done < ROUNDS && move_away(log, done))
        done++;
    atomic_store(&enough, true);
    pthread_join(thread, NULL);
    ou_trace_stop();
    account_for(calls);
    return done == ROUNDS ? 0 : 1;
}
