#include "base/hash_seed.h"

#include <pthread.h>
#include <sys/random.h>
#include <time.h>

static uint64_t drawn; /* written once, before anybody reads it */
static pthread_once_t drawn_once = PTHREAD_ONCE_INIT;

static void draw(void)
{
    struct timespec now;

    if (getrandom(&drawn, sizeof drawn, GRND_NONBLOCK) == (ssize_t)sizeof drawn)
        return;
    /* Very early in a boot there is no randomness yet; the clock has to do. */
    clock_gettime(CLOCK_REALTIME, &now);
    drawn = (uint64_t)now.tv_sec * UINT64_C(1000000007) ^ (uint64_t)now.tv_nsec;
}

uint64_t hash_seed(void)
{
    pthread_once(&drawn_once, draw);
    return drawn;
}
