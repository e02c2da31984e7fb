#include "workbench/manifest.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "support/files.h"
#include "support/test.h"

static struct temp_dir dir;
static struct profile profile;
static json_t *document;

static int set_up(void **state)
{
    (void)state;
    temp_dir_make(&dir);
    document = NULL;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    json_decref(document);
    temp_dir_remove(&dir);
    return 0;
}

static const char *text(const json_t *object, const char *name)
{
    const char *value = json_string_value(json_object_get(object, name));

    return value ? value : "(none)";
}

static const char *program(const char *name, const char *bytes)
{
    const char *path = temp_file(&dir, name, bytes);

    assert_int_equal(chmod(path, 0755), 0);
    return path;
}

/* What the node prints: the first line has platform and compiler, the second its commit. */
static void test_the_version_of_a_cardano_node_is_read(void **state)
{
    (void)state;
    document = manifest_of_cardano_node("cardano-node 10.5.1 - linux-x86_64 - ghc-9.6\n"
                                        "git rev ca1ec278070baf4481564a6ba7b4a5b9e3d9f366\n");
    assert_string_equal(text(document, "name"), "cardano-node");
    assert_string_equal(text(document, "version"), "10.5.1");
    assert_string_equal(text(document, "compiler"), "ghc 9.6");
    assert_string_equal(text(document, "commit"), "ca1ec278070baf4481564a6ba7b4a5b9e3d9f366");
}

static void test_what_is_no_cardano_node_has_no_such_version(void **state)
{
    (void)state;
    assert_null(manifest_of_cardano_node("cardano-cli 10.11.0.0 - linux-x86_64 - ghc-9.6\n"));
    assert_null(manifest_of_cardano_node(""));
}

/* As GHC 9.0.2 prints it. */
static const char rts_info[] = " [(\"GHC RTS\", \"YES\")\n"
                               " ,(\"GHC version\", \"9.0.2\")\n"
                               " ,(\"RTS way\", \"rts_thr\")\n"
                               " ,(\"Build platform\", \"x86_64-unknown-linux\")\n"
                               " ,(\"Flag -with-rtsopts\", \"-N2\")\n"
                               " ]\n";

static void test_compiler_and_flags_of_a_haskell_program_are_read(void **state)
{
    (void)state;
    document = json_pack("{s:[]}", "flags");
    assert_true(manifest_add_ghc(document, rts_info));
    assert_string_equal(text(document, "compiler"), "ghc 9.0.2");
    assert_string_equal(json_string_value(json_array_get(json_object_get(document, "flags"), 0)),
                        "rts_thr");
    assert_string_equal(json_string_value(json_array_get(json_object_get(document, "flags"), 1)),
                        "-N2");
    assert_false(manifest_add_ghc(document, "usage: what did you mean?\n"));
}

static const json_t *second_component(enum node_kind kind, const char *path)
{
    profile.node_kind = kind;
    document = manifest_components(&profile, path);
    assert_string_equal(text(json_array_get(document, 0), "name"), "ouroscope");
    assert_string_equal(text(json_array_get(document, 0), "version"), OUROSCOPE_VERSION);
    return json_array_get(document, 1);
}

static void test_reference_nodes_are_this_program(void **state)
{
    (void)state;
    assert_null(second_component(NODE_REFERENCE, "/bin/sh"));
}

/* The sum is what sha256sum says of the file. */
static void test_any_other_program_is_known_by_its_bytes(void **state)
{
    const json_t *row =
        second_component(NODE_COMMAND, program("bench", "#!/bin/sh\ntouch was-run\n"));

    (void)state;
    assert_string_equal(text(row, "name"), "bench");
    assert_string_equal(text(row, "version"),
                        "sha256:d17907f52469663845e0a55a94c129d729f3bf5f4aefc116d3c04d685c522206");
    assert_true(json_is_null(json_object_get(row, "compiler")));
}

/* Who does not know the question might take it for something to do. */
static void test_only_programs_of_ghc_are_asked(void **state)
{
    char script[400];
    struct stat st;

    (void)state;
    snprintf(script, sizeof script, "#!/bin/sh\necho x > %s\n", temp_path(&dir, "was-run"));
    second_component(NODE_COMMAND, program("plain", script));
    assert_int_equal(stat(temp_path(&dir, "was-run"), &st), -1);
    json_decref(document);
    snprintf(script, sizeof script,
             "#!/bin/sh\n# GHC RTS\necho \"$*\" > %s\necho '(\"GHC version\", \"9.6.6\")'\n",
             temp_path(&dir, "was-run"));
    assert_string_equal(
        text(second_component(NODE_COMMAND, program("haskell", script)), "compiler"), "ghc 9.6.6");
    assert_int_equal(lines_with(temp_path(&dir, "was-run"), "+RTS --info"), 1);
}

static void test_a_cardano_node_is_asked_for_its_version(void **state)
{
    const json_t *row = second_component(
        NODE_CARDANO,
        program("cardano-node", "#!/bin/sh\n[ \"$1\" = --version ] && echo 'cardano-node 10.5.1 - "
                                "linux-x86_64 - ghc-9.6' && echo 'git rev 0123'\n"));

    (void)state;
    assert_string_equal(text(row, "version"), "10.5.1");
    assert_string_equal(text(row, "commit"), "0123");
}

static void test_one_that_does_not_answer_is_known_by_its_bytes(void **state)
{
    const json_t *row = second_component(NODE_CARDANO, program("broken", "#!/bin/sh\nexit 1\n"));

    (void)state;
    assert_string_equal(text(row, "name"), "broken");
    assert_ptr_equal(strstr(text(row, "version"), "sha256:"), text(row, "version"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_the_version_of_a_cardano_node_is_read),
        TEST(test_what_is_no_cardano_node_has_no_such_version),
        TEST(test_compiler_and_flags_of_a_haskell_program_are_read),
        TEST(test_reference_nodes_are_this_program),
        TEST(test_any_other_program_is_known_by_its_bytes),
        TEST(test_only_programs_of_ghc_are_asked),
        TEST(test_a_cardano_node_is_asked_for_its_version),
        TEST(test_one_that_does_not_answer_is_known_by_its_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
