/* The catalogue of trace points against lines of real nodes that nobody of this project wrote
 * (OUROSCOPE_SHARED_DATA, real/a-logs; sources and facts in the README beside them): nodes of 2023
 * and 2025, of the new layout and of the legacy one. Every member of their `data` must be
 * declared, with its type, or be one of the exceptions told here. */
#include <stdio.h>
#include <stdlib.h>

#include <ouroscope/node.h>

#include "json/tree.h"
#include "support/files.h"
#include "support/test.h"
#include "trace/point_names.h"
#include "trace/points.h"

#define LOGS "real/a-logs/"
#define LOGGER "cardano.node."

/* Members that real lines have and the declarations do not, each for a reason. */
static const struct exception {
    const char *ns, *member, *reason;
} exceptions[] = {
    { "ChainDB.AddBlockEvent.AddedToCurrentChain", "newTipSelectView",
      "2026: newSuffixSelectView" },
    { "ChainDB.AddBlockEvent.AddedToCurrentChain", "oldTipSelectView",
      "2026: oldSuffixSelectView" },
    { "ChainDB.AddBlockEvent.AddedToCurrentChain", "chainLengthDelta", "legacy tracing only" },
    { "ChainDB.AddBlockEvent.SwitchedToAFork", "newTipSelectView", "2026: newSuffixSelectView" },
    { "ChainDB.AddBlockEvent.SwitchedToAFork", "oldTipSelectView", "2026: oldSuffixSelectView" },
    { "ChainDB.AddBlockEvent.SwitchedToAFork", "chainLengthDelta", "legacy tracing only" },
    { "ChainDB.AddBlockEvent.SwitchedToAFork", "realFork", "legacy tracing only" },
};

static bool is_exception(const struct ou_point *point, const char *member)
{
    for (size_t i = 0; i < sizeof(exceptions) / sizeof(*exceptions); i++)
        if (strcmp(exceptions[i].ns, point->ns) == 0 && strcmp(exceptions[i].member, member) == 0)
            return true;
    return false;
}

/* --- The point of a line ---------------------------------------------------------------- */

struct wanted {
    const char *ns, *logger, *kind; /* of the new layout, or of the legacy one */
    const struct ou_point *found;
};

static bool is_named(const struct ou_point *point, const char *ns)
{
    const char *former = names_of_point(point).former;

    return strcmp(point->ns, ns) == 0 || (former && strcmp(former, ns) == 0);
}

static bool is_legacy(const struct ou_point *point, const char *logger, const char *kind)
{
    const struct point_names names = names_of_point(point);

    return names.logger && strcmp(names.logger, logger) == 0 && names.kind &&
           strcmp(names.kind, kind) == 0;
}

static void match(void *context, struct ou_point *point)
{
    struct wanted *w = context;

    if (w->ns ? is_named(point, w->ns) : w->kind && is_legacy(point, w->logger, w->kind))
        w->found = point;
}

/* NULL: a line of which the catalogue has no point. */
static const struct ou_point *point_of(const json_t *line)
{
    const json_t *ns = json_object_get(line, "ns");
    struct wanted w = { .ns = json_string_value(ns) };

    if (!w.ns) {
        w.logger = json_string_value(json_array_get(ns, 0));
        assert_non_null(w.logger);
        assert_int_equal(strncmp(w.logger, LOGGER, strlen(LOGGER)), 0);
        w.logger += strlen(LOGGER);
        w.kind = json_string_value(json_object_get(json_object_get(line, "data"), "kind"));
    }
    points_each(match, &w);
    return w.found;
}

/* --- Members -------------------------------------------------------------------------------- */

static bool has_type(const json_t *value, enum ou_type type)
{
    switch (type) {
    case OU_TYPE_u64:
    case OU_TYPE_i64: return json_is_integer(value);
    case OU_TYPE_f64: return json_is_number(value);
    case OU_TYPE_boolean:
    case OU_TYPE_flag: return json_is_boolean(value);
    case OU_TYPE_block:
    case OU_TYPE_peer: return json_is_object(value);
    case OU_TYPE_hashes:
    case OU_TYPE_txids:
    case OU_TYPE_headers: return json_is_array(value);
    case OU_TYPE_json: return true;
    default: return json_is_string(value);
    }
}

static bool is_constant(const struct ou_point *point, const char *path, const json_t *value)
{
    char wanted[256];
    const char *text = json_string_value(value);

    if (!text || !point->constants)
        return false;
    snprintf(wanted, sizeof(wanted), "%s=%s", path, text);
    return strstr(point->constants, wanted) != NULL;
}

static bool is_declared(const struct ou_point *point, const char *path, const json_t *value)
{
    for (uint32_t i = 0; i < point->field_count; i++) {
        const struct ou_field *f = &point->fields[i];

        if (f->detail != OU_HUMAN_ONLY && strcmp(f->path, path) == 0) {
            if (!has_type(value, f->type))
                fail_msg("%s: %s has another type in a real line", point->ns, path);
            return true;
        }
    }
    return is_constant(point, path, value);
}

static void check_member(const struct ou_point *point, const char *key, json_t *value)
{
    const char *inner_key;
    json_t *inner;

    if (is_declared(point, key, value) || is_exception(point, key))
        return;
    if (!json_is_object(value))
        fail_msg("%s: a real line has %s", point->ns, key);
    json_object_foreach(value, inner_key, inner)
    {
        char path[256];

        snprintf(path, sizeof(path), "%s.%s", key, inner_key);
        if (!is_declared(point, path, inner))
            fail_msg("%s: a real line has %s", point->ns, path);
    }
}

static void check_line(const struct ou_point *point, const json_t *line)
{
    json_t *data = json_object_get(line, "data"), *value;
    bool legacy = json_is_array(json_object_get(line, "ns"));
    const char *key;

    if (!legacy) /* legacy tracing had severities of its own: a ValidCandidate was Info */
        assert_string_equal(json_string_value(json_object_get(line, "sev")),
                            severity_name(point->severity));
    json_object_foreach(data, key, value)
    {
        if (strcmp(key, "kind") != 0)
            check_member(point, key, value);
        else if (!legacy)
            assert_string_equal(json_string_value(value), point->kind);
    }
}

/* How many lines of a file the catalogue has points of; they are checked. */
static int check_file(const char *name)
{
    FILE *file = fopen(shared_data(name), "r"); /* skips where it is absent */
    char *text = NULL;
    size_t room = 0;
    ssize_t len;
    int known = 0;

    assert_non_null(file);
    while ((len = getline(&text, &room, file)) > 0) {
        const struct ou_point *point;
        struct ou_error err;
        json_t *line;

        if (json_tree_parse((struct span){ text, (size_t)len }, name, &line, &err) != OU_OK)
            fail_msg("%s", err.text);
        point = point_of(line);
        if (point) {
            check_line(point, line);
            known++;
        }
        json_decref(line);
    }
    free(text);
    fclose(file);
    return known;
}

/* --- Tests -------------------------------------------------------------------------------- */

static void test_lines_of_a_node_of_2025_have_no_other_members(void **state)
{
    (void)state;
    assert_int_equal(check_file(LOGS "new-10.5-preview-openblockperf-samples.jsonl"), 5);
}

static void test_a_pair_of_snapshots_has_no_other_members(void **state)
{
    (void)state;
    assert_int_equal(check_file(LOGS "snapshot-rising-falling-edge.jsonl"), 2);
}

/* Of nine, the protocol's own message (BlockFetch.Remote.Receive.Block) is not declared. */
static void test_early_records_have_no_other_members(void **state)
{
    (void)state;
    assert_int_equal(check_file(LOGS "early-new-and-legacy-samples.jsonl"), 8);
}

/* Of 75, three roll-backs that peers told and one count of elided messages are not declared. */
static void test_legacy_lines_of_a_mainnet_relay_have_no_other_members(void **state)
{
    (void)state;
    assert_int_equal(check_file(LOGS "legacy-8.1.1-mainnet-slotbattle.jsonl"), 71);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines_of_a_node_of_2025_have_no_other_members),
        cmocka_unit_test(test_a_pair_of_snapshots_has_no_other_members),
        cmocka_unit_test(test_early_records_have_no_other_members),
        cmocka_unit_test(test_legacy_lines_of_a_mainnet_relay_have_no_other_members),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
