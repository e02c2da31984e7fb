#include "trace/points.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/test.h"

#define FIELDS(F)                             \
    F(u64, number, "number", OU_DMINIMAL, "") \
    F(text, text, "inner.text", OU_DNORMAL, "")

OU_TRACE_POINT(fine, "Points.Fine", OU_INFO, OU_PUBLIC, FIELDS, "All is well with it.",
               .kind = "Fine", .human = "{number}: {text}",
               .metrics = OU_METRICS({ OU_GAUGE, "number", "", OU_FIELD(fine, number) },
                                     { OU_COUNTER, "fine", "", -1 },
                                     { OU_LABEL, "text", "", OU_FIELD(fine, text) }));

/* What is wrong with a point that is registered for the moment. */
static const char *faults_of(struct ou_point point)
{
    static char said[2048];
    struct ou_point *list[] = { &point };
    struct buffer faults;

    buffer_init(&faults, allocator_libc(), sizeof(said) - 1);
    ou_points_register(list, list + 1);
    points_faults(&faults);
    ou_points_unregister(list, list + 1);
    snprintf(said, sizeof(said), "%s", buffer_string(&faults));
    buffer_release(&faults);
    return said;
}

/* A point like `fine` under another name. */
static struct ou_point another(void)
{
    struct ou_point point = { .size = sizeof(point),
                              .ns = "Points.Another",
                              .severity = OU_INFO,
                              .fields = ou_fields_fine,
                              .field_count = 2,
                              .kind = "Fine" };

    return point;
}

static void test_good_declarations_have_no_faults(void **state)
{
    struct ou_point copy = another();

    (void)state;
    assert_string_equal(faults_of(another()), "");
    copy.ns = "Points.Fine"; /* the same header in a library */
    assert_string_equal(faults_of(copy), "");
}

static void test_each_fault_is_named(void **state)
{
    static const struct ou_metric wrong[] = { { OU_GAUGE, "text", "", 1 },
                                              { OU_REAL, "none", "", 2 },
                                              { OU_GAUGE, NULL, NULL, -1 } };
    static const struct ou_field deep[] = { { OU_TYPE_u64, OU_DMINIMAL, "a", "a.b.c", "" },
                                            { OU_TYPE_u64, OU_DMINIMAL, "b", "kind", "" },
                                            { OU_TYPE_u64, OU_DMINIMAL, "c", "x", "" },
                                            { OU_TYPE_u64, OU_DMINIMAL, "d", "x", "" } };
    struct ou_point p = another();

    (void)state;
    p.ns = "Points.Fine";
    p.kind = "Other";
    assert_string_equal(faults_of(p), "System namespace error: Duplicate namespace Points.Fine\n");
    p = another();
    p.ns = "";
    assert_string_equal(faults_of(p), "Empty inner namespace: a trace point without a name\n");
    p = another();
    p.human = "{number} {nobody} {text";
    assert_string_equal(faults_of(p),
                        "Points.Another: the human form names {nobody}, which is no field\n"
                        "Points.Another: the human form names {text}, which is no field\n");
    p = another();
    p.metrics = wrong;
    assert_string_equal(faults_of(p), "Points.Another: the field text cannot feed the metric text\n"
                                      "Points.Another: the metric none has no field\n");
    p = another();
    p.fields = deep;
    p.field_count = 4;
    assert_string_equal(faults_of(p), "Points.Another: the field a has no path of its own\n"
                                      "Points.Another: the field b has no path of its own\n"
                                      "Points.Another: two fields have the path x\n");
}

static void test_names_and_their_prefixes_are_known(void **state)
{
    (void)state;
    assert_true(points_know(""));
    assert_true(points_know("Points"));
    assert_true(points_know("Points.Fine"));
    assert_false(points_know("Points.Fi"));
    assert_false(points_know("Points.Fine.More"));
    assert_false(points_know("Point"));
    assert_false(points_know("points.fine"));
}

struct seen {
    const char *names[16];
    int count;
};

static void see(void *context, struct ou_point *point)
{
    struct seen *s = context;

    if (strncmp(point->ns, "Many.", 5) == 0)
        s->names[s->count++] = point->ns;
}

static void test_points_are_ordered_and_each_is_there_once(void **state)
{
    struct ou_point points[] = { { .ns = "Many.C" }, { .ns = "Many.A" }, { .ns = "Many.B" } };
    struct ou_point *list[] = { &points[0], &points[1], NULL, &points[2], &points[1], &points[0] };
    struct seen s = { 0 };

    (void)state;
    ou_points_register(list, list + 6);
    ou_points_register(list, list + 2);
    points_each(see, &s);
    assert_int_equal(s.count, 3);
    assert_string_equal(s.names[0], "Many.A");
    assert_string_equal(s.names[1], "Many.B");
    assert_string_equal(s.names[2], "Many.C");
    ou_points_unregister(list, list + 6);
    s.count = 0;
    points_each(see, &s);
    assert_int_equal(s.count, 0);
}

static void test_names_of_severities_and_details_read_back(void **state)
{
    enum ou_severity severity;
    enum ou_detail detail;

    (void)state;
    for (int i = OU_DEBUG; i <= OU_SILENCE; i++) {
        assert_true(severity_parse(severity_name((enum ou_severity)i), &severity));
        assert_int_equal(severity, i);
    }
    for (int i = OU_DMINIMAL; i <= OU_DMAXIMUM; i++) {
        assert_true(detail_parse(detail_name((enum ou_detail)i), &detail));
        assert_int_equal(detail, i);
    }
    assert_string_equal(severity_name(OU_EMERGENCY), "Emergency");
    assert_string_equal(detail_name(OU_DDETAILED), "DDetailed");
    assert_false(severity_parse("info", &severity));
    assert_false(detail_parse("Normal", &detail));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_declarations_have_no_faults),
        cmocka_unit_test(test_each_fault_is_named),
        cmocka_unit_test(test_names_and_their_prefixes_are_known),
        cmocka_unit_test(test_points_are_ordered_and_each_is_there_once),
        cmocka_unit_test(test_names_of_severities_and_details_read_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
