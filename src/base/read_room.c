#include "base/read_room.h"

#include <pthread.h>
#include <stdlib.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static int failed;

static void make_key(void)
{
    failed = pthread_key_create(&key, free);
}

char *read_room(void)
{
    char *room;

    pthread_once(&once, make_key);
    if (failed)
        return NULL;
    room = pthread_getspecific(key);
    if (!room && (room = malloc(READ_ROOM_BYTES)) && pthread_setspecific(key, room) != 0) {
        free(room);
        room = NULL;
    }
    return room;
}
