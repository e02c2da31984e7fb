/* Two oracles: bytes written by hand, and jansson's own way to lay one document over another. */
#include "genesis/edit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/file.h"
#include "genesis/change.h"
#include "json/tree.h"
#include "support/files.h"
#include "support/test.h"

static json_t *parse(const char *text)
{
    json_t *tree = json_loads(text, JSON_DECODE_ANY, NULL);

    if (!tree)
        fail_msg("no JSON: %s", text);
    return tree;
}

static void read_whole(const char *path, struct buffer *ret)
{
    struct ou_error err = { 0 };

    buffer_init(ret, allocator_libc(), 16 << 20);
    if (file_read(path, ret, &err))
        fail_msg("%s", err.text);
}

/* The document with the changes laid over it, in *ret. */
static void edited(struct temp_dir *dir, const char *document, const json_t *changes,
                   struct buffer *ret)
{
    char from[300], to[300];
    struct ou_error err = { 0 };

    snprintf(from, sizeof from, "%s/from", dir->path);
    snprintf(to, sizeof to, "%s/to", dir->path);
    write_file(from, document, strlen(document));
    if (genesis_edit(from, to, changes, &err))
        fail_msg("%s: %s", document, err.text);
    read_whole(to, ret);
}

static void test_only_what_changes_changes(void **state)
{
    static const struct {
        const char *document, *changes, *wanted;
    } cases[] = {
        { "{ \"tau\" : 0.20,\n\"b\":1 }\n", "{}", "{ \"tau\" : 0.20,\n\"b\":1 }\n" },
        { "{ \"tau\" : 0.20,\n\"b\":1 }\n", "{\"b\":2}", "{ \"tau\" : 0.20,\n\"b\":2 }\n" },
        { "{ \"tau\" : 0.20 }", "{\"tau\":0.2}", "{ \"tau\" : 0.20 }" },
        { "{ \"tau\" : 0.20 }", "{\"tau\":0.05}", "{ \"tau\" : 0.05 }" },
        { "{\"a\":\"\\u0041\"}", "{\"a\":\"A\"}", "{\"a\":\"\\u0041\"}" },
        { "{\"a\":\"\\u0041\"}", "{\"a\":\"B\\n\"}", "{\"a\":\"B\\n\"}" },
        { "{\"o\": { \"x\": 1, \"y\":2 }}", "{\"o\":{\"y\":3}}", "{\"o\": { \"x\": 1, \"y\":3 }}" },
        { "{\"o\": { \"x\": 1 }}", "{\"o\":5}", "{\"o\": 5}" },
        { "{\"o\": 5}", "{\"o\":{\"x\":1,\"n\":null}}", "{\"o\": { \"x\": 1 }}" },
        { "{\"a\":[1,2, 3],\"b\":[ ]}", "{\"a\":[]}", "{\"a\":[],\"b\":[ ]}" },
        /* removed: first, middle, last, all, several first ones */
        { "{ \"a\":1, \"b\":2, \"c\":3 }", "{\"a\":null}", "{ \"b\":2, \"c\":3 }" },
        { "{ \"a\":1, \"b\":2, \"c\":3 }", "{\"b\":null}", "{ \"a\":1, \"c\":3 }" },
        { "{ \"a\":1, \"b\":2, \"c\":3 }", "{\"c\":null}", "{ \"a\":1, \"b\":2 }" },
        { "{ \"a\":1, \"b\":2 }", "{\"a\":null,\"b\":null}", "{  }" },
        { "{ \"a\":1, \"b\":2, \"c\":3 }", "{\"a\":null,\"b\":null}", "{ \"c\":3 }" },
        { "{ \"a\":1, \"b\":2, \"c\":3 }", "{\"b\":null,\"c\":null}", "{ \"a\":1 }" },
        { "{ \"a\":1 }", "{\"zz\":null}", "{ \"a\":1 }" },
        { "{ \"a\":1 }", "{\"zz\":{\"x\":null}}", "{ \"a\":1 }" },
        /* new ones, behind the last and looking as it does */
        { "{\n  \"a\": 1,\n  \"b\": 2\n}\n", "{\"c\":3}",
          "{\n  \"a\": 1,\n  \"b\": 2,\n  \"c\": 3\n}\n" },
        { "{\n    \"a\": 1\n}", "{\"c\":{\"d\":[1]}}",
          "{\n    \"a\": 1,\n    \"c\": {\n      \"d\": [\n        1\n      ]\n    }\n}" },
        { "{ \"a\": 1\n, \"b\": 2\n}", "{\"c\":3}", "{ \"a\": 1\n, \"b\": 2\n, \"c\": 3\n}" },
        { "{\"a\":1,\"b\":2}", "{\"c\":[1,2],\"d\":4}",
          "{\"a\":1,\"b\":2,\"c\": [ 1, 2 ],\"d\": 4}" },
        { "{}", "{\"a\":1,\"b\":2}", "{ \"a\": 1, \"b\": 2 }" },
        { "{\"o\":{}}", "{\"o\":{\"a\":1}}", "{\"o\":{ \"a\": 1 }}" },
        { "{ \"a\":1, \"b\":2 }", "{\"a\":null,\"b\":null,\"c\":3}", "{  \"c\": 3 }" },
        { "{ \"a\":1, \"b\":2 }", "{\"b\":null,\"c\":3}", "{ \"a\":1, \"c\": 3 }" },
        /* a name that stands twice: a reader takes one of them */
        { "{\"a\":1,\"a\":2}", "{\"a\":3}", "{\"a\":3,\"a\":3}" },
    };
    struct temp_dir dir;

    (void)state;
    temp_dir_make(&dir);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_t *changes = parse(cases[i].changes);
        struct buffer out;

        edited(&dir, cases[i].document, changes, &out);
        assert_string_equal(buffer_string(&out), cases[i].wanted);
        buffer_release(&out);
        json_decref(changes);
    }
    temp_dir_remove(&dir);
}

static void check_unchanged(struct temp_dir *dir, const char *network, const char *era)
{
    char name[100], to[300];
    struct buffer before, after;
    struct ou_error err = { 0 };
    json_t *nothing = json_object();
    const char *from;

    snprintf(name, sizeof name, "real/d-genesis/%s/%s-genesis.json", network, era);
    from = shared_data(name);
    snprintf(to, sizeof to, "%s/to", dir->path);
    if (genesis_edit(from, to, nothing, &err))
        fail_msg("%s", err.text);
    read_whole(from, &before);
    read_whole(to, &after);
    assert_int_equal(before.len, after.len);
    assert_memory_equal(before.at, after.at, before.len);
    buffer_release(&before);
    buffer_release(&after);
    json_decref(nothing);
}

static void test_files_of_public_networks_come_out_as_they_went_in(void **state)
{
    static const char *const eras[] = { "shelley", "alonzo", "conway" };
    struct temp_dir dir;

    (void)state;
    shared_data("real/d-genesis/preview/byron-genesis.json");
    temp_dir_make(&dir);
    for (int i = 0; i < 3; i++) {
        check_unchanged(&dir, "mainnet", eras[i]);
        check_unchanged(&dir, "preview", eras[i]);
    }
    check_unchanged(&dir, "preview", "byron");
    temp_dir_remove(&dir);
}

/* ---- against jansson ---- */

static unsigned draw(unsigned *seed, unsigned below)
{
    *seed = *seed * 1103515245 + 12345;
    return (*seed >> 16) % below;
}

static void append_random(struct buffer *out, unsigned *seed, int depth, bool with_null)
{
    static const char *const scalars[] = { "1", "0.50", "\"x\"", "true", "-7", "\"\\n\"", "25e-1" };
    static const char *const blanks[] = { "", " ", "\n  ", "\t" };
    const unsigned members = depth ? draw(seed, 4) : 0;
    bool first = true;

    if (depth == 0 || draw(seed, 4) == 0) {
        buffer_text(out, with_null && draw(seed, 3) == 0 ? "null" : scalars[draw(seed, 7)]);
        return;
    }
    buffer_char(out, '{');
    for (unsigned name = draw(seed, 3); name < members + 2; name += 1 + draw(seed, 2)) {
        buffer_printf(out, "%s%s\"%c\"%s:%s", first ? "" : ",", blanks[draw(seed, 4)],
                      'a' + (int)name, blanks[draw(seed, 4)], blanks[draw(seed, 4)]);
        append_random(out, seed, depth - 1, with_null);
        first = false;
    }
    buffer_printf(out, "%s}", blanks[draw(seed, 4)]);
}

static char *random_object(unsigned *seed, bool with_null)
{
    struct buffer out;
    char *text;

    do {
        buffer_init(&out, allocator_libc(), 1 << 16);
        append_random(&out, seed, 3, with_null);
        text = strdup(buffer_string(&out));
        buffer_release(&out);
    } while (*text != '{' && (free(text), true));
    return text;
}

static bool only_removes(const json_t *change)
{
    const char *name;
    json_t *member;

    if (!json_is_object(change))
        return json_is_null(change);
    json_object_foreach((json_t *)change, name, member)
    {
        if (!only_removes(member))
            return false;
    }
    return json_object_size(change) > 0;
}

/* What objects merging and null removing means, told once more. */
static json_t *merged(json_t *document, json_t *changes)
{
    json_t *result = json_is_object(document) ? json_copy(document) : json_object(), *change;
    const char *name;

    json_object_foreach(changes, name, change)
    {
        if (json_is_null(change))
            json_object_del(result, name);
        else if (only_removes(change) && !json_object_get(result, name))
            continue;
        else if (json_is_object(change))
            json_object_set_new(result, name, merged(json_object_get(result, name), change));
        else
            json_object_set(result, name, change);
    }
    return result;
}

static void test_the_meaning_is_that_of_one_document_over_another(void **state)
{
    struct temp_dir dir;
    unsigned seed = 20261122;

    (void)state;
    temp_dir_make(&dir);
    for (int i = 0; i < 2000; i++) {
        char *document = random_object(&seed, false), *overlay = random_object(&seed, true);
        json_t *before = parse(document), *changes = parse(overlay), *after, *wanted;
        struct buffer out;

        edited(&dir, document, changes, &out);
        after = parse(buffer_string(&out));
        wanted = merged(before, changes);
        if (!json_equal(after, wanted))
            fail_msg("%s with %s became %s", document, overlay, buffer_string(&out));
        buffer_release(&out);
        json_decref(before);
        json_decref(changes);
        json_decref(after);
        json_decref(wanted);
        free(document);
        free(overlay);
    }
    temp_dir_remove(&dir);
}

static void note_path(void *context, const char *path)
{
    buffer_printf(context, "%s\n", path);
}

static void test_what_is_not_there_to_be_removed_is_told(void **state)
{
    struct temp_dir dir;
    json_t *changes = parse("{\"a\":null,\"b\":null,\"o\":{\"x\":null,\"p\":{\"y\":null},\"z\":1},"
                            "\"q\":{\"r\":null}}");
    const char *path;
    struct buffer told;

    (void)state;
    temp_dir_make(&dir);
    buffer_init(&told, allocator_libc(), 1 << 16);
    path = temp_file(&dir, "file", "{\"a\":1,\"o\":{\"p\":{\"w\":1}}}");
    assert_int_equal(genesis_edit_telling(path, path, changes, note_path, &told, NULL), OU_OK);
    assert_string_equal(buffer_string(&told), "o.p.y\no.x\nb\nq\n");
    buffer_release(&told);
    json_decref(changes);
    temp_dir_remove(&dir);
}

/* ---- files ---- */

static void test_a_file_may_be_changed_in_its_place(void **state)
{
    struct temp_dir dir;
    json_t *changes = parse("{\"a\":12345}");
    struct buffer out;
    const char *path;

    (void)state;
    temp_dir_make(&dir);
    path = temp_file(&dir, "file", "{\"a\":1,\"b\":2}");
    assert_int_equal(genesis_edit(path, path, changes, NULL), OU_OK);
    read_whole(path, &out);
    assert_string_equal(buffer_string(&out), "{\"a\":12345,\"b\":2}");
    buffer_release(&out);
    json_decref(changes);
    temp_dir_remove(&dir);
}

static void test_what_is_no_json_is_refused_and_nothing_written(void **state)
{
    static const char *const documents[] = { "", "{", "[]", "{} {}", "{\"a\":1,}", "5" };
    struct temp_dir dir;
    json_t *changes = parse("{\"a\":2}");
    struct stat st;

    (void)state;
    temp_dir_make(&dir);
    for (size_t i = 0; i < sizeof documents / sizeof *documents; i++) {
        struct ou_error err = { 0 };

        assert_int_equal(genesis_edit(temp_file(&dir, "bad", documents[i]), temp_path(&dir, "to"),
                                      changes, &err),
                         OU_INVALID);
        assert_true(err.text[0] != '\0');
        assert_int_not_equal(stat(temp_path(&dir, "to"), &st), 0);
    }
    assert_int_equal(genesis_edit(temp_path(&dir, "absent"), "/dev/null", changes, NULL),
                     OU_NOT_FOUND);
    assert_int_equal(mkfifo(temp_path(&dir, "fifo"), 0600), 0);
    assert_int_equal(genesis_edit(temp_path(&dir, "fifo"), "/dev/null", changes, NULL), OU_IO);
    assert_int_equal(genesis_edit(dir.path, "/dev/null", changes, NULL), OU_IO);
    json_decref(changes);
    temp_dir_remove(&dir);
}

/* ---- what people type ---- */

static void check_set(const char *assignment, const char *wanted)
{
    json_t *changes = json_object(), *tree = parse(wanted);
    struct ou_error err = { 0 };

    if (genesis_change_set(changes, assignment, &err))
        fail_msg("%s", err.text);
    assert_true(json_equal(changes, tree));
    json_decref(changes);
    json_decref(tree);
}

static void test_paths_become_objects(void **state)
{
    (void)state;
    check_set("a=1", "{\"a\":1}");
    check_set("a.b.c={\"x\":[]}", "{\"a\":{\"b\":{\"c\":{\"x\":[]}}}}");
    check_set("a\\.b=\"=.\"", "{\"a.b\":\"=.\"}");
    check_set("a\\=b.c\\\\=null", "{\"a=b\":{\"c\\\\\":null}}");
    check_set("single host name.port=3001", "{\"single host name\":{\"port\":3001}}");
}

static void test_what_is_no_change_is_refused(void **state)
{
    static const char *const bad[] = {
        "", "a", "=1", "a=", "a=x", ".a=1", "a..b=1", "a.=1", "a=1 2"
    };
    json_t *changes = parse("{\"o\":5}");

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct ou_error err = { 0 };

        assert_int_equal(genesis_change_set(changes, bad[i], &err), OU_USAGE);
        assert_true(err.text[0] != '\0');
    }
    assert_int_equal(genesis_change_set(changes, "o.p=1", NULL), OU_USAGE);
    assert_int_equal(genesis_change_remove(changes, "", NULL), OU_USAGE);
    assert_int_equal(genesis_change_overlay(changes, "[]", "here", NULL), OU_INVALID);
    json_decref(changes);
}

static void test_a_name_that_no_file_can_have_is_refused(void **state)
{
    static char path[5000];
    json_t *changes = parse("{}");
    struct ou_error err = { 0 };

    (void)state;
    memset(path, 'n', 4097);
    strcpy(path + 4096, "=1");
    assert_int_equal(genesis_change_set(changes, path, &err), OU_OK);
    strcpy(path + 4096, "n=1");
    assert_int_equal(genesis_change_set(changes, path, &err), OU_USAGE);
    assert_string_equal(err.text, "a name of more than 4096 bytes");
    assert_int_equal(genesis_change_set(changes, "a\xff.b=1", &err), OU_USAGE);
    assert_string_equal(err.text, "a\xff.b=1: a name is not UTF-8");
    assert_int_equal(json_object_size(changes), 1);
    json_decref(changes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_what_changes_changes),
        cmocka_unit_test(test_files_of_public_networks_come_out_as_they_went_in),
        cmocka_unit_test(test_the_meaning_is_that_of_one_document_over_another),
        cmocka_unit_test(test_what_is_not_there_to_be_removed_is_told),
        cmocka_unit_test(test_a_file_may_be_changed_in_its_place),
        cmocka_unit_test(test_what_is_no_json_is_refused_and_nothing_written),
        cmocka_unit_test(test_paths_become_objects),
        cmocka_unit_test(test_what_is_no_change_is_refused),
        cmocka_unit_test(test_a_name_that_no_file_can_have_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
