#include "profile/remarks.h"

#include <string.h>

#include "support/test.h"

#define EU_AND(place) \
    "{\"composition\":{\"links\":null,\"locations\":[\"eu-central-1\",\"" place "\"]}}"

struct told {
    char text[2048];
};

static void note(void *context, const char *remark)
{
    struct told *told = context;

    strncat(told->text, remark, sizeof told->text - strlen(told->text) - 2);
    strcat(told->text, "\n");
}

/* What is said of the profile with this overlay. */
static struct told remarks(const char *name, const char *overlay)
{
    struct told told = { "" };
    struct profile p;
    struct ou_error err = { 0 };

    if (profile_load(name, &overlay, overlay != NULL, &p, &err))
        fail_msg("%s", err.text);
    profile_each_remark(&p, note, &told);
    profile_release(&p);
    return told;
}

static void says(const char *name, const char *overlay, const char *wanted)
{
    struct told told = remarks(name, overlay);

    if (!strstr(told.text, wanted) || (!*wanted && *told.text))
        fail_msg("%s, not %s", told.text, wanted);
}

static void test_regions_that_are_misspelt_are_remarked(void **state)
{
    (void)state;
    says("demo", EU_AND("us-eats-1"), "did you mean \"us-east-1\"?");
    says("demo", "{\"composition\":{\"links\":[],\"locations\":[\"EU\",\"us-eats-1\"]}}",
         "no region \"us-eats-1\" is known");
    says("demo", EU_AND("us-east-1"), "");
    says("demo", EU_AND("US"), "");
}

static void test_places_without_delays_are_remarked_unless_none_are_wanted(void **state)
{
    (void)state;
    says("demo", EU_AND("mars"), "composition.links can tell delays");
    says("demo", "{\"composition\":{\"links\":[],\"locations\":[\"EU\",\"mars\"]}}", "");
    says("demo",
         "{\"composition\":{\"links\":[{\"a\":\"EU\",\"b\":\"mars\",\"latency_ms\":600000e-1}],"
         "\"locations\":[\"EU\",\"mars\"]}}",
         "");
    says("demo", "{\"composition\":{\"links\":null,\"locations\":[\"here\"]}}", "");
}

static void test_chords_that_are_none_are_remarked(void **state)
{
    static const char dense[] = "{\"composition\":{\"topology\":\"torus-dense\"}}";

    (void)state;
    says("demo", dense, "with 2 nodes at most in a location torus-dense is the same as torus");
    says("ci-bench", "{\"composition\":{\"topology\":\"torus-dense\",\"n_singular_hosts\":6}}", "");
    says("value-nomadperf", NULL, "");
}

static void test_flags_that_nobody_heeds_are_remarked(void **state)
{
    (void)state;
    says("demo", "{\"node\":{\"rts_flags_override\":[\"-A16m\"]}}",
         "node.rts_flags_override: reference nodes have no Haskell run-time system");
    says("demo", "{\"node\":{\"rts_stats\":\"summary\"}}", "node.rts_stats: reference nodes");
    says("demo", "{\"node\":{\"kind\":\"cardano-node\",\"rts_flags_override\":[\"-A16m\"]}}", "");
}

/* But that some are meant for other nodes than the reference one. */
static void test_of_built_in_profiles_there_is_nothing_else_to_remark(void **state)
{
    (void)state;
    for (size_t i = 0; profile_builtin_name(i); i++)
        says(profile_builtin_name(i), NULL,
             strstr(profile_builtin_name(i), "-rts") ? "rts_flags_override" : "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_regions_that_are_misspelt_are_remarked),
        cmocka_unit_test(test_places_without_delays_are_remarked_unless_none_are_wanted),
        cmocka_unit_test(test_chords_that_are_none_are_remarked),
        cmocka_unit_test(test_flags_that_nobody_heeds_are_remarked),
        cmocka_unit_test(test_of_built_in_profiles_there_is_nothing_else_to_remark),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
