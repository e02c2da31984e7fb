/* A deployment of two hosts in a folder of the test's own, for tests of its parts. */
#ifndef OU_CLUSTER_DEPLOYMENT_FIXTURE_TEST_H
#define OU_CLUSTER_DEPLOYMENT_FIXTURE_TEST_H

#include <string.h>

#include "cluster/deployment.h"
#include "support/files.h"
#include "support/test.h"

static const char *const FIXTURE_HOSTS[] = { "node-0", "node-1" };
#define FIXTURE_HOST_COUNT 2

struct fixture {
    struct temp_dir dir;
    struct placement placement;
    struct backend tell;
    struct deployment d;
};

static inline void fixture_open(struct fixture *f)
{
    struct ou_error err = { 0 };

    if (deployment_open(f->dir.path, &f->placement, FIXTURE_HOSTS, FIXTURE_HOST_COUNT, &f->tell,
                        &f->d, &err))
        fail_msg("%s", err.text);
}

static inline void fixture_begin(struct fixture *f)
{
    memset(f, 0, sizeof *f);
    temp_dir_make(&f->dir);
    f->placement = (struct placement){
        .document = json_object(), .prefix = "ouroscope/", .deploy_attempts = 1, .poll_s = 1
    };
    fixture_open(f);
}

static inline void fixture_end(struct fixture *f)
{
    deployment_close(&f->d);
    json_decref(f->placement.document);
    temp_dir_remove(&f->dir);
}

/* An allocation as Nomad's list has it. */
static inline json_t *fixture_allocation(const char *id, const char *group, int created,
                                         const char *status)
{
    return json_pack("{s:s, s:s, s:i, s:s, s:s, s:s, s:s}", "ID", id, "TaskGroup", group,
                     "CreateIndex", created, "ClientStatus", status, "DesiredStatus", "run",
                     "NodeName", "client-1", "NodeID", "2fc83db0");
}

#endif
