/* Tokens, on both databases. */
#include "store/access.h"

#include "store/judged_runs_test.h"

static struct judged_store s;
static const int64_t now_ns = FIRST_NS;

struct making {
    struct token_wish wish;
    char token[TOKEN_ROOM], id[TOKEN_ID_ROOM];
};

static enum ou_status make(struct sql *db, void *context, struct ou_error *err)
{
    struct making *m = context;

    return token_create(db, &m->wish, "local", now_ns, m->token, m->id, err);
}

static struct making made(unsigned scopes, int64_t expires_ns)
{
    struct making m = { .wish = { .name = "ci", .scopes = scopes, .expires_ns = expires_ns } };
    struct ou_error err = { "" };

    assert_good(sql_write(s.db, make, &m, &err), err);
    return m;
}

static enum ou_status check_at(const char *token, int64_t at_ns, struct token_holder *ret)
{
    return token_check(s.db, token, at_ns, ret, NULL);
}

static void test_a_token_is_good_for_what_it_was_made_for(void **state)
{
    struct token_holder holder;
    struct making m;

    (void)state;
    judged_open(&s);
    m = made(SCOPE_PUBLISH | SCOPE_ALERTS, TIME_NONE);
    assert_int_equal(strlen(m.token), 5 + 16 + 1 + 43);
    assert_int_equal(check_at(m.token, now_ns, &holder), OU_OK);
    assert_string_equal(holder.id, m.id);
    assert_string_equal(holder.name, "ci");
    assert_string_equal(holder.project, "");
    assert_int_equal(holder.scopes, SCOPE_PUBLISH | SCOPE_ALERTS);
    judged_close(&s);
}

static void test_anything_else_is_not_good(void **state)
{
    static const char *const others[] = { "", "ouro_", "ouro_0123456789abcdef_", "Bearer" };
    struct token_holder holder;
    struct making m;

    (void)state;
    judged_open(&s);
    m = made(SCOPE_ADMIN, TIME_NONE);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_int_equal(check_at(others[i], now_ns, &holder), OU_NOT_FOUND);
    for (size_t i = 0; i < strlen(m.token); i++) {
        char was = m.token[i];

        m.token[i] = was == 'x' ? 'y' : 'x';
        assert_int_equal(check_at(m.token, now_ns, &holder), OU_NOT_FOUND);
        assert_int_equal(holder.scopes, 0);
        m.token[i] = was;
    }
    judged_close(&s);
}

static enum ou_status revoke_it(struct sql *db, void *context, struct ou_error *err)
{
    return token_revoke(db, context, "local", now_ns, err);
}

static void test_tokens_end_when_they_expire_and_when_they_are_revoked(void **state)
{
    struct token_holder holder;
    struct making m;
    struct ou_error err = { "" };

    (void)state;
    judged_open(&s);
    m = made(SCOPE_READ, now_ns + DAY_NS);
    assert_int_equal(check_at(m.token, now_ns + DAY_NS - 1, &holder), OU_OK);
    assert_int_equal(check_at(m.token, now_ns + DAY_NS, &holder), OU_NOT_FOUND);
    assert_good(sql_write(s.db, revoke_it, m.id, &err), err);
    assert_int_equal(check_at(m.token, now_ns, &holder), OU_NOT_FOUND);
    assert_int_equal(sql_write(s.db, revoke_it, m.id, &err), OU_NOT_FOUND);
    judged_close(&s);
}

static void test_the_secret_is_not_in_the_database(void **state)
{
    struct making m;
    struct sql_rows *rows;
    struct ou_error err = { "" };

    (void)state;
    judged_open(&s);
    m = made(SCOPE_READ, TIME_NONE);
    assert_good(
        sql_query(s.db, "SELECT id, name, scopes, hash FROM tokens", SQL_NO_ARGS, &rows, &err),
        err);
    while (sql_next(rows))
        for (int i = 0; i < 4; i++) {
            struct span value = sql_get_blob(rows, i);

            assert_null(value.len ? memmem(value.at, value.len, m.token + 22, 8) : NULL);
        }
    assert_good(sql_rows_end(rows, &err), err);
    judged_close(&s);
}

static void test_all_servers_of_a_database_sign_alike(void **state)
{
    unsigned char one[SERVER_KEY_BYTES], two[SERVER_KEY_BYTES], none[SERVER_KEY_BYTES] = { 0 };
    struct ou_error err = { "" };

    (void)state;
    judged_open(&s);
    assert_good(server_key(s.db, one, &err), err);
    assert_good(server_key(s.db, two, &err), err);
    assert_memory_equal(one, two, sizeof one);
    assert_memory_not_equal(one, none, sizeof one);
    judged_close(&s);
}

static void test_a_token_of_a_project_that_is_not_there_is_not_made(void **state)
{
    struct making m = { .wish = { .name = "ci", .project = "nowhere", .scopes = SCOPE_PUBLISH } };
    struct ou_error err = { "" };

    (void)state;
    judged_open(&s);
    assert_int_equal(sql_write(s.db, make, &m, &err), OU_NOT_FOUND);
    assert_string_equal(err.text, "there is no project \"nowhere\"");
    assert_int_equal(judged_number(s.db, "SELECT COUNT(*) FROM tokens"), 0);
    judged_close(&s);
}

/* Another one in its place would make all that was signed with it worthless, without a word. */
static void test_a_server_key_that_is_damaged_is_told_and_not_replaced(void **state)
{
    static const char *const damaged[] = { "", "00ff", "no hex" };
    unsigned char key[SERVER_KEY_BYTES];
    char text[512];

    (void)state;
    judged_open(&s);
    assert_int_equal(server_key(s.db, key, NULL), OU_OK);
    for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++) {
        struct ou_error err = { "" };

        assert_good(sql_run(s.db, "UPDATE settings SET value = $1 WHERE name = 'server-key'",
                            SQL_ARGS(sql_text(damaged[i])), NULL, &err),
                    err);
        assert_int_equal(server_key(s.db, key, &err), OU_INVALID);
        assert_string_equal(err.text, "the database's server-key is damaged");
        assert_string_equal(
            judged_text(s.db, "SELECT value FROM settings WHERE name = 'server-key'", text),
            damaged[i]);
    }
    judged_close(&s);
}

static void test_scopes_are_read_as_they_are_written(void **state)
{
    unsigned scopes;

    (void)state;
    assert_true(scopes_parse("read,publish,alerts,admin", &scopes));
    assert_int_equal(scopes, SCOPE_READ | SCOPE_PUBLISH | SCOPE_ALERTS | SCOPE_ADMIN);
    assert_string_equal(scope_name(SCOPE_ALERTS), "alerts");
    assert_false(scopes_parse("", &scopes));
    assert_false(scopes_parse("read,", &scopes));
    assert_false(scopes_parse("read, publish", &scopes));
    assert_false(scopes_parse("all", &scopes));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        database_test(test_a_token_is_good_for_what_it_was_made_for),
        database_test(test_anything_else_is_not_good),
        database_test(test_tokens_end_when_they_expire_and_when_they_are_revoked),
        database_test(test_the_secret_is_not_in_the_database),
        database_test(test_all_servers_of_a_database_sign_alike),
        database_test(test_a_token_of_a_project_that_is_not_there_is_not_made),
        database_test(test_a_server_key_that_is_damaged_is_told_and_not_replaced),
        cmocka_unit_test(test_scopes_are_read_as_they_are_written),
    };

    return cmocka_run_group_tests(tests, databases_start, databases_stop);
}
