#include "store/store.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/time.h"
#include "store/migrate.h"
#include "store/sql_private.h"
#include "store/store_private.h"

#define CONNECTIONS_DEFAULT 8
#define TRIED_AGAIN_NS NS_PER_SECOND

struct store {
    struct store_options options;
    char *place; /* owned; overwritten before it is given back */
    char *application;
    char shown[SQL_SHOWN_ROOM];
    enum sql_kind kind;
    struct sql_counts counts;
    pthread_mutex_t lock;
    pthread_cond_t given;
    /* Below: under the lock. */
    struct sql **idle; /* connections_max places; the last one given is lent first */
    unsigned idle_count, open, lent;
    int64_t away_ns; /* when it was found to be away last, 0: it is there */
    struct ou_error away;
};

const char *store_shown(const struct store *s)
{
    return s->shown;
}

enum sql_kind store_kind(const struct store *s)
{
    return s->kind;
}

struct store_counts store_counts(struct store *s)
{
    struct store_counts ret = {
        .statements = atomic_load_explicit(&s->counts.statements, memory_order_relaxed),
        .failures = atomic_load_explicit(&s->counts.failures, memory_order_relaxed),
        .reconnections = atomic_load_explicit(&s->counts.reconnections, memory_order_relaxed),
        .retries = atomic_load_explicit(&s->counts.retries, memory_order_relaxed),
    };

    pthread_mutex_lock(&s->lock);
    ret.open = s->open;
    ret.lent = s->lent;
    pthread_mutex_unlock(&s->lock);
    return ret;
}

/* ---- opening ---- */

enum ou_status store_connect(struct store *s, struct sql **ret, struct ou_error *err)
{
    enum ou_status status = sql_open_again(s->place, &s->options.sql, ret, err);

    if (!status)
        (*ret)->counts = &s->counts;
    return status;
}

static enum ou_status fill(struct store *s, const char *place, const struct store_options *options,
                           struct ou_error *err)
{
    if (options)
        s->options = *options;
    if (s->options.connections_max == 0)
        s->options.connections_max = CONNECTIONS_DEFAULT;
    if (s->options.sql.application) {
        s->application = strdup(s->options.sql.application);
        s->options.sql.application = s->application;
    }
    s->place = strdup(place);
    s->idle = calloc(s->options.connections_max, sizeof(void *));
    if (!s->place || !s->idle || (options && options->sql.application && !s->application))
        return ou_fail(err, OU_NO_MEMORY, "open a database: no memory");
    return OU_OK;
}

static enum ou_status open_first(struct store *s, struct ou_error *err)
{
    struct sql *db = NULL;
    enum ou_status status = sql_open(s->place, &s->options.sql, &db, err);

    if (status)
        return status;
    db->counts = &s->counts;
    s->idle[s->idle_count++] = db;
    s->open = 1;
    s->kind = sql_kind(db);
    (void)snprintf(s->shown, sizeof s->shown, "%s", sql_shown(db));
    return s->options.migrate ? migrate(db, 0, NULL, err) : migrate_check(db, err);
}

enum ou_status store_open(const char *place, const struct store_options *options,
                          struct store **ret, struct ou_error *err)
{
    struct store *s = calloc(1, sizeof *s);
    enum ou_status status;

    if (!s)
        return ou_fail(err, OU_NO_MEMORY, "open a database: no memory");
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->given, NULL);
    status = fill(s, place, options, err);
    if (!status)
        status = open_first(s, err);
    if (status) {
        store_close(s);
        return status;
    }
    *ret = s;
    return OU_OK;
}

void store_close(struct store *s)
{
    if (!s)
        return;
    for (unsigned i = 0; i < s->idle_count; i++)
        sql_close(s->idle[i]);
    free(s->idle);
    if (s->place)
        explicit_bzero(s->place, strlen(s->place));
    free(s->place);
    free(s->application);
    pthread_cond_destroy(&s->given);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

/* ---- lending ---- */

/* One that is idle, or NULL with the right to open one more. The database is tried once a second while it is away. */
static enum ou_status claim(struct store *s, struct sql **ret, struct ou_error *err)
{
    enum ou_status status = OU_OK;

    pthread_mutex_lock(&s->lock);
    while (s->idle_count == 0 && s->open == s->options.connections_max)
        pthread_cond_wait(&s->given, &s->lock);
    if (s->away_ns && time_monotonic_ns() - s->away_ns < TRIED_AGAIN_NS) {
        status = ou_fail(err, OU_IO, "%s", s->away.text);
    } else {
        if (s->away_ns) /* this thread tries, the others go on being told */
            s->away_ns = time_monotonic_ns();
        *ret = s->idle_count > 0 ? s->idle[--s->idle_count] : NULL;
        s->open += !*ret;
        s->lent++;
    }
    pthread_mutex_unlock(&s->lock);
    return status;
}

static void give_back(struct store *s, struct sql *db, bool is_away, const struct ou_error *why)
{
    pthread_mutex_lock(&s->lock);
    if (db)
        s->idle[s->idle_count++] = db;
    else
        s->open--;
    s->lent--;
    if (is_away) {
        s->away_ns = time_monotonic_ns();
        s->away = *why;
    }
    pthread_cond_signal(&s->given);
    pthread_mutex_unlock(&s->lock);
}

enum ou_status store_take(struct store *s, struct sql **ret, struct ou_error *err)
{
    struct ou_error why = { 0 };
    struct sql *db = NULL;
    enum ou_status status = claim(s, &db, err);

    if (status)
        return status;
    status = db ? sql_ensure_connected(db, &why) : store_connect(s, &db, &why);
    if (status) {
        give_back(s, db, true, &why);
        return ou_fail(err, OU_IO, "%s", why.text);
    }
    pthread_mutex_lock(&s->lock);
    s->away_ns = 0;
    pthread_mutex_unlock(&s->lock);
    *ret = db;
    return OU_OK;
}

void store_give(struct store *s, struct sql *db)
{
    if (db)
        give_back(s, db, false, NULL);
}
