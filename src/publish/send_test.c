#include "publish/send.h"

#include "http/script_server_test.h"
#include "json/tree.h"

#define ID "0123456789abcdef0123456789abcdef"
#define DOCUMENT "{\"publication\": 1}"
#define REPLY(status, type, length, body) \
    "HTTP/1.1 " status "\r\nContent-Type: " type "\r\nContent-Length: " length "\r\n\r\n" body
#define CREATED \
    REPLY("201 Created", "application/json", "64", "{\"id\": \"" ID "\", \"outcome\": \"created\"}")
#define SAME \
    REPLY("200 OK", "application/json", "61", "{\"id\": \"" ID "\", \"outcome\": \"same\"}")

static const struct retry_policy quick = { .tries = 3, .first_s = .01, .most_s = .02 };

/* Sends the document to a server that answers so; the server has ended then. */
static enum ou_status send_to(struct script_server *s, const struct script_answer *answers,
                              size_t count, const char *token, bool replace, struct sent *ret,
                              struct ou_error *err)
{
    struct http_client *client;
    char url[80];
    enum ou_status status;

    script_server_start(s, answers, count);
    assert_int_equal(http_client_ready(err), OU_OK);
    assert_int_equal(http_client_open(NULL, &client, err), OU_OK);
    snprintf(url, sizeof url, "%s/", s->url);
    status = publication_send(&(struct sending){ .client = client,
                                                 .server = url,
                                                 .token = token,
                                                 .replace = replace,
                                                 .retries = &quick },
                              span_of(DOCUMENT), ret, err);
    http_client_close(client);
    script_server_end(s);
    return status;
}

static void expect_words(const char *text, const char *words)
{
    if (!strstr(text, words))
        fail_msg("no \"%s\" in: %s", words, text);
}

static void test_a_run_is_sent_packed_with_its_token(void **state)
{
    static const struct script_answer answers[] = { { CREATED, THEN_CLOSE } };
    struct ou_error err = { "" };
    struct script_server s;
    struct sent sent;
    char url[128];

    (void)state;
    if (send_to(&s, answers, 1, "ouro_abc_secret", false, &sent, &err))
        fail_msg("%s", err.text);
    assert_int_equal(sent.outcome, PUT_CREATED);
    assert_string_equal(sent.id, ID);
    snprintf(url, sizeof url, "%s/runs/" ID, s.url);
    assert_string_equal(sent.url, url);
    expect_words(s.asked[0], "POST /api/v1/runs HTTP/1.1");
    expect_words(s.asked[0], "Content-Encoding: zstd");
    expect_words(s.asked[0], "Content-Type: application/json");
    expect_words(s.asked[0], "Authorization: Bearer ouro_abc_secret");
    /* The magic number of a Zstandard frame begins the body. */
    expect_words(s.asked[0], "\r\n\r\n\x28\xb5\x2f\xfd");
}

static void test_without_a_token_there_is_no_header_for_one(void **state)
{
    static const struct script_answer answers[] = { { SAME, THEN_CLOSE } };
    struct ou_error err = { "" };
    struct script_server s;
    struct sent sent;

    (void)state;
    if (send_to(&s, answers, 1, "", true, &sent, &err))
        fail_msg("%s", err.text);
    assert_int_equal(sent.outcome, PUT_SAME);
    assert_null(strcasestr(s.asked[0], "Authorization"));
    expect_words(s.asked[0], "POST /api/v1/runs?replace=true HTTP/1.1");
}

static void test_a_server_that_is_busy_is_asked_again(void **state)
{
    static const struct script_answer answers[] = {
        { REPLY("503 Service Unavailable", "text/plain", "0", ""), THEN_KEEP },
        { "", THEN_CLOSE },
        { CREATED, THEN_CLOSE },
    };
    struct ou_error err = { "" };
    struct script_server s;
    struct sent sent;

    (void)state;
    if (send_to(&s, answers, 3, "t", false, &sent, &err))
        fail_msg("%s", err.text);
    assert_int_equal(sent.outcome, PUT_CREATED);
    assert_int_equal(s.asked_count, 3);
}

static void test_a_conflict_is_no_failure_of_the_request(void **state)
{
    static const struct script_answer answers[] = {
        { REPLY("409 Conflict", "application/problem+json", "21", "{\"detail\": \"another\"}"),
          THEN_CLOSE }
    };
    struct ou_error err = { "" };
    struct script_server s;
    struct sent sent;

    (void)state;
    assert_int_equal(send_to(&s, answers, 1, "t", false, &sent, &err), OU_OK);
    assert_int_equal(sent.outcome, PUT_CONFLICT);
    assert_string_equal(sent.url, "");
}

static void test_a_run_of_another_project_is_told_from_other_content(void **state)
{
    static const struct script_answer answers[] = {
        { REPLY("409 Conflict", "application/problem+json", "36",
                "{\"type\": \"/docs/problems#elsewhere\"}"),
          THEN_CLOSE }
    };
    struct ou_error err = { "" };
    struct script_server s;
    struct sent sent;

    (void)state;
    assert_int_equal(send_to(&s, answers, 1, "t", false, &sent, &err), OU_OK);
    assert_int_equal(sent.outcome, PUT_ELSEWHERE);
    assert_true(put_is_refused(sent.outcome));
}

/* Answers, what is returned, and words of the message. */
static const struct {
    struct script_answer answer;
    enum ou_status status;
    const char *words;
} refusals[] = {
    { { REPLY("401 Unauthorized", "application/problem+json", "18", "{\"detail\": \"gone\"}"),
        THEN_CLOSE },
      OU_USAGE,
      "OUROSCOPE_TOKEN" },
    { { REPLY("403 Forbidden", "application/problem+json", "23", "{\"detail\": \"read only\"}"),
        THEN_CLOSE },
      OU_USAGE,
      "read only" },
    { { REPLY("422 Unprocessable Content", "application/problem+json", "58",
              "{\"title\": \"Not so\", \"errors\": [{\"detail\": \"line 3: odd\"}]}"),
        THEN_CLOSE },
      OU_INVALID,
      "Not so: line 3: odd" },
    { { REPLY("413 Content Too Large", "text/plain", "3", "no\n"), THEN_CLOSE },
      OU_TOO_LARGE,
      "does not say why" },
    { { REPLY("404 Not Found", "text/html", "6", "<html>"), THEN_CLOSE },
      OU_INVALID,
      "answers 404: is it a server of results?" },
    { { REPLY("200 OK", "text/html", "6", "<html>"), THEN_CLOSE },
      OU_INVALID,
      "is it a server of results?" },
    { { REPLY("200 OK", "application/json", "33", "{\"id\": \"../x\", \"outcome\": \"same\"}"),
        THEN_CLOSE },
      OU_INVALID,
      "is it a server of results?" },
};

static void test_what_a_server_refuses_comes_with_its_reason(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        struct ou_error err = { "" };
        struct script_server s;
        struct sent sent;

        assert_int_equal(send_to(&s, &refusals[i].answer, 1, "ouro_secret", false, &sent, &err),
                         refusals[i].status);
        expect_words(err.text, refusals[i].words);
        assert_null(strstr(err.text, "ouro_secret"));
    }
}

static enum ou_status ask_whether(const struct script_answer *answer, struct ou_error *err)
{
    struct script_server s;
    struct http_client *client;
    enum ou_status status;

    script_server_start(&s, answer, 1);
    assert_int_equal(http_client_ready(err), OU_OK);
    assert_int_equal(http_client_open(NULL, &client, err), OU_OK);
    status = publication_ask(
        &(struct sending){ .client = client, .server = s.url, .token = "t", .retries = &quick },
        err);
    http_client_close(client);
    script_server_end(&s);
    return status;
}

static void test_a_server_is_asked_whether_it_takes_runs(void **state)
{
    static const struct script_answer good = { REPLY("422 Unprocessable Content",
                                                     "application/problem+json", "17",
                                                     "{\"title\": \"Empty\"}"),
                                               THEN_CLOSE };
    struct ou_error err = { "" };

    (void)state;
    if (ask_whether(&good, &err))
        fail_msg("%s", err.text);
    assert_int_equal(ask_whether(&refusals[0].answer, &err), OU_USAGE);
    expect_words(err.text, "OUROSCOPE_TOKEN");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_run_is_sent_packed_with_its_token),
        cmocka_unit_test(test_without_a_token_there_is_no_header_for_one),
        cmocka_unit_test(test_a_server_that_is_busy_is_asked_again),
        cmocka_unit_test(test_a_conflict_is_no_failure_of_the_request),
        cmocka_unit_test(test_a_run_of_another_project_is_told_from_other_content),
        cmocka_unit_test(test_what_a_server_refuses_comes_with_its_reason),
        cmocka_unit_test(test_a_server_is_asked_whether_it_takes_runs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
