#include "support/databases.h"

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "support/files.h"
#include "support/postgres.h"
#include "support/test.h"

static struct temp_dir dir;
static bool is_postgres;
static unsigned number; /* of databases that were given out */
static char place[640];

int databases_start(void **state)
{
    (void)state;
    return 0;
}

int databases_stop(void **state)
{
    (void)state;
    postgres_stop();
    return 0;
}

int databases_set_up(void **state)
{
    is_postgres = strcmp(*state, "postgres") == 0;
    place[0] = '\0';
    temp_dir_make(&dir);
    return 0;
}

int databases_tear_down(void **state)
{
    (void)state;
    temp_dir_remove(&dir);
    return 0;
}

/* A schema of its own, which the URL makes the one where tables are looked for. */
static void make_schema(const char *url)
{
    PGconn *connection = PQconnectdb(url);
    char statement[64];
    PGresult *result;

    (void)snprintf(statement, sizeof statement, "CREATE SCHEMA t%u", number);
    result = PQexec(connection, statement);
    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        fail_msg("%s", PQerrorMessage(connection));
    PQclear(result);
    PQfinish(connection);
}

const char *database_empty(void)
{
    char name[32];

    number++;
    if (is_postgres) {
        const char *url = postgres_url();

        if (!url) {
            print_message("PostgreSQL cannot be had here\n");
            skip();
        }
        make_schema(url);
        (void)snprintf(place, sizeof place, "%s&options=-csearch_path%%3Dt%u", url, number);
    } else {
        (void)snprintf(name, sizeof name, "%u.db", number);
        (void)snprintf(place, sizeof place, "%s", temp_path(&dir, name));
    }
    return place;
}

const char *database_again(void)
{
    return place;
}

_Bool database_is_postgres(void)
{
    return is_postgres;
}
