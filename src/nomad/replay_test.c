/* Our client against recorded answers of a real agent (tests/data/nomad-api), in the order of a job's life: a server of the
 * test's own hands them out, and fails what is asked otherwise. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "json/tree.h"
#include "nomad/client.h"
#include "nomad/explain.h"
#include "support/files.h"
#include "support/test.h"

#define FOLDER "tests/data/nomad-api"
#define SCRIPT "tests/support/nomad_replay.py"
#define STEPS_MAX 16
#define ONE "095d7131-2a1e-774d-f0b2-b1688e49b347"
#define TWO "2eadc268-53ac-44ba-eb25-51388aca0dfe"

static const struct retry_policy QUICK = { .tries = 3, .first_s = 0.01, .most_s = 0.02 };

static struct ou_error err;

/* ---- the server ---- */

struct replay {
    pid_t pid;
    int in, out;
    struct nomad *nomad;
};

/* Tests that ask for the environment's settings would ask another Nomad. */
static void forget_environment(void)
{
    static const char *const NAMES[] = { "NOMAD_ADDR",       "NOMAD_REGION",
                                         "NOMAD_NAMESPACE",  "NOMAD_TOKEN",
                                         "NOMAD_CACERT",     "NOMAD_CLIENT_CERT",
                                         "NOMAD_CLIENT_KEY", "NOMAD_TLS_SERVER_NAME" };

    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++)
        unsetenv(NAMES[i]);
}

static void run_server(const int to[2], const int from[2], const char *const *steps)
{
    const char *argv[STEPS_MAX + 4] = { "/usr/bin/python3", SCRIPT, FOLDER };

    for (size_t i = 0; i < STEPS_MAX && steps[i]; i++)
        argv[3 + i] = steps[i];
    dup2(to[0], 0);
    dup2(from[1], 1);
    close(to[0]);
    close(to[1]);
    close(from[0]);
    close(from[1]);
    execv(argv[0], (char *const *)argv);
    _exit(127);
}

static json_t *first_line(int fd)
{
    char text[256];
    size_t len = 0;
    json_t *line = NULL;

    while (len < sizeof text - 1 && read(fd, text + len, 1) == 1 && text[len++] != '\n')
        ;
    assert_int_equal(json_tree_parse((struct span){ text, len }, "the replay", &line, &err), OU_OK);
    return line;
}

static struct replay begin(const char *const *steps)
{
    int to[2], from[2];
    struct replay r;
    json_t *line;
    struct nomad_place place = { .address = NULL };

    assert_int_equal(pipe(to), 0);
    assert_int_equal(pipe(from), 0);
    r.pid = fork();
    assert_true(r.pid >= 0);
    if (r.pid == 0)
        run_server(to, from, steps);
    close(to[0]);
    close(from[1]);
    r.in = to[1];
    r.out = from[0];
    line = first_line(r.out);
    place.address = json_string_value(json_object_get(line, "address"));
    if (nomad_open(&place, &r.nomad, &err))
        fail_msg("%s", err.text);
    nomad_retry_with(r.nomad, &QUICK);
    json_decref(line);
    return r;
}

/* Every step was taken, and nothing else was asked. */
static void end(struct replay *r)
{
    int status;

    nomad_close(r->nomad);
    close(r->in);
    assert_int_equal(waitpid(r->pid, &status, 0), r->pid);
    close(r->out);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static json_t *recorded(const char *name)
{
    char path[128];
    json_t *tree = NULL;

    snprintf(path, sizeof path, FOLDER "/%s.json", name);
    if (json_tree_load(path, 1 << 20, &tree, &err))
        fail_msg("%s", err.text);
    return tree;
}

/* The job of a recorded request; the caller json_decref()s it. */
static json_t *recorded_job(const char *name)
{
    json_t *tree = recorded(name);
    json_t *job = json_object_get(json_object_get(json_object_get(tree, "request"), "body"), "Job");

    json_incref(job);
    json_decref(tree);
    assert_non_null(job);
    return job;
}

static void assert_ok(enum ou_status status)
{
    if (status)
        fail_msg("%s: %s", ou_status_name(status), err.text);
}

static void assert_fails(enum ou_status status, enum ou_status expected, const char *message)
{
    assert_int_equal(status, expected);
    if (!strstr(err.text, message))
        fail_msg("\"%s\" is not about \"%s\"", err.text, message);
}

static const char *text(const json_t *document, const char *name)
{
    const char *value = json_string_value(json_object_get(document, name));

    return value ? value : "";
}

/* ---- the life of a job ---- */

static void test_the_cluster_is_looked_at(void **state)
{
    static const char *const STEPS[] = { "00-agent-self", "00-status-leader", "00-nodes",
                                         "01-node",       "00-namespaces",    NULL };
    struct replay r = begin(STEPS);
    struct nomad_facts facts;
    json_t *nodes = NULL, *namespaces = NULL;

    (void)state;
    assert_ok(nomad_look(r.nomad, &facts, &err));
    assert_string_equal(facts.version, "1.1.2");
    assert_int_equal(facts.major, 1);
    assert_int_equal(facts.minor, 1);
    assert_string_equal(facts.region, "global");
    assert_string_equal(facts.datacenter, "dc1");
    assert_true(facts.is_server && facts.has_leader && !facts.acl);
    assert_ok(nomad_nodes(r.nomad, true, &nodes, &err));
    assert_int_equal(json_array_size(nodes), 1);
    assert_string_equal(text(json_object_get(json_array_get(nodes, 0), "Attributes"), "os.name"),
                        "debian");
    assert_ok(
        nomad_ask(r.nomad, "GET", "/v1/namespaces", NULL, NULL, 0, 0, &namespaces, NULL, &err));
    assert_string_equal(text(json_array_get(namespaces, 0), "Name"), "default");
    json_decref(namespaces);
    json_decref(nodes);
    end(&r);
}

static void test_a_job_is_checked_planned_and_registered(void **state)
{
    static const char *const STEPS[] = { "03-validate-error", "03-validate",
                                         "04-plan",           "17-job-after-purge",
                                         "05-register-error", "17-job-after-purge",
                                         "05-register",       NULL };
    struct replay r = begin(STEPS);
    json_t *bad = recorded_job("03-validate-error"), *good = recorded_job("05-register");
    json_t *plan = NULL;
    char evaluation[NOMAD_ID_ROOM];
    struct buffer warnings;

    (void)state;
    buffer_init(&warnings, allocator_libc(), 1024);
    assert_fails(nomad_job_validate(r.nomad, bad, &warnings, &err), OU_INVALID,
                 "Task group one validation failed: Task main validation failed: Missing task "
                 "driver");
    assert_ok(nomad_job_validate(r.nomad, good, &warnings, &err));
    assert_int_equal(warnings.len, 0);
    assert_ok(nomad_job_plan(r.nomad, good, &plan, &err));
    assert_false(nomad_explain_failures(json_object_get(plan, "FailedTGAllocs"), &warnings));
    assert_fails(nomad_job_register(r.nomad, bad, evaluation, &err), OU_IO,
                 "Missing task driver (500); mend what it names");
    assert_ok(nomad_job_register(r.nomad, good, evaluation, &err));
    assert_string_equal(evaluation, "4d091b06-a65c-ccdb-3b08-72f5fd963f92");
    buffer_release(&warnings);
    json_decref(plan);
    json_decref(good);
    json_decref(bad);
    end(&r);
}

static void test_a_registered_job_is_watched(void **state)
{
    static const char *const STEPS[] = { "06-evaluation",      "07-job",
                                         "07-job-allocations", "07-job-allocations",
                                         "07-job-evaluations", NULL };
    struct replay r = begin(STEPS);
    json_t *evaluation = NULL, *job = NULL, *list = NULL;
    struct buffer why;
    uint64_t index = 0;

    (void)state;
    buffer_init(&why, allocator_libc(), 1024);
    assert_ok(nomad_evaluation(r.nomad, "4d091b06-a65c-ccdb-3b08-72f5fd963f92", 9, 5, &evaluation,
                               &index, &err));
    assert_int_equal(nomad_evaluation_state(evaluation, &why), EVALUATION_PLACED);
    assert_int_equal(index, 11);
    assert_ok(nomad_job(r.nomad, "demo", &job, &err));
    assert_string_equal(text(job, "ID"), "demo");
    assert_ok(nomad_job_allocations(r.nomad, "demo", 10, 5, &list, &index, &err));
    assert_int_equal(json_array_size(list), 2);
    assert_int_equal(index, 12);
    json_decref(list);
    /* A server that was restored knows less than we have seen: the next query begins anew. */
    assert_ok(nomad_job_allocations(r.nomad, "demo", 100, 5, &list, &index, &err));
    assert_int_equal(index, 0);
    json_decref(list);
    assert_ok(nomad_job_evaluations(r.nomad, "demo", &list, &err));
    assert_int_equal(json_array_size(list), 1);
    json_decref(list);
    json_decref(job);
    json_decref(evaluation);
    buffer_release(&why);
    end(&r);
}

static void test_allocations_and_what_is_unknown(void **state)
{
    static const char *const STEPS[] = { "08-allocation-running", "08-allocation-unknown",
                                         "08-job-unknown", NULL };
    struct replay r = begin(STEPS);
    json_t *allocation = NULL, *none = NULL;
    struct nomad_allocation_facts facts;

    (void)state;
    assert_ok(nomad_allocation(r.nomad, ONE, &allocation, &err));
    nomad_allocation_read(allocation, &facts);
    assert_int_equal(facts.state, ALLOCATION_RUNNING);
    assert_true(facts.wanted && facts.is_healthy);
    assert_fails(nomad_allocation(r.nomad, "00000000-0000-0000-0000-000000000000", &none, &err),
                 OU_NOT_FOUND, "Nomad has collected it, or it never was");
    assert_fails(nomad_job(r.nomad, "nope", &none, &err), OU_NOT_FOUND, "it was purged");
    assert_null(none);
    json_decref(allocation);
    end(&r);
}

static void test_files_and_logs_are_read(void **state)
{
    static const char *const STEPS[] = {
        "09-fs-stat",      "09-fs-cat",           "09-fs-ls", "10-logs-tail",
        "10-logs-no-task", "14-logs-exec-driver", NULL
    };
    struct replay r = begin(STEPS);
    struct buffer out;
    json_t *list = NULL;

    (void)state;
    buffer_init(&out, allocator_libc(), 4096);
    assert_ok(nomad_allocation_file(r.nomad, ONE, "/main/local/conf.txt", &out, &err));
    assert_string_equal(buffer_string(&out), "alloc=" ONE " index=0 run=r-1\n");
    buffer_clear(&out);
    assert_ok(nomad_allocation_list(r.nomad, ONE, "/main/local", &list, &err));
    assert_int_equal(json_array_size(list), 3);
    assert_ok(nomad_allocation_log(r.nomad, ONE, "main", "stdout", 4, &out, &err));
    assert_string_equal(buffer_string(&out), "k 2\n");
    assert_fails(nomad_allocation_log(r.nomad, ONE, "nope", "stdout", 4, &out, &err), OU_IO,
                 "unknown task name \"nope\" (400); the group has no task of that name");
    assert_string_equal(buffer_string(&out), "k 2\n");
    assert_ok(nomad_allocation_log(r.nomad, TWO, "main", "stdout", 4096, &out, &err));
    assert_non_null(strstr(buffer_string(&out), "uid=65534(nobody)"));
    json_decref(list);
    buffer_release(&out);
    end(&r);
}

/* fs/cat would answer 200 with the error for its text. */
static void test_a_file_that_is_not_there_is_not_read(void **state)
{
    static const char *const STEPS[] = {
        "!500:stat /tmp/alloc/main/local/none: no such file or directory", "09-fs-stat", NULL
    };
    struct replay r = begin(STEPS);
    struct buffer out;

    (void)state;
    buffer_init(&out, allocator_libc(), 10);
    assert_fails(nomad_allocation_file(r.nomad, ONE, "/main/local/none", &out, &err), OU_NOT_FOUND,
                 "no such file");
    assert_fails(nomad_allocation_file(r.nomad, ONE, "/main/local/conf.txt", &out, &err),
                 OU_TOO_LARGE, "59 bytes");
    assert_int_equal(out.len, 0);
    buffer_release(&out);
    end(&r);
}

static void test_tasks_are_signalled_and_restarted(void **state)
{
    static const char *const STEPS[] = { "13-signal", "13-restart", "13-allocation-after-restart",
                                         "14-allocation-failed-exit3", NULL };
    struct replay r = begin(STEPS);
    struct nomad_allocation_facts facts;
    json_t *allocation = NULL;

    (void)state;
    assert_ok(nomad_allocation_signal(r.nomad, ONE, "main", "SIGWINCH", &err));
    assert_ok(nomad_allocation_restart(r.nomad, ONE, "main", &err));
    assert_ok(nomad_allocation(r.nomad, ONE, &allocation, &err));
    nomad_allocation_read(allocation, &facts);
    assert_int_equal(facts.restarts, 1);
    json_decref(allocation);
    assert_ok(nomad_allocation(r.nomad, TWO, &allocation, &err));
    nomad_allocation_read(allocation, &facts);
    assert_int_equal(facts.state, ALLOCATION_FAILED);
    assert_int_equal(facts.exit_status, 3);
    json_decref(allocation);
    end(&r);
}

/* What becomes of a job that registers well and cannot run: "" where it does. */
static void why_not(struct nomad *nomad, const char *evaluation, struct buffer *ret)
{
    json_t *document = NULL;

    buffer_clear(ret);
    assert_ok(nomad_evaluation(nomad, evaluation, 0, 0, &document, NULL, &err));
    assert_int_equal(nomad_evaluation_state(document, ret), EVALUATION_BLOCKED);
    json_decref(document);
}

static void test_jobs_that_cannot_run_say_why(void **state)
{
    static const char *const STEPS[] = { "17-job-after-purge=/v1/job/toobig",
                                         "15-register-too-big",
                                         "15-evaluation-blocked",
                                         "17-job-after-purge=/v1/job/nodriver",
                                         "15-register-no-driver",
                                         "15-evaluation-no-driver",
                                         "15-allocations-badart",
                                         "15-allocations-badsum",
                                         NULL };
    static const char *const JOBS[] = { "15-register-too-big", "15-register-no-driver" };
    static const char *const WHY[] = { "too little memory (9999999 MB asked for)",
                                       "without the task's driver" };
    struct replay r = begin(STEPS);
    struct buffer why;
    json_t *list = NULL;

    (void)state;
    buffer_init(&why, allocator_libc(), 4096);
    for (size_t i = 0; i < 2; i++) {
        json_t *job = recorded_job(JOBS[i]);
        char evaluation[NOMAD_ID_ROOM];

        assert_ok(nomad_job_register(r.nomad, job, evaluation, &err));
        why_not(r.nomad, evaluation, &why);
        assert_non_null(strstr(buffer_string(&why), WHY[i]));
        json_decref(job);
    }
    buffer_clear(&why);
    assert_ok(nomad_job_allocations(r.nomad, "badart", 0, 0, &list, NULL, &err));
    nomad_explain_allocation(json_array_get(list, 0), &why);
    assert_non_null(strstr(buffer_string(&why), "the artifact is not there"));
    json_decref(list);
    assert_ok(nomad_job_allocations(r.nomad, "badsum", 0, 0, &list, NULL, &err));
    nomad_explain_allocation(json_array_get(list, 0), &why);
    assert_non_null(strstr(buffer_string(&why), "mend its checksum"));
    json_decref(list);
    buffer_release(&why);
    end(&r);
}

static void test_a_job_is_stopped_purged_and_forgotten(void **state)
{
    static const char *const STEPS[] = { "17-deregister",
                                         "17-allocation-stopped",
                                         "17-job-dead",
                                         "17-purge",
                                         "17-job-after-purge",
                                         "!404:job not found",
                                         "18-allocation-after-gc",
                                         "18-logs-after-gc",
                                         NULL };
    struct replay r = begin(STEPS);
    struct nomad_allocation_facts facts;
    json_t *document = NULL;
    struct buffer out;

    (void)state;
    buffer_init(&out, allocator_libc(), 1024);
    assert_ok(nomad_job_stop(r.nomad, "demo", false, &err));
    assert_ok(nomad_allocation(r.nomad, ONE, &document, &err));
    nomad_allocation_read(document, &facts);
    assert_int_equal(facts.state, ALLOCATION_COMPLETE);
    assert_false(facts.wanted);
    json_decref(document);
    assert_ok(nomad_job(r.nomad, "demo", &document, &err));
    assert_string_equal(text(document, "Status"), "dead");
    json_decref(document);
    assert_ok(nomad_job_stop(r.nomad, "demo", true, &err));
    assert_int_equal(nomad_job(r.nomad, "demo", &document, &err), OU_NOT_FOUND);
    assert_ok(nomad_job_stop(r.nomad, "demo", true, &err));
    assert_int_equal(nomad_allocation(r.nomad, ONE, &document, &err), OU_NOT_FOUND);
    assert_fails(nomad_allocation_log(r.nomad, ONE, "main", "stdout", 10, &out, &err), OU_NOT_FOUND,
                 "Nomad has collected it");
    assert_null(document);
    buffer_release(&out);
    end(&r);
}

static void test_the_slash_of_a_dispatched_job_is_part_of_its_name(void **state)
{
    static const char *const STEPS[] = { "16-dispatch-allocations", NULL };
    struct replay r = begin(STEPS);
    json_t *list = NULL;

    (void)state;
    assert_ok(nomad_job_allocations(r.nomad, "disp/dispatch-1795309318-3752fca3", 0, 0, &list, NULL,
                                    &err));
    assert_int_equal(json_array_size(list), 1);
    json_decref(list);
    end(&r);
}

/* ---- what goes wrong on the way ---- */

static void note_wait(void *context, const char *why, double wait_s)
{
    unsigned *waits = context;

    (void)why;
    assert_true(wait_s >= 0);
    (*waits)++;
}

static void test_what_may_pass_is_asked_again(void **state)
{
    static const char *const STEPS[] = {
        "!lost", "!500:No cluster leader", "07-job", "!503:", "07-job", NULL
    };
    struct replay r = begin(STEPS);
    json_t *job = NULL;
    unsigned waits = 0;

    (void)state;
    nomad_on_wait(r.nomad, note_wait, &waits);
    assert_ok(nomad_job(r.nomad, "demo", &job, &err));
    json_decref(job);
    assert_int_equal(waits, 2);
    assert_ok(nomad_job(r.nomad, "demo", &job, &err));
    json_decref(job);
    assert_int_equal(waits, 3);
    end(&r);
}

static void test_what_lasts_is_not_asked_again(void **state)
{
    static const char *const STEPS[] = { "!500:No path to region",
                                         "!403:Permission denied",
                                         "!500:rpc error: No cluster leader",
                                         "!500:rpc error: No cluster leader",
                                         "!500:rpc error: No cluster leader",
                                         NULL };
    struct replay r = begin(STEPS);
    json_t *job = NULL;

    (void)state;
    assert_fails(nomad_job(r.nomad, "demo", &job, &err), OU_IO, "nomad server members");
    assert_fails(nomad_job(r.nomad, "demo", &job, &err), OU_IO, "no token was given");
    assert_fails(nomad_job(r.nomad, "demo", &job, &err), OU_IO, "the servers have elected none");
    assert_null(job);
    end(&r);
}

static void test_who_does_not_answer_is_told(void **state)
{
    const struct nomad_place nowhere = { .address = "http://127.0.0.1:1" };
    struct nomad *nomad = NULL;
    json_t *job = NULL;

    (void)state;
    assert_ok(nomad_open(&nowhere, &nomad, &err));
    nomad_retry_with(nomad, &QUICK);
    assert_fails(nomad_job(nomad, "demo", &job, &err), OU_IO,
                 "Nomad at http://127.0.0.1:1: connection refused");
    assert_int_equal(nomad_job(nomad, "demo", &job, NULL), OU_IO);
    assert_null(job);
    nomad_close(nomad);
}

/* The answer to the first try is lost, the second meets the job that the first has made. */
static void test_a_job_is_not_registered_twice(void **state)
{
    static const char *const STEPS[] = {
        "17-job-after-purge",
        "!lost",
        "!500:Enforcing job modify index 0: job exists with conflicting job modify index: 9",
        "07-job",
        "07-job-evaluations",
        NULL
    };
    struct replay r = begin(STEPS);
    json_t *job = recorded_job("05-register");
    char evaluation[NOMAD_ID_ROOM];

    (void)state;
    assert_ok(nomad_job_register(r.nomad, job, evaluation, &err));
    assert_string_equal(evaluation, "4d091b06-a65c-ccdb-3b08-72f5fd963f92");
    json_decref(job);
    end(&r);
}

static void test_a_job_that_somebody_else_changed_is_left_alone(void **state)
{
    static const char *const STEPS[] = {
        "07-job",
        "!500:Enforcing job modify index 9: job exists with conflicting job modify index: 12",
        "17-job-dead", NULL
    };
    struct replay r = begin(STEPS);
    json_t *job = recorded_job("05-register");
    char evaluation[NOMAD_ID_ROOM];

    (void)state;
    assert_fails(nomad_job_register(r.nomad, job, evaluation, &err), OU_IO, "somebody else");
    json_decref(job);
    end(&r);
}

static void test_a_page_that_is_no_answer_of_nomads_is_told(void **state)
{
    static const char *const STEPS[] = { "!200:<html>hello</html>", NULL };
    struct replay r = begin(STEPS);
    json_t *job = NULL;

    (void)state;
    assert_fails(nomad_job(r.nomad, "demo", &job, &err), OU_IO, "is there a Nomad agent behind");
    end(&r);
}

/* ---- events ---- */

struct heard {
    unsigned events, beats, lines, most;
};

static bool hear(void *context, const json_t *event)
{
    struct heard *heard = context;
    struct buffer line;

    if (!event) {
        heard->beats++;
        return true;
    }
    buffer_init(&line, allocator_libc(), 8192);
    heard->events++;
    heard->lines += nomad_event_line(event, &line);
    buffer_release(&line);
    return heard->events < heard->most;
}

static void test_the_event_stream_is_read_in_pieces(void **state)
{
    static const char *const STEPS[] = { "!stream=20-event-stream", NULL };
    static const char *const TOPICS[] = { "Job:demo", "Allocation", NULL };
    struct replay r = begin(STEPS);
    struct heard heard = { .most = 1000 };
    uint64_t index = 0;

    (void)state;
    assert_ok(nomad_events(r.nomad, TOPICS, &index, hear, &heard, &err));
    assert_int_equal(heard.events, 66);
    assert_true(heard.beats > 0);
    assert_true(heard.lines > 20);
    assert_int_equal(index, 52);
    end(&r);
}

static void test_a_listener_that_has_enough_ends_the_stream(void **state)
{
    static const char *const STEPS[] = { "!503:", "!lost", "!stream=20-event-stream", NULL };
    struct replay r = begin(STEPS);
    struct heard heard = { .most = 3 };
    uint64_t index = 0;

    (void)state;
    assert_ok(nomad_events(r.nomad, NULL, &index, hear, &heard, &err));
    assert_int_equal(heard.events, 3);
    assert_int_equal(index,
                     10); /* the first of four events of index 10 was told: they come again */
    end(&r);
}

/* ---- places ---- */

static void assert_no_place(const struct nomad_place *place, const char *message)
{
    struct nomad *nomad = NULL;

    assert_fails(nomad_open(place, &nomad, &err), OU_USAGE, message);
    assert_null(nomad);
}

static void test_places_that_cannot_be_are_refused(void **state)
{
    static const char *const BAD[] = { "127.0.0.1:4646", "ftp://x", "http://", "http://a@b:1",
                                       "http://x?region=y" };

    (void)state;
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++)
        assert_no_place(&(struct nomad_place){ .address = BAD[i] }, "NOMAD_ADDR");
}

static void test_a_token_does_not_go_elsewhere_in_clear_text(void **state)
{
    static const char *const HERE[] = { "http://127.0.0.1:1", "http://localhost:1/", "http://[::1]",
                                        "https://nomad.example.org" };
    static const char *const AWAY[] = { "http://10.0.0.1:4646", "http://127.0.0.1.example.org",
                                        "http://localhost.example.org" };
    struct nomad *nomad = NULL;

    (void)state;
    setenv("NOMAD_TOKEN", "b6e29626-e23d-98b4-e19f-c71a96fbdef7", 1);
    for (size_t i = 0; i < sizeof AWAY / sizeof AWAY[0]; i++) {
        assert_no_place(&(struct nomad_place){ .address = AWAY[i] }, "clear text");
        assert_null(strstr(err.text, "b6e29626"));
    }
    for (size_t i = 0; i < sizeof HERE / sizeof HERE[0]; i++) {
        assert_ok(nomad_open(&(struct nomad_place){ .address = HERE[i] }, &nomad, &err));
        nomad_close(nomad);
    }
    setenv("NOMAD_TOKEN", "two words", 1);
    assert_no_place(&(struct nomad_place){ .address = HERE[0] }, "one token");
    unsetenv("NOMAD_TOKEN");
}

static void test_region_and_namespace_are_asked_with(void **state)
{
    static const char *const STEPS[] = { "07-job=/v1/job/demo?region=eu&namespace=perf%2D1", NULL };
    struct replay r;
    json_t *job = NULL;

    (void)state;
    setenv("NOMAD_REGION", "eu", 1);
    setenv("NOMAD_NAMESPACE", "perf-1", 1);
    r = begin(STEPS);
    forget_environment();
    assert_ok(nomad_job(r.nomad, "demo", &job, &err));
    json_decref(job);
    end(&r);
}

static void test_a_token_comes_from_a_file(void **state)
{
    struct temp_dir dir;
    struct nomad_place place = { .address = "http://127.0.0.1:1" };
    struct nomad *nomad = NULL;

    (void)state;
    temp_dir_make(&dir);
    place.token_file = temp_file(&dir, "good", " b6e29626-e23d\n");
    assert_int_equal(chmod(place.token_file, 0640), 0);
    assert_ok(nomad_open(&place, &nomad, &err));
    assert_non_null(strstr(nomad_remark(nomad), "(mode 640): chmod 600"));
    nomad_close(nomad);
    assert_int_equal(chmod(place.token_file, 0600), 0);
    assert_ok(nomad_open(&place, &nomad, &err));
    assert_string_equal(nomad_remark(nomad), "");
    nomad_close(nomad);
    place.token_file = temp_file(&dir, "empty", "\n");
    assert_no_place(&place, "does not hold one token");
    place.token_file = temp_file(&dir, "two", "one\ntwo\n");
    assert_no_place(&place, "does not hold one token");
    assert_null(strstr(err.text, "one\n"));
    place.token_file = temp_file(&dir, "binary", "a\x01z");
    assert_no_place(&place, "does not hold a token");
    place.token_file = temp_path(&dir, "none");
    assert_int_equal(nomad_open(&place, &nomad, &err), OU_NOT_FOUND);
    assert_non_null(strstr(err.text, "nomad.token_file"));
    temp_dir_remove(&dir);
}

static void test_what_is_cancelled_ends(void **state)
{
    static const char *const STEPS[] = { NULL };
    struct replay r = begin(STEPS);
    json_t *job = NULL;

    (void)state;
    nomad_cancel(r.nomad);
    assert_int_equal(nomad_job(r.nomad, "demo", &job, &err), OU_INTERRUPTED);
    end(&r);
}

static void test_names_that_are_none_are_not_asked_for(void **state)
{
    static const char *const STEPS[] = { NULL };
    static const char *const NAMES[] = { "", ".", ".." };
    struct replay r = begin(STEPS);
    char long_name[2000];
    json_t *job = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++)
        assert_fails(nomad_job(r.nomad, NAMES[i], &job, &err), OU_INVALID, "no name of Nomad's");
    memset(long_name, 'a', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = '\0';
    assert_fails(nomad_job(r.nomad, long_name, &job, &err), OU_TOO_LARGE, "1999 bytes");
    end(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_cluster_is_looked_at),
        cmocka_unit_test(test_a_job_is_checked_planned_and_registered),
        cmocka_unit_test(test_a_registered_job_is_watched),
        cmocka_unit_test(test_allocations_and_what_is_unknown),
        cmocka_unit_test(test_files_and_logs_are_read),
        cmocka_unit_test(test_a_file_that_is_not_there_is_not_read),
        cmocka_unit_test(test_tasks_are_signalled_and_restarted),
        cmocka_unit_test(test_jobs_that_cannot_run_say_why),
        cmocka_unit_test(test_a_job_is_stopped_purged_and_forgotten),
        cmocka_unit_test(test_the_slash_of_a_dispatched_job_is_part_of_its_name),
        cmocka_unit_test(test_what_may_pass_is_asked_again),
        cmocka_unit_test(test_what_lasts_is_not_asked_again),
        cmocka_unit_test(test_who_does_not_answer_is_told),
        cmocka_unit_test(test_a_job_is_not_registered_twice),
        cmocka_unit_test(test_a_job_that_somebody_else_changed_is_left_alone),
        cmocka_unit_test(test_a_page_that_is_no_answer_of_nomads_is_told),
        cmocka_unit_test(test_the_event_stream_is_read_in_pieces),
        cmocka_unit_test(test_a_listener_that_has_enough_ends_the_stream),
        cmocka_unit_test(test_places_that_cannot_be_are_refused),
        cmocka_unit_test(test_a_token_does_not_go_elsewhere_in_clear_text),
        cmocka_unit_test(test_a_token_comes_from_a_file),
        cmocka_unit_test(test_region_and_namespace_are_asked_with),
        cmocka_unit_test(test_what_is_cancelled_ends),
        cmocka_unit_test(test_names_that_are_none_are_not_asked_for),
    };

    forget_environment();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
