/* Any bytes as orders of an agent, signed by somebody who means harm. What is accepted stays within its limits, leads nowhere out of the
 * run's folder, and is the same when it is written and read again. */
#include <stdint.h>
#include <string.h>

#include "agent/members.h"
#include "agent/orders.h"
#include "guarded.h"
#include "json/tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_service(const struct order_service *s)
{
    MUST(s->name && *s->name && !strchr(s->name, '/') && s->name[0] != '.');
    MUST(s->command.argv && s->command.argv[0] && *s->command.argv[0]);
    MUST(members_is_below(s->command.directory));
    MUST(!s->log || members_is_below(s->log));
    MUST(s->command.cores && s->command.environment);
    for (size_t i = 0; s->command.environment[i]; i++)
        MUST(strchr(s->command.environment[i], '='));
}

static void check_job(const struct order_job *j)
{
    MUST(j->url_count <= ORDERS_PARTS_MAX);
    for (size_t i = 0; i < j->path_count; i++)
        MUST(j->paths[i][0] != '/' && strncmp(j->paths[i], "../", 3) != 0 &&
             !strstr(j->paths[i], "/../"));
    MUST((j->kind != JOB_PACK && j->kind != JOB_EXTRACT) || j->part_bytes > 0);
}

static void check_orders(const struct orders *o)
{
    MUST(o->run && o->host && o->bundle_count <= ORDERS_BUNDLES_MAX);
    MUST(o->service_count <= ORDERS_SERVICES_MAX && o->job_count <= ORDERS_JOBS_MAX);
    for (size_t i = 0; i < o->bundle_count; i++)
        MUST(strlen(o->bundles[i].sha256) == SHA256_HEX - 1 &&
             strncmp(o->bundles[i].url, "http", 4) == 0);
    for (size_t i = 0; i < o->service_count; i++)
        check_service(&o->services[i]);
    for (size_t i = 0; i < o->job_count; i++)
        check_job(&o->jobs[i]);
}

/* Reading what was written of what was read gives the same document again. */
static void check_again(const struct orders *o)
{
    struct orders again;
    json_t *written = orders_document(o), *twice;

    MUST(written && !orders_read(written, &again, NULL));
    twice = orders_document(&again);
    MUST(twice && json_equal(written, twice));
    orders_release(&again);
    json_decref(written);
    json_decref(twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_t *document = NULL;
    struct orders orders;

    if (size > GUARDED_MAX ||
        json_tree_parse((struct span){ (const char *)data, size }, "orders", &document, NULL))
        return 0;
    if (!orders_read(document, &orders, NULL)) {
        check_orders(&orders);
        check_again(&orders);
        orders_release(&orders);
    }
    json_decref(document);
    return 0;
}
