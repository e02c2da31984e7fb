#include <ouroscope/trace.h>
#include <stdio.h>
#include <stdlib.h>

#include "support/files.h"
#include "trace/config_test.h"
#include "trace/config_test_points.h"

static const char config[] =
    "TraceOptionMetricsPrefix: app\n"
    "TraceOptions:\n"
    "  '': {severity: Notice, backends: [Stdout MachineFormat, PrometheusSimple 9]}\n"
    "  Forge: {severity: Info, detail: DMaximum, maxFrequency: 2}\n"
    "  Forge.Loop.NodeIsLeader: {maxFrequency: 0.5}\n"
    "  Resources: {backends: []}\n";

/* The document as seen by a configuration; NULL: the built-in one. */
static char *document(const char *text)
{
    struct ou_error err = { { 0 } };
    struct temp_dir dir;
    char *ret = NULL;
    enum ou_status status;

    temp_dir_make(&dir);
    status = ou_trace_document(text ? temp_file(&dir, "config", text) : NULL, &ret, &err);
    if (status)
        print_error("%s\n", err.text);
    assert_int_equal(status, OU_OK);
    temp_dir_remove(&dir);
    return ret;
}

static void assert_has(const char *document, const char *part)
{
    if (!strstr(document, part))
        fail_msg("not in the document: %s", part);
}

static void test_contents_are_a_tree_with_marks(void **state)
{
    char *d = document(config);

    (void)state;
    assert_has(d, "# Trace documentation\n\n## Contents\n\n");
    assert_has(d, "- ChainDB\n"
                  "  - AddBlockEvent\n"
                  "    - [AddedBlockToQueue](#chaindbaddblockeventaddedblocktoqueue) ⓢ ⓜ\n"
                  "- ChainSync\n"
                  "  - Client\n"
                  "    - [DownloadedHeader](#chainsyncclientdownloadedheader) ⓢ\n"
                  "- Forge\n"
                  "  - Loop\n"
                  "    - [ForgedBlock](#forgeloopforgedblock) ⓜ\n"
                  "    - [NodeIsLeader](#forgeloopnodeisleader)\n");
    assert_has(d, "- [Resources](#resources) ⓢ\n"
                  "  - [Child](#resourceschild) ⓢ\n");
    free(d);
}

OU_TRACE_POINT(test_child, "Resources.Child", OU_INFO, OU_PUBLIC, OU_NO_FIELDS, "Below a message.",
               .constants = "a=b\nc.d=e f");

static void test_a_message_is_described(void **state)
{
    char *d = document(config);

    (void)state;
    assert_has(d, "## Trace Messages\n\n### ");
    assert_has(d,
               "### Forge.Loop.ForgedBlock\n\n"
               "> A block was forged. It is not adopted yet.\n\n"
               "Severity: `Info`  \nPrivacy: `Public`  \nDetails: `DNormal`\n\n"
               "| field | type | from detail | what it is |\n"
               "|---|---|---|---|\n"
               "| `kind` | string | `DMinimal` | always `TraceForgedBlock` |\n"
               "| `slot` | number | `DMinimal` | the slot the block is for |\n"
               "| `block` | hash in hex | `DMinimal` | the block's hash |\n"
               "| `mempool.bytes` | number | `DDetailed` | what was \\| left |\n"
               "| `{ms}` | number | in the human form only | how long it took |\n\n"
               "Below `DNormal` there are no fields at all.\n\n"
               "Human form: `forged {block} in slot {slot}`\n\n"
               "In the legacy layout: logger `cardano.node.Forge`, kind `TraceForgedBlock`, "
               "wrapped in `credentials` and `val`\n\n"
               "Formerly: `Forge.Loop.Forged` (2023), `Forge.ForgedBlock` (2021)\n\n"
               "From current configuration:\n\n"
               "Details: `DMaximum`\n\n"
               "Backends:\n\n- `Stdout MachineFormat`\n- `PrometheusSimple suffix 127.0.0.1 9`\n\n"
               "Filtered `Visible` by config value: `Info`\n\n"
               "Limiter `Forge.Loop.ForgedBlock` with frequency `2.0`\n\n### ");
    free(d);
}

static void test_a_message_shows_what_the_configuration_makes_of_it(void **state)
{
    char *d = document(config);

    (void)state;
    assert_has(d, "Limiter `Forge.Loop.NodeIsLeader` with frequency `0.5`\n");
    assert_has(d, "### Resources\n\n> What the process uses.\n\n"
                  "Severity: `Info`  \nPrivacy: `Confidential`  \nDetails: `DNormal`\n\n"
                  "In the legacy layout: logger `cardano.node.resources`, kind `ResourceStats`\n\n"
                  "From current configuration:\n\nBackends:\n\n- none\n\n"
                  "Filtered `Invisible` by config value: `Notice`\n\n");
    assert_has(d, "In the legacy layout: logger `cardano.node.ChainDB`, kind "
                  "`TraceAddBlockEvent.AddedBlockToQueue`\n");
    assert_has(d, "| `a` | string | `DMinimal` | always `b` |\n"
                  "| `c.d` | string | `DMinimal` | always `e f` |\n");
    free(d);
    d = document(NULL);
    assert_has(d, "Filtered `Invisible` by config value: `Warning`\n");
    assert_has(d, "Limiter `ChainDB.AddBlockEvent.AddedBlockToQueue` with frequency `2.0`\n");
    free(d);
}

static void test_metrics_name_the_messages_that_feed_them(void **state)
{
    char *d = document(config);

    (void)state;
    assert_has(d, "## Metrics\n\n### ");
    assert_has(d, "### app.forgedSlot_int\n\n> the last slot with a block\n\n"
                  "Dispatched by:\n\n- `Forge.Loop.ForgedBlock`\n\n");
    assert_has(d, "### app.forged_counter\n\n> blocks forged\n\n"
                  "Dispatched by:\n\n- `ChainDB.AddBlockEvent.AddedBlockToQueue`\n"
                  "- `Forge.Loop.ForgedBlock`\n\n");
    free(d);
}

static size_t count(const char *at, const char *end, const char *what)
{
    size_t n = 0;

    while ((at = strstr(at, what)) && at < end) {
        at += strlen(what);
        n++;
    }
    return n;
}

static void test_the_end_has_the_configuration_and_counts(void **state)
{
    char *d = document(config), *again = document(config);
    const char *metrics = strstr(d, "\n## Metrics"),
               *json = strstr(d, "\n```json is tracing-configuration\n");
    char end[100];

    (void)state;
    assert_non_null(metrics);
    assert_non_null(json);
    assert_has(json, "\"TraceOptionMetricsPrefix\": \"app.\"");
    snprintf(end, sizeof end, "\n}\n```\n\n%zu messages, %zu metrics.\n",
             count(d, metrics, "\n### "), count(metrics, json, "\n### "));
    assert_string_equal(d + strlen(d) - strlen(end), end);
    assert_string_equal(d, again); /* byte for byte */
    free(d);
    free(again);
}

static void test_a_wrong_configuration_gives_no_document(void **state)
{
    struct ou_error err = { { 0 } };
    char *ret = NULL;

    (void)state;
    assert_int_equal(ou_trace_document("/nowhere/at/all", &ret, &err), OU_NOT_FOUND);
    assert_null(ret);
    assert_string_equal(err.text, "open /nowhere/at/all: No such file or directory");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_contents_are_a_tree_with_marks),
        cmocka_unit_test(test_a_message_is_described),
        cmocka_unit_test(test_a_message_shows_what_the_configuration_makes_of_it),
        cmocka_unit_test(test_metrics_name_the_messages_that_feed_them),
        cmocka_unit_test(test_the_end_has_the_configuration_and_counts),
        cmocka_unit_test(test_a_wrong_configuration_gives_no_document),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
