#include "api/description.h"

#include <stdio.h>
#include <string.h>

#include "api/operation.h"
#include "api/route.h"
#include "api/schema.h"
#include "store/list.h"
#include "support/test.h"

static struct description *d;
static struct router *router;

/* A site of one page. */
static void answer_nothing(struct api_request *r)
{
    (void)r;
}

static const struct api_page pages[] = { { "/hello/{name}", 0, answer_nothing },
                                         { NULL, 0, NULL } };

static int open_it(void **state)
{
    struct ou_error err = { 0 };

    (void)state;
    if (description_open(&d, &err) || router_open(d, pages, &router, &err))
        print_error("%s\n", err.text);
    return d && router ? 0 : -1;
}

static int close_it(void **state)
{
    (void)state;
    router_close(router);
    description_close(d);
    return 0;
}

/* ---- the document ---- */

/* The schema of the rows of a list: "RunRow" of "RunList". */
static const json_t *row_schema(const struct described *list)
{
    char ref[160];
    json_t *whole = json_loads(description_text(d).at, 0, NULL);
    json_t *ops = json_object_get(json_object_get(whole, "paths"), list->path);
    const char *schema = json_string_value(json_object_get(
        json_object_get(
            json_object_get(
                json_object_get(
                    json_object_get(json_object_get(json_object_get(ops, "get"), "responses"),
                                    "200"),
                    "content"),
                "application/json"),
            "schema"),
        "$ref"));
    const json_t *rows;

    assert_non_null(schema);
    rows = description_ref(d, schema);
    rows = json_object_get(json_object_get(json_object_get(rows, "properties"), "data"), "items");
    snprintf(ref, sizeof ref, "%s", json_string_value(json_object_get(rows, "$ref")));
    json_decref(whole);
    return json_object_get(description_ref(d, ref), "properties");
}

static void test_rows_of_lists_have_the_members_that_are_described(void **state)
{
    const struct described *o;
    size_t lists = 0;

    (void)state;
    for (size_t i = 0; (o = description_at(d, i)); i++) {
        const struct list_resource *resource = o->resource ? list_resource_find(o->resource) : NULL;
        const json_t *members;

        if (!resource)
            continue;
        members = row_schema(o);
        for (size_t f = 0; f < resource->field_count; f++)
            if (!json_object_get(members, resource->fields[f].name))
                fail_msg("%s: %s is not described", o->path, resource->fields[f].name);
        assert_int_equal(json_object_size(members), resource->field_count);
        lists++;
    }
    assert_true(lists >= 17);
}

static void test_fields_that_filter_are_parameters(void **state)
{
    const struct described_parameter *p;
    struct route route = route_find(router, "GET", "/api/v1/runs");

    (void)state;
    p = described_parameter_find(route.operation, "startedAt");
    assert_non_null(p);
    assert_true(p->repeats);
    assert_null(described_parameter_find(route.operation, "info"));
    p = described_parameter_find(route.operation, "limit");
    assert_int_equal(p->type, PARAMETER_INTEGER);
    assert_false(p->repeats);
}

static void test_each_list_tells_what_it_is_sorted_by(void **state)
{
    struct route route = route_find(router, "GET", "/api/v1/runs");
    const struct described_parameter *p = described_parameter_find(route.operation, "sort");
    const json_t *names = json_object_get(p->schema, "examples");
    const struct list_resource *runs = list_resource_find("runs");

    (void)state;
    assert_true(json_array_size(names) > 0);
    for (size_t i = 0; i < json_array_size(names); i++)
        assert_true(list_field_find(runs, json_string_value(json_array_get(names, i)))->sorts);
    assert_string_equal(json_string_value(json_object_get(p->schema, "default")), runs->sort);
}

static void test_every_operation_tells_what_it_may_answer(void **state)
{
    json_t *whole = json_loads(description_text(d).at, 0, NULL), *methods, *operation;
    const char *path, *method;

    (void)state;
    json_object_foreach(json_object_get(whole, "paths"), path, methods)
        json_object_foreach(methods, method, operation)
    {
        const json_t *answers = json_object_get(operation, "responses");

        assert_non_null(json_object_get(operation, "summary"));
        assert_non_null(json_object_get(operation, "tags"));
        assert_non_null(json_object_get(answers, "429"));
        assert_non_null(json_object_get(answers, "503"));
    }
    json_decref(whole);
}

static void assert_refused(const char *part, const char *why)
{
    const struct description_part parts[] = {
        { "a.json", "{\"tags\": [], \"paths\": {\"/x\": {\"get\": {\"parameters\": []}}}, "
                    "\"components\": {\"responses\": {}}}" },
        { "b.json", part },
    };
    struct ou_error err = { 0 };
    json_t *whole;

    assert_int_equal(description_merge(parts, 2, &whole, &err), OU_INVALID);
    assert_non_null(strstr(err.text, why));
}

static void test_parts_that_contradict_each_other_are_refused(void **state)
{
    (void)state;
    assert_refused("{\"paths\": {\"/x\": {\"get\": {}}}}", "/x \"get\" is there already");
    assert_refused(
        "{\"paths\": {\"/y\": {\"get\": {\"x-resource\": \"none\", \"parameters\": []}}}}",
        "there is no list \"none\"");
    assert_refused("{\"paths\": 7", "b.json:1");
}

/* ---- paths ---- */

static void test_paths_lead_to_their_operations(void **state)
{
    struct route r = route_find(router, "GET", "/api/v1/runs/abc/summaries/cluster/blocks");

    (void)state;
    assert_string_equal(r.operation->operation->id, "getRunSummary");
    assert_int_equal(r.value_count, 3);
    assert_true(span_is(r.values[0], "abc"));
    assert_true(span_is(r.values[2], "blocks"));
    r = route_find(router, "PATCH", "/api/v1/runs/abc");
    assert_string_equal(r.operation->operation->id, "updateRun");
    assert_string_equal(r.allow, "GET, HEAD, PATCH, DELETE, OPTIONS");
    r = route_find(router, "PUT", "/api/v1/runs/abc");
    assert_null(r.operation);
    assert_string_equal(r.path, "/api/v1/runs/{run}");
}

static void test_other_paths_lead_nowhere(void **state)
{
    static const char *const paths[] = {
        "/api/v1/runs/",    "/api/v1//runs", "/api/v1/run", "/api/v1/runs//", "/api", "//", "",
        "/api/v1/runs/a/b", "/API/v1/runs"
    };

    (void)state;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        assert_null(route_find(router, "GET", paths[i]).allow);
    assert_null(route_find(router, "GET", "/").allow);
    assert_ptr_equal(route_find(router, "GET", "/hello/you").page, &pages[0]);
}

/* ---- schemas ---- */

/* The faults of a body, as "POINTER: detail" lines. */
static void assert_faults(const char *schema, const char *body, const char *expected)
{
    struct arena memory;
    struct schema_faults faults = { .memory = &memory };
    json_t *rules = json_loads(schema, JSON_DECODE_ANY, NULL),
           *value = json_loads(body, JSON_DECODE_ANY, NULL);
    char told[2048] = "";

    arena_init(&memory, allocator_libc(), 1 << 20);
    assert_non_null(rules);
    assert_non_null(value);
    assert_int_equal(schema_check(d, rules, value, &faults), *expected == '\0');
    for (size_t i = 0; i < faults.count; i++) {
        strcat(strcat(told, faults.at[i].pointer), ": ");
        strcat(strcat(told, faults.at[i].detail), "\n");
    }
    assert_string_equal(told, expected);
    json_decref(rules);
    json_decref(value);
    arena_release(&memory);
}

static void test_types_and_bounds_are_checked(void **state)
{
    (void)state;
    assert_faults("{\"type\": \"integer\", \"minimum\": 1}", "3", "");
    assert_faults("{\"type\": \"integer\"}", "3.0", "");
    assert_faults("{\"type\": \"integer\"}", "3.5", ": it must be of the type integer\n");
    assert_faults("{\"type\": [\"string\", \"null\"]}", "null", "");
    assert_faults("{\"minimum\": 1}", "0.5", ": it is less than 1\n");
    assert_faults("{\"exclusiveMaximum\": 1}", "1", ": it is not below 1\n");
    assert_faults("{\"maxLength\": 2}", "\"\xc3\xa4\xc3\xb6\"", "");
    assert_faults("{\"maxLength\": 2}", "\"abc\"", ": it is longer than 2 characters\n");
    assert_faults("{\"enum\": [\"publish\", 7]}", "\"publsh\"",
                  ": it is none of the choices; did you mean \"publish\"?\n");
    assert_faults("{\"type\": \"string\", \"format\": \"date-time\"}", "\"2026-02-30T00:00:00Z\"",
                  ": it is no instant as 2026-11-23T10:00:00Z\n");
}

static void test_each_place_is_told_by_a_pointer(void **state)
{
    (void)state;
    assert_faults(
        "{\"type\": \"object\", \"required\": [\"alpha\"], \"additionalProperties\": false, "
        "\"properties\": {\"alpha\": {}, \"x/y\": {\"type\": \"array\", \"items\": "
        "{\"type\": \"number\"}}}}",
        "{\"x/y\": [1, \"2\", 3, null], \"alpa\": 1}",
        ": the member \"alpha\" is missing\n"
        "/x~1y/1: it must be of the type number\n"
        "/x~1y/3: it must be of the type number\n"
        "/alpa: there is no such member; did you mean \"alpha\"?\n");
}

static void test_forms_are_tried_in_turn(void **state)
{
    static const char either[] = "{\"oneOf\": [{\"type\": \"number\"}, {\"minimum\": 3}]}";

    (void)state;
    assert_faults(either, "1", "");
    assert_faults(either, "3", ": it has not exactly one of the forms that are taken\n");
    assert_faults("{\"anyOf\": [{\"type\": \"null\"}, {\"type\": \"string\"}]}", "1",
                  ": it has none of the forms that are taken\n");
    assert_faults("{\"not\": {\"type\": \"null\"}}", "1", "");
    assert_faults("{\"not\": {\"type\": \"null\"}}", "null", ": it has a form that is not taken\n");
}

static void test_what_the_server_cannot_check_is_not_described(void **state)
{
    json_t *schema = json_loads("{\"items\": {\"pattern\": \"a*\"}}", 0, NULL);
    struct ou_error err = { 0 };

    (void)state;
    assert_int_equal(schema_review(d, schema, "here", &err), OU_INVALID);
    assert_non_null(strstr(err.text, "pattern"));
    json_decref(schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_of_lists_have_the_members_that_are_described),
        cmocka_unit_test(test_fields_that_filter_are_parameters),
        cmocka_unit_test(test_each_list_tells_what_it_is_sorted_by),
        cmocka_unit_test(test_every_operation_tells_what_it_may_answer),
        cmocka_unit_test(test_parts_that_contradict_each_other_are_refused),
        cmocka_unit_test(test_paths_lead_to_their_operations),
        cmocka_unit_test(test_other_paths_lead_nowhere),
        cmocka_unit_test(test_types_and_bounds_are_checked),
        cmocka_unit_test(test_each_place_is_told_by_a_pointer),
        cmocka_unit_test(test_forms_are_tried_in_turn),
        cmocka_unit_test(test_what_the_server_cannot_check_is_not_described),
    };

    return cmocka_run_group_tests(tests, open_it, close_it);
}
