/* What recorded answers of a real agent (tests/data/nomad-api) mean, word by word. */
#include "nomad/explain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "json/tree.h"
#include "support/test.h"

#define RECORDED "tests/data/nomad-api/"

static struct ou_error err;
static struct buffer said;

static int set_up(void **state)
{
    (void)state;
    buffer_init(&said, allocator_libc(), 1 << 16);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    buffer_release(&said);
    return 0;
}

static json_t *recorded(const char *name)
{
    char path[128];
    json_t *tree = NULL;

    snprintf(path, sizeof path, RECORDED "%s.json", name);
    if (json_tree_load(path, 1 << 20, &tree, &err))
        fail_msg("%s", err.text);
    return tree;
}

static const json_t *response(const json_t *transcript)
{
    return json_object_get(transcript, "response");
}

static const json_t *body(const json_t *transcript)
{
    return json_object_get(response(transcript), "body");
}

static json_t *parsed(const char *text)
{
    json_t *tree = NULL;

    if (json_tree_parse(span_of(text), "text", &tree, &err))
        fail_msg("%s", err.text);
    return tree;
}

static void assert_said(const char *what, const char *expected)
{
    if (strcmp(buffer_string(&said), expected) != 0)
        fail_msg("%s says\n  \"%s\", not\n  \"%s\"", what, buffer_string(&said), expected);
    buffer_clear(&said);
}

/* ---- answers that refuse ---- */

struct refusal {
    const char *transcript, *what, *says;
};

static const struct refusal REFUSALS[] = {
    { "02-jobs-parse-error", "parse the job",
      "Nomad would not parse the job: input.hcl:2,9-9: Argument or block definition required; "
      "An argument or block definition is required here. input.hcl:2,8-9: Missing name for "
      "group; All group blocks must have 1 labels (name). (400); mend the job file there" },
    { "05-register-error", "register the job",
      "Nomad would not register the job: Task group one validation failed: Task main "
      "validation failed: Missing task driver (500); mend what it names in the placement plan" },
    { "05-register-malformed", "register the job",
      "Nomad would not register the job: invalid character 'n' looking for beginning of "
      "object key string (400); the request is no JSON: what lies between, a proxy perhaps, "
      "has changed it" },
    { "08-allocation-unknown", "show the allocation",
      "Nomad would not show the allocation: alloc not found (404); Nomad has collected it, or "
      "it never was: see nomad job status for those there are" },
    { "08-job-unknown", "show the job",
      "Nomad would not show the job: job not found (404); it was purged, or is in another "
      "namespace or region" },
    { "09-fs-cat-escape", "read the file",
      "Nomad would not read the file: Path escapes the alloc directory; name a file within "
      "the allocation's folder" },
    { "09-fs-cat-missing", "read the file",
      "Nomad would not read the file: stat "
      "/tmp/nomad-demo/alloc/095d7131-2a1e-774d-f0b2-b1688e49b347/main/local/none: no such "
      "file or directory; it is not there (yet), or has been collected" },
    { "10-logs-no-task", "read the log",
      "Nomad would not read the log: unknown task name \"nope\" (400); the group has no task "
      "of that name: see nomad alloc status" },
    { "16-dispatch-error", "dispatch the job",
      "Nomad would not dispatch the job: Dispatch did not provide required meta keys: [who] "
      "(500); give the values that it names; they are set by the one who dispatches the job" },
    { "17-job-after-purge", "show the job",
      "Nomad would not show the job: job not found (404); it was purged, or is in another "
      "namespace or region" },
    { "18-allocation-after-gc", "show the allocation",
      "Nomad would not show the allocation: alloc not found (404); Nomad has collected it, or "
      "it never was: see nomad job status for those there are" },
    { "18-logs-after-gc", "read the log",
      "Nomad would not read the log: Unknown allocation "
      "\"095d7131-2a1e-774d-f0b2-b1688e49b347\" (404); Nomad has collected it, or it never "
      "was: fetch logs before its garbage collection" },
};

/* A command inside an allocation is refused with the close frame of its WebSocket. */
static const struct refusal CLOSED[] = {
    { "12-exec-unknown-alloc", "run the command",
      "Nomad would not run the command: Unknown allocation "
      "\"00000000-0000-0000-0000-000000000000\" (1008); Nomad has collected it, or it never "
      "was: fetch logs before its garbage collection" },
    { "12-exec-nonexistent", "run the command",
      "Nomad would not run the command: rpc error: code = Unknown desc = failed to start "
      "command: fork/exec /nonexistent: no such file or directory (1011); the program is not "
      "in the task's file system" },
};

static void test_every_recorded_refusal_says_what_to_do(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof REFUSALS / sizeof REFUSALS[0]; i++) {
        json_t *t = recorded(REFUSALS[i].transcript);

        nomad_explain_refusal((int)json_integer_value(json_object_get(response(t), "status")),
                              span_of(json_string_value(body(t))), REFUSALS[i].what, "NOMAD_TOKEN",
                              &said);
        assert_said(REFUSALS[i].transcript, REFUSALS[i].says);
        json_decref(t);
    }
}

static void test_every_recorded_close_frame_says_what_to_do(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof CLOSED / sizeof CLOSED[0]; i++) {
        json_t *t = recorded(CLOSED[i].transcript);
        const json_t *frames = json_object_get(t, "frames");
        const json_t *last = json_array_get(frames, json_array_size(frames) - 1);

        nomad_explain_refusal((int)json_integer_value(json_object_get(last, "close")),
                              span_of(json_string_value(json_object_get(last, "text"))),
                              CLOSED[i].what, "NOMAD_TOKEN", &said);
        assert_said(CLOSED[i].transcript, CLOSED[i].says);
        json_decref(t);
    }
}

static void expect_refusal(int status, const char *text, const char *expected)
{
    nomad_explain_refusal(status, span_of(text), "list its machines", "NOMAD_TOKEN", &said);
    if (!strstr(buffer_string(&said), expected))
        fail_msg("\"%s\" says \"%s\"", text, buffer_string(&said));
    buffer_clear(&said);
}

static void test_common_refusals_say_what_to_do(void **state)
{
    (void)state;
    expect_refusal(403, "Permission denied", "its policy needs submit-job");
    expect_refusal(403, "Permission denied", "; the token is from NOMAD_TOKEN");
    expect_refusal(403, "ACL token not found", "unknown or has expired");
    expect_refusal(500, "No path to region", "nomad server members");
    expect_refusal(500, "rpc error: No cluster leader", "have elected none");
    expect_refusal(400, "Client sent an HTTP request to an HTTPS server.\n",
                   "give its address as https://");
    expect_refusal(500, "job \"x\" is in nonexistent namespace \"perf\"", "nomad namespace apply");
    expect_refusal(429, "",
                   "Nomad would not list its machines: 429; the agent has too many connections");
    expect_refusal(500, "something new", "something new (500); see the log of Nomad's servers");
}

/* ---- evaluations ---- */

static const struct {
    const char *transcript;
    enum nomad_evaluation_state state;
    const char *says;
} EVALUATIONS[] = {
    { "06-evaluation", EVALUATION_PLACED, "" },
    { "15-evaluation-blocked", EVALUATION_BLOCKED,
      "group g: none of 1 machine can take it: 1 with too little memory (9999999 MB asked "
      "for): ask for less memory, or add machines" },
    { "15-evaluation-no-driver", EVALUATION_BLOCKED,
      "group g: none of 1 machine can take it: 1 without the task's driver, or with it "
      "unhealthy: enable the driver on the clients (nomad node status -verbose shows them), "
      "or name another one" },
};

static void test_every_recorded_evaluation_says_where_it_stands(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof EVALUATIONS / sizeof EVALUATIONS[0]; i++) {
        json_t *t = recorded(EVALUATIONS[i].transcript);

        assert_int_equal(nomad_evaluation_state(body(t), &said), EVALUATIONS[i].state);
        assert_said(EVALUATIONS[i].transcript, EVALUATIONS[i].says);
        json_decref(t);
    }
}

static void expect_evaluation(const char *document, enum nomad_evaluation_state state,
                              const char *says)
{
    json_t *tree = parsed(document);

    assert_int_equal(nomad_evaluation_state(tree, &said), state);
    assert_said(document, says);
    json_decref(tree);
}

static void test_evaluations_that_did_not_go_well(void **state)
{
    (void)state;
    expect_evaluation("{\"Status\": \"pending\"}", EVALUATION_PENDING, "");
    expect_evaluation("{\"Status\": 7}", EVALUATION_PENDING, "");
    expect_evaluation("[]", EVALUATION_PENDING, "");
    expect_evaluation(
        "{\"Status\": \"failed\", \"StatusDescription\": \"maximum attempts reached (5)\"}",
        EVALUATION_FAILED, "Nomad gave the evaluation up: maximum attempts reached (5)");
    expect_evaluation("{\"Status\": \"canceled\"}", EVALUATION_FAILED,
                      "the evaluation was cancelled: a newer one of the job took its place");
    expect_evaluation(
        "{\"Status\": \"blocked\", \"StatusDescription\": \"created to place remaining "
        "allocations\"}",
        EVALUATION_BLOCKED, "created to place remaining allocations");
}

/* ---- placements ---- */

static void expect_placement(const char *failed, const char *says)
{
    json_t *tree = parsed(failed);

    assert_int_equal(nomad_explain_failures(tree, &said), says[0] != '\0');
    assert_said(failed, says);
    json_decref(tree);
}

static void test_placements_that_failed(void **state)
{
    (void)state;
    expect_placement("{}", "");
    expect_placement("[]", "");
    expect_placement(
        "{\"a\": {\"NodesEvaluated\": 0, \"NodesAvailable\": {\"nowhere\": 0, \"dc1\": 3}}}",
        "group a: no machine is ready in datacenter nowhere: name a datacenter that has "
        "clients (nomad node status shows them), or start clients there");
    expect_placement(
        "{\"a\": {\"NodesEvaluated\": 3, \"NodesFiltered\": 2, \"ConstraintFiltered\": "
        "{\"${node.class} = perf\": 2}, \"DimensionExhausted\": {\"network: reserved port "
        "collision node=30000\": 1}}}",
        "group a: none of 3 machines can take it: 2 not meeting the constraint "
        "\"${node.class} = perf\", 1 with a port that is taken (30000): ask for another port or a "
        "dynamic one, or stop the job that has it (nomad node status)");
    expect_placement(
        "{\"a\": {\"NodesEvaluated\": 5, \"NodesFiltered\": 5, \"ConstraintFiltered\": "
        "{\"computed class ineligible\": 4, \"missing drivers\": 1}}}",
        "group a: none of 5 machines can take it: 4 of a kind that was found unfit, 1 "
        "without the task's driver, or with it unhealthy: enable the driver on the clients (nomad node status -verbose "
        "shows them), or name another one");
    expect_placement(
        "{\"a\": {\"NodesEvaluated\": 2, \"ConstraintFiltered\": {\"distinct_hosts\": 2}}}",
        "group a: none of 2 machines can take it: 2 that run a host of this job already: add "
        "machines, or let several hosts share one");
    expect_placement(
        "{\"a\": {\"NodesEvaluated\": 1, \"QuotaExhausted\": [\"memory (9 > 5)\"]}}",
        "group a: none of 1 machine can take it: the namespace's quota is used up: memory (9 > "
        "5): stop other jobs of the namespace, or have its quota raised");
    expect_placement(
        "{\"a\": {\"NodesEvaluated\": 4, \"ClassExhausted\": {\"perf\": 4}}}",
        "group a: none of 4 machines can take it: 4 of class \"perf\" full: look at the job's "
        "constraints and resources");
    expect_placement("{\"a\": 7}",
                     "group a: no machine is ready in the job's datacenters: name a "
                     "datacenter that has clients (nomad node status shows them), or start "
                     "clients there");
}

#define MACHINE(name, datacenter)                                                    \
    "{\"Name\": \"" name "\", \"ID\": \"1-" name "\", \"Datacenter\": \"" datacenter \
    "\", \"NodeClass\": \"\", \"Status\": \"ready\", \"SchedulingEligibility\": \"eligible\"}"

static void expect_machines(const char *metric, const char *says)
{
    static const char MACHINES[] = "[" MACHINE("eu-1", "eu") "," MACHINE("eu-2", "eu") "," MACHINE(
        "us-1", "us") ", {\"Name\": \"eu-3\", \"Datacenter\": \"eu\", \"Status\": \"down\", "
                      "\"SchedulingEligibility\": \"eligible\"}, 7]";
    json_t *failed = json_pack("{s:o}", "a", parsed(metric)), *machines = parsed(MACHINES);

    assert_true(nomad_explain_failures_on(failed, machines, &said));
    assert_said(metric, says);
    json_decref(machines);
    json_decref(failed);
}

/* Nomad counts machines; who they are follows from what it tells of constraints. */
static void test_machines_that_are_full_are_named(void **state)
{
    (void)state;
    expect_machines(
        "{\"NodesEvaluated\": 3, \"NodesExhausted\": 2, \"NodesAvailable\": {\"eu\": 2, \"us\": 1}, "
        "\"ConstraintFiltered\": {\"${node.datacenter} = eu\": 1}, \"DimensionExhausted\": "
        "{\"memory\": 2}}",
        "group a: none of 3 machines can take it: 1 not meeting the constraint "
        "\"${node.datacenter} = eu\", 2 with too little memory, namely eu-1 and eu-2: ask for less "
        "memory, or add machines");
    expect_machines(
        "{\"NodesEvaluated\": 2, \"NodesExhausted\": 1, \"NodesAvailable\": {\"eu\": 2}, "
        "\"ConstraintFiltered\": {\"${node.unique.name} = eu-2\": 1}, \"DimensionExhausted\": "
        "{\"disk\": 1}}",
        "group a: none of 2 machines can take it: 1 not meeting the constraint "
        "\"${node.unique.name} = eu-2\", 1 with too little disk, namely eu-2: ask for less disk, or "
        "add machines");
    /* One of the two runs a host already, and which of them is not known. */
    expect_machines(
        "{\"NodesEvaluated\": 2, \"NodesExhausted\": 1, \"NodesAvailable\": {\"eu\": 2}, "
        "\"ConstraintFiltered\": {\"distinct_hosts\": 1}, \"DimensionExhausted\": {\"cpu\": 1}}",
        "group a: none of 2 machines can take it: 1 that run a host of this job already, 1 with "
        "too little CPU: ask for fewer MHz, or add machines");
}

/* Fifty-two hosts that lack the same are one line. */
static void test_groups_that_fail_alike_are_told_together(void **state)
{
    json_t *failed = json_object();

    (void)state;
    for (unsigned i = 0; i < 52; i++) {
        char name[16];

        snprintf(name, sizeof name, "node-%u", i);
        json_object_set_new(failed, name,
                            json_pack("{s:i, s:{s:i}}", "NodesEvaluated", 3, "DimensionExhausted",
                                      i == 1 ? "cpu" : "memory", 3));
    }
    assert_true(nomad_explain_failures(failed, &said));
    assert_said(
        "52 groups",
        "groups node-0, node-2, node-3, node-4 and 47 more: none of 3 machines can take it: "
        "3 with too little memory: ask for less memory, or add machines\n"
        "group node-1: none of 3 machines can take it: 3 with too little CPU: ask for fewer "
        "MHz, or add machines");
    json_decref(failed);
}

/* ---- allocations ---- */

static const struct {
    const char *transcript;
    enum nomad_allocation_state state;
    const char *group;
    bool wanted, is_healthy;
    unsigned restarts;
    int exit_status;
    const char *says;
} ALLOCATIONS[] = {
    { "08-allocation-running", ALLOCATION_RUNNING, "one", true, true, 0, -1, "" },
    { "13-allocation-after-restart", ALLOCATION_RUNNING, "one", true, true, 1, 130, "" },
    { "14-allocation-failed-exit3", ALLOCATION_FAILED, "two", true, false, 0, 3,
      "task main: it ended with exit status 3; see what it printed (nomad alloc logs -stderr "
      "2eadc268)" },
    { "15-allocations-badart", ALLOCATION_FAILED, "g", true, false, 0, -1,
      "task main: failed to download artifact \"http://127.0.0.1:28080/missing.tar.gz\": bad "
      "response code: 404; the artifact is not there: upload it, or mend its address in the "
      "placement plan" },
    { "15-allocations-badsum", ALLOCATION_FAILED, "g", true, false, 0, -1,
      "task main: failed to download artifact \"http://127.0.0.1:28080/pk.tar.gz\": Checksums "
      "did not match for /tmp/nomad-demo/tmp/getter3565942700/archive. Expected: "
      "0000000000000000000000000000000000000000000000000000000000000000 Got: "
      "7b0b12720d6aa9dc887732707e49d9dfa53edfd84851ce4e4135b887e379e7dc *sha256.digest; the "
      "artifact is not the one that was meant: upload the right one, or mend its checksum" },
    { "16-dispatch-allocations", ALLOCATION_COMPLETE, "g", true, false, 0, 0, "" },
    { "17-allocation-stopped", ALLOCATION_COMPLETE, "one", false, false, 1, 130,
      "alloc not needed due to job update" },
};

static void test_every_recorded_allocation_says_why(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof ALLOCATIONS / sizeof ALLOCATIONS[0]; i++) {
        json_t *t = recorded(ALLOCATIONS[i].transcript);
        const json_t *allocation = body(t);
        struct nomad_allocation_facts facts;

        if (json_is_array(allocation))
            allocation = json_array_get(allocation, 0);
        nomad_allocation_read(allocation, &facts);
        assert_int_equal(facts.state, ALLOCATIONS[i].state);
        assert_string_equal(facts.group, ALLOCATIONS[i].group);
        assert_string_equal(facts.node_name, "test");
        assert_int_equal(facts.wanted, ALLOCATIONS[i].wanted);
        assert_int_equal(facts.is_healthy, ALLOCATIONS[i].is_healthy);
        assert_int_equal(facts.restarts, ALLOCATIONS[i].restarts);
        assert_int_equal(facts.exit_status, ALLOCATIONS[i].exit_status);
        assert_true(facts.changed_ns > 1795309300000000000);
        nomad_explain_allocation(allocation, &said);
        assert_said(ALLOCATIONS[i].transcript, ALLOCATIONS[i].says);
        json_decref(t);
    }
}

static void expect_allocation(const char *document, const char *says)
{
    json_t *tree = parsed(document);

    nomad_explain_allocation(tree, &said);
    assert_said(document, says);
    json_decref(tree);
}

#define FAILED_BY(events)                                                                    \
    "{\"ID\": \"1f25329a-1834\", \"ClientStatus\": \"failed\", \"TaskStates\": {\"agent\": " \
    "{\"Failed\": true, \"Restarts\": 2, \"Events\": [" events "]}}}"
#define PENDING_AT(event) \
    "{\"ClientStatus\": \"pending\", \"TaskStates\": {\"agent\": {\"Events\": [" event "]}}}"

static void test_allocations_that_failed_in_other_ways(void **state)
{
    (void)state;
    expect_allocation(
        FAILED_BY("{\"Type\": \"Driver Failure\", \"DriverError\": \"fork/exec "
                  "/opt/ouroscope: no such file or directory\"}"),
        "task agent: its driver could not start it: fork/exec /opt/ouroscope: no such file or "
        "directory; the command is not on the machine: install it there, or say in "
        "agent.program of the placement plan where it is; Nomad had started it again 2 times");
    expect_allocation(
        FAILED_BY("{\"Type\": \"Terminated\", \"ExitCode\": 137, \"Signal\": 9, \"Details\": "
                  "{\"oom_killed\": \"true\"}}"),
        "task agent: it was killed because it used more memory than its share; give the host "
        "more memory (memory_mb, or memory_max_mb); Nomad had started it again 2 times");
    expect_allocation(
        FAILED_BY("{\"Type\": \"Terminated\", \"Signal\": 11}"),
        "task agent: it was ended by signal 11; see what it printed (nomad alloc logs -stderr "
        "1f25329a); Nomad had started it again 2 times");
    expect_allocation(
        FAILED_BY("{\"Type\": \"Failed Validation\", \"ValidationError\": \"running as user "
                  "\\\"root\\\" is disallowed\"}"),
        "task agent: the client refused it: running as user \"root\" is disallowed; the "
        "client's configuration forbids that user: name another one; Nomad had started it "
        "again 2 times");
    expect_allocation(
        FAILED_BY("{\"Type\": \"Driver Failure\", \"DriverError\": \"rpc error: exec: \\\"x\\\": "
                  "executable file not found in $PATH\"}"),
        "task agent: its driver could not start it: rpc error: exec: \"x\": executable file not "
        "found in $PATH; the command is not on the machine: install it there, or say in "
        "agent.program of the placement plan where it is; Nomad had started it again 2 times");
    expect_allocation(
        FAILED_BY(
            "{\"Type\": \"Task hook failed\", \"Details\": {\"message\": \"task_dir: mkdir: no "
            "space left on device\"}}, {\"Type\": \"Not Restarting\"}"),
        "task agent: it could not be set up: task_dir: mkdir: no space left on device; the "
        "machine's disk is full: make room, or keep the job from it; Nomad had started it "
        "again 2 times");
    expect_allocation(
        FAILED_BY(
            "{\"Type\": \"Terminated\", \"Details\": {\"exit_code\": \"0\", \"exit_message\": "
            "\"executor: lost the process\"}}"),
        "task agent: it ended with exit status 0 (executor: lost the process); see what it "
        "printed (nomad alloc logs -stderr 1f25329a); Nomad had started it again 2 times");
    expect_allocation("{\"ClientStatus\": \"failed\"}", "it failed, and no event says why");
    expect_allocation(
        "{\"ClientStatus\": \"lost\", \"NodeName\": \"client-eu-3\"}",
        "machine client-eu-3 fell silent and was given up; see that it runs and reaches the "
        "servers (nomad node status)");
    expect_allocation(
        "{\"ClientStatus\": \"unknown\", \"NodeName\": \"client-eu-3\"}",
        "machine client-eu-3 is silent; it is given up when that lasts, and goes on when it "
        "comes back");
}

static void test_allocations_that_wait(void **state)
{
    (void)state;
    expect_allocation(
        PENDING_AT("{\"Type\": \"Template\", \"DisplayMessage\": \"Missing: "
                   "nomad.service(node-1)\"}"),
        "task agent: a template waits: Missing: nomad.service(node-1); what it names must be "
        "there before the task can start");
    expect_allocation(
        PENDING_AT("{\"Type\": \"Downloading Artifacts\"}"),
        "task agent: it fetches its artifacts; see that the machine reaches them if it stays "
        "so");
    expect_allocation(
        PENDING_AT("{\"Type\": \"Driver Failure\", \"Details\": {\"driver_error\": \"permission "
                   "denied\"}}, {\"Type\": \"Restarting\"}"),
        "task agent: its driver could not start it: permission denied; the client may not start "
        "it: see the file's mode and the task's user; it is being started again");
    expect_allocation(
        PENDING_AT("{\"Type\": \"Restarting\", \"DisplayMessage\": \"Task restarting in 1s\"}"),
        "task agent: it is being started again (Task restarting in 1s)");
    expect_allocation(
        "{\"ClientStatus\": \"pending\", \"ClientDescription\": \"No tasks have started\"}",
        "No tasks have started");
    expect_allocation("[]", "");
}

/* A presigned URL opens what it names. */
static void test_secrets_of_urls_are_not_shown(void **state)
{
    (void)state;
    expect_allocation(
        FAILED_BY("{\"Type\": \"Failed Artifact Download\", \"DownloadError\": \"failed to "
                  "download artifact \\\"https://me:secret@example.org/x.tar?"
                  "X-Amz-Signature=abc\\\": bad response code: 403\"}"),
        "task agent: failed to download artifact \"https://example.org/x.tar?...\": bad "
        "response code: 403; the machine may not read the artifact: make it readable for it, "
        "or sign its address anew; Nomad had started it again 2 times");
}

static void test_foreign_text_stays_on_one_line(void **state)
{
    char *text = malloc(5000);

    (void)state;
    nomad_explain_refusal(500, (struct span){ "a\x1b[31m\n\tb\xff\0c", 12 }, "x", NULL, &said);
    assert_said("control characters",
                "Nomad would not x: a?[31m b??c (500); see the log of Nomad's servers");
    memset(text, 'a', 5000);
    nomad_explain_refusal(500, (struct span){ text, 5000 }, "x", NULL, &said);
    assert_true(said.len < 800);
    buffer_clear(&said);
    free(text);
}

static void test_a_deployment_decides_what_is_healthy(void **state)
{
    static const struct {
        const char *document;
        bool is_healthy;
    } CASES[] = {
        { "{\"ClientStatus\": \"running\"}", true },
        { "{\"ClientStatus\": \"running\", \"DeploymentID\": \"d\"}", false },
        { "{\"ClientStatus\": \"running\", \"DeploymentStatus\": {\"Healthy\": null}}", false },
        { "{\"ClientStatus\": \"running\", \"DeploymentStatus\": {\"Healthy\": true}}", true },
        { "{\"ClientStatus\": \"pending\"}", false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        json_t *tree = parsed(CASES[i].document);
        struct nomad_allocation_facts facts;

        nomad_allocation_read(tree, &facts);
        assert_int_equal(facts.is_healthy, CASES[i].is_healthy);
        json_decref(tree);
    }
}

/* ---- ports ---- */

static void expect_port(const char *shared, const char *expected)
{
    char text[256], address[64], found[80] = "";
    json_t *tree;
    uint16_t number;

    snprintf(text, sizeof text, "{\"AllocatedResources\": {\"Shared\": %s}}", shared);
    tree = parsed(text);
    if (nomad_allocation_port(tree, "node", address, &number))
        snprintf(found, sizeof found, "%s %u", address, number);
    assert_string_equal(found, expected);
    json_decref(tree);
}

static void test_ports_are_found_by_their_label(void **state)
{
    (void)state;
    expect_port(
        "{\"Ports\": [{\"Label\": \"x\"}, {\"Label\": \"node\", \"Value\": 23456, \"To\": 0, "
        "\"HostIP\": \"10.77.0.3\"}]}",
        "10.77.0.3 23456");
    expect_port("{\"Ports\": null, \"Networks\": [{\"IP\": \"::1\", \"DynamicPorts\": null, "
                "\"ReservedPorts\": [{\"Label\": \"node\", \"Value\": 30000}]}]}",
                "::1 30000");
    expect_port("{\"Ports\": null, \"Networks\": null}", "");
    expect_port("{\"Ports\": [{\"Label\": \"node\", \"Value\": 70000, \"HostIP\": \"10.0.0.1\"}]}",
                "");
    expect_port("{\"Ports\": [{\"Label\": \"node\", \"Value\": 1, \"HostIP\": \"10.0.0.1; rm\"}]}",
                "");
}

/* ---- events ---- */

/* Of 66 recorded events, those that a person is told are the golden file's lines. */
static void test_the_recorded_event_stream_in_lines(void **state)
{
    json_t *stream = recorded("20-event-stream"), *batch, *event;
    struct buffer all, golden;
    size_t i, j;

    (void)state;
    buffer_init(&all, allocator_libc(), 1 << 16);
    buffer_init(&golden, allocator_libc(), 1 << 16);
    json_array_foreach(stream, i, batch)
    {
        json_array_foreach(json_object_get(batch, "Events"), j, event)
        {
            if (nomad_event_line(event, &all))
                buffer_char(&all, '\n');
        }
    }
    assert_int_equal(file_read("tests/data/golden/nomad/events.txt", &golden, &err), OU_OK);
    assert_string_equal(buffer_string(&all), buffer_string(&golden));
    buffer_release(&golden);
    buffer_release(&all);
    json_decref(stream);
}

static void expect_event(const char *document, const char *says)
{
    json_t *tree = parsed(document);

    assert_int_equal(nomad_event_line(tree, &said), says[0] != '\0');
    assert_said(document, says);
    json_decref(tree);
}

static void test_events_of_deployments_and_machines(void **state)
{
    (void)state;
    expect_event(
        "{\"Topic\": \"Deployment\", \"Payload\": {\"Deployment\": {\"ID\": \"12345678-9\", "
        "\"Status\": \"running\"}}}",
        "");
    expect_event(
        "{\"Topic\": \"Deployment\", \"Payload\": {\"Deployment\": {\"ID\": \"12345678-9\", "
        "\"Status\": \"failed\", \"StatusDescription\": \"Failed due to progress deadline\"}}}",
        "deployment 12345678 is failed: Failed due to progress deadline");
    expect_event(
        "{\"Topic\": \"Node\", \"Payload\": {\"Node\": {\"Name\": \"client-eu-3\", \"Status\": "
        "\"down\"}}}",
        "machine client-eu-3 is down");
    expect_event("{\"Topic\": \"Allocation\", \"Payload\": {\"Allocation\": {\"ID\": "
                 "\"\\u001b[2J\\u0007789\", \"TaskGroup\": \"a\", \"ClientStatus\": \"running\", "
                 "\"DesiredStatus\": \"run\"}}}",
                 "group a: allocation ?[2J?789 is running");
    expect_event("{\"Topic\": \"Service\", \"Payload\": null}", "");
    expect_event("[]", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_recorded_refusal_says_what_to_do),
        cmocka_unit_test(test_every_recorded_close_frame_says_what_to_do),
        cmocka_unit_test(test_common_refusals_say_what_to_do),
        cmocka_unit_test(test_every_recorded_evaluation_says_where_it_stands),
        cmocka_unit_test(test_evaluations_that_did_not_go_well),
        cmocka_unit_test(test_placements_that_failed),
        cmocka_unit_test(test_machines_that_are_full_are_named),
        cmocka_unit_test(test_groups_that_fail_alike_are_told_together),
        cmocka_unit_test(test_every_recorded_allocation_says_why),
        cmocka_unit_test(test_allocations_that_failed_in_other_ways),
        cmocka_unit_test(test_allocations_that_wait),
        cmocka_unit_test(test_secrets_of_urls_are_not_shown),
        cmocka_unit_test(test_foreign_text_stays_on_one_line),
        cmocka_unit_test(test_a_deployment_decides_what_is_healthy),
        cmocka_unit_test(test_ports_are_found_by_their_label),
        cmocka_unit_test(test_the_recorded_event_stream_in_lines),
        cmocka_unit_test(test_events_of_deployments_and_machines),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
