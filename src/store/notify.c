#include "store/notify.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "store/sql_private.h"
#include "store/store_private.h"

#define AWAIT_S 5.0    /* then it is looked whether the database is still there */
#define BETWEEN_MS 100 /* what is heard within it is told once */
#define AWAY_MS 1000

struct store_listener {
    struct store *store;
    void (*heard)(void *context);
    void *context;
    struct sql *db; /* NULL: the database is away */
    int stop_fd;    /* readable: it is to end */
    pthread_t thread;
};

enum ou_status store_notify(struct sql *db, struct ou_error *err)
{
    if (sql_kind(db) == SQL_SQLITE)
        return OU_OK;
    return sql_run(db, "SELECT pg_notify('ouroscope', '')", SQL_NO_ARGS, NULL, err);
}

/* False when it is to end. */
static bool pause_ms(const struct store_listener *l, int ms)
{
    struct pollfd stop = { .fd = l->stop_fd, .events = POLLIN };

    return poll(&stop, 1, ms) == 0;
}

static enum ou_status begin(struct store_listener *l, struct ou_error *err)
{
    enum ou_status status = store_connect(l->store, &l->db, err);

    if (!status)
        status = l->db->driver->listen(l->db, err);
    if (status) {
        sql_close(l->db);
        l->db = NULL;
    }
    return status;
}

/* Hears one thing, or finds that the connection is lost. */
static bool hear(struct store_listener *l)
{
    bool heard = false;

    if (!l->db->driver->is_connected(l->db) ||
        l->db->driver->await(l->db, l->stop_fd, AWAIT_S, &heard, NULL)) {
        sql_close(l->db);
        l->db = NULL;
    }
    return heard;
}

static void *listen_on(void *context)
{
    struct store_listener *l = context;

    while (pause_ms(l, l->db ? BETWEEN_MS : AWAY_MS)) {
        /* Back again: what was said meanwhile is not known. */
        bool heard = l->db ? hear(l) : begin(l, NULL) == OU_OK;

        if (heard && pause_ms(l, 0))
            l->heard(l->context);
    }
    return NULL;
}

static void release(struct store_listener *l)
{
    sql_close(l->db);
    if (l->stop_fd >= 0)
        close(l->stop_fd);
    free(l);
}

enum ou_status store_listen(struct store *s, void (*heard)(void *context), void *context,
                            struct store_listener **ret, struct ou_error *err)
{
    struct store_listener *l = calloc(1, sizeof *l);
    enum ou_status status;

    if (!l)
        return ou_fail(err, OU_NO_MEMORY, "listen to a database: no memory");
    *l = (struct store_listener){ .store = s, .heard = heard, .context = context };
    l->stop_fd = eventfd(0, EFD_CLOEXEC);
    status = l->stop_fd < 0 ? ou_fail(err, OU_IO, "eventfd: %s", strerror(errno)) : begin(l, err);
    if (!status && pthread_create(&l->thread, NULL, listen_on, l) != 0)
        status = ou_fail(err, OU_IO, "listen to a database: no thread could be started");
    if (status) {
        release(l);
        return status;
    }
    *ret = l;
    return OU_OK;
}

void store_listener_close(struct store_listener *l)
{
    if (!l)
        return;
    (void)eventfd_write(l->stop_fd, 1);
    (void)pthread_join(l->thread, NULL);
    release(l);
}
