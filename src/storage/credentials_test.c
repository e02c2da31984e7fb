#include "storage/credentials.h"

#include <sys/stat.h>

#include "base/time.h"
#include "http/script_server_test.h"
#include "storage/credentials_private.h"
#include "support/files.h"

/* Nothing of the environment of whoever runs the tests. */
static int clear_environment(void **state)
{
    static const char *const names[] = {
        "AWS_ACCESS_KEY_ID",           "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",           "AWS_PROFILE",
        "AWS_SHARED_CREDENTIALS_FILE", "AWS_CREDENTIAL_EXPIRATION",
        "AWS_EC2_METADATA_DISABLED",   "AWS_EC2_METADATA_SERVICE_ENDPOINT",
    };

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unsetenv(names[i]);
    setenv("HOME", "/nowhere", 1);
    return 0;
}

static enum ou_status find(const struct credentials_options *options, struct s3_credentials *ret,
                           struct ou_error *err)
{
    char remark[256];

    return credentials_find(options, ret, remark, err);
}

static void expect_words(const struct ou_error *err, const char *words)
{
    if (!strstr(err->text, words))
        fail_msg("no \"%s\" in: %s", words, err->text);
}

static void test_the_environment_comes_first(void **state)
{
    const struct credentials_options any = { .source = CREDENTIALS_ANY };
    struct s3_credentials c;
    struct ou_error err = { "" };

    (void)state;
    setenv("AWS_ACCESS_KEY_ID", "AKIA", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "secret/+", 1);
    setenv("AWS_SESSION_TOKEN", "token==", 1);
    assert_int_equal(find(&any, &c, &err), OU_OK);
    assert_string_equal(c.access_key, "AKIA");
    assert_string_equal(c.secret_key, "secret/+");
    assert_string_equal(c.session_token, "token==");
    assert_string_equal(c.source, "environment");
    assert_int_equal(c.expires_ns, TIME_NONE);
}

static void test_half_of_an_environment_is_told(void **state)
{
    const struct credentials_options any = { .source = CREDENTIALS_ANY };
    struct s3_credentials c;
    struct ou_error err = { "" };

    (void)state;
    setenv("AWS_ACCESS_KEY_ID", "AKIA", 1);
    assert_int_equal(find(&any, &c, &err), OU_NOT_FOUND);
    expect_words(&err, "AWS_SECRET_ACCESS_KEY is not in the environment");
}

static void test_all_places_are_named_when_there_is_none(void **state)
{
    const struct credentials_options any = { .source = CREDENTIALS_ANY };
    struct s3_credentials c;
    struct ou_error err = { "" };

    (void)state;
    assert_int_equal(find(&any, &c, &err), OU_NOT_FOUND);
    expect_words(&err, "AWS_ACCESS_KEY_ID");
    expect_words(&err, "/nowhere/.aws/credentials");
    expect_words(&err, "an instance's are used only when they are asked for");
}

static const char *const FILE_TEXT = "# a comment\n"
                                     "[default]\r\n"
                                     "aws_access_key_id = ONE \r\n"
                                     "  AWS_Secret_Access_Key=sec#ret;1 # of the first\n"
                                     "region = eu-central-1\n"
                                     "\n"
                                     "; another\n"
                                     "[profile two]\n"
                                     "aws_access_key_id=TWO\n"
                                     "aws_secret_access_key=secret2\n"
                                     "aws_session_token=t==\n"
                                     "s3 =\n"
                                     "  max_concurrent_requests = 20\n"
                                     "[half]\n"
                                     "aws_access_key_id=HALF\n"
                                     "[bad]\n"
                                     "aws_access_key_id=with blank\n";

static void test_a_file_has_profiles(void **state)
{
    struct s3_credentials c = { 0 };
    struct ou_error err = { "" };
    struct span text = span_of(FILE_TEXT);

    (void)state;
    assert_int_equal(credentials_read(text, "f", "default", &c, &err), OU_OK);
    assert_string_equal(c.access_key, "ONE");
    assert_string_equal(c.secret_key, "sec#ret;1");
    assert_string_equal(c.session_token, "");
    c = (struct s3_credentials){ 0 };
    assert_int_equal(credentials_read(text, "f", "two", &c, &err), OU_OK);
    assert_string_equal(c.access_key, "TWO");
    assert_string_equal(c.session_token, "t==");
    c = (struct s3_credentials){ 0 };
    assert_int_equal(credentials_read(text, "f", "half", &c, &err), OU_NOT_FOUND);
    assert_string_equal(err.text, "f has no aws_secret_access_key in [half]");
    assert_int_equal(credentials_read(text, "f", "three", &c, &err), OU_NOT_FOUND);
    assert_string_equal(err.text, "f has no profile [three]");
    assert_int_equal(credentials_read(text, "f", "bad", &c, &err), OU_INVALID);
    expect_words(&err, "f:17: aws_access_key_id has a blank");
    assert_null(strstr(err.text, "with blank"));
}

static void test_a_file_that_others_may_read_is_remarked(void **state)
{
    struct temp_dir dir;
    struct credentials_options options = { .source = CREDENTIALS_FILE, .profile = "two" };
    struct s3_credentials c;
    char remark[256];
    struct ou_error err = { "" };

    (void)state;
    temp_dir_make(&dir);
    options.file = temp_file(&dir, "credentials", FILE_TEXT);
    assert_int_equal(chmod(options.file, 0644), 0);
    assert_int_equal(credentials_find(&options, &c, remark, &err), OU_OK);
    assert_non_null(strstr(remark, "(mode 644): chmod 600"));
    assert_string_equal(c.source, "file");
    assert_int_equal(chmod(options.file, 0600), 0);
    assert_int_equal(credentials_find(&options, &c, remark, &err), OU_OK);
    assert_string_equal(remark, "");
    options = (struct credentials_options){ .source = CREDENTIALS_ANY };
    setenv("AWS_SHARED_CREDENTIALS_FILE", temp_path(&dir, "credentials"), 1);
    assert_int_equal(credentials_find(&options, &c, remark, &err), OU_OK);
    assert_string_equal(c.access_key, "ONE");
    setenv("AWS_PROFILE", "two", 1);
    assert_int_equal(credentials_find(&options, &c, remark, &err), OU_OK);
    assert_string_equal(c.access_key, "TWO");
    temp_dir_remove(&dir);
}

static void test_values_that_are_too_long_are_refused(void **state)
{
    const struct credentials_options any = { .source = CREDENTIALS_ANY };
    char text[CREDENTIAL_ROOM + 1];
    struct s3_credentials c;
    struct ou_error err = { "" };

    (void)state;
    memset(text, 'x', CREDENTIAL_ROOM);
    text[CREDENTIAL_ROOM] = '\0';
    setenv("AWS_ACCESS_KEY_ID", "AKIA", 1);
    setenv("AWS_SECRET_ACCESS_KEY", text, 1);
    assert_int_equal(find(&any, &c, &err), OU_INVALID);
    assert_null(strstr(err.text, "xxx"));
    assert_string_equal(c.access_key, ""); /* nothing stays of what is not complete */
}

#define ANSWER(length, body) "HTTP/1.1 200 OK\r\nContent-Length: " length "\r\n\r\n" body
#define DOCUMENT                                                                          \
    "{\"Code\":\"Success\",\"AccessKeyId\":\"ASIA\",\"SecretAccessKey\":\"of-the-hour\"," \
    "\"Token\":\"session\",\"Expiration\":\"2030-01-01T00:00:00Z\"}"

static void test_an_instance_is_asked_with_a_token(void **state)
{
    static const struct script_answer answers[] = {
        { ANSWER("8", "TOKEN=="
                      "x"),
          THEN_KEEP },
        { ANSWER("7", "my-role"), THEN_KEEP },
        { ANSWER("125", DOCUMENT), THEN_KEEP },
    };
    struct script_server s;
    struct credentials_options options = { .source = CREDENTIALS_INSTANCE };
    struct s3_credentials c;
    struct ou_error err = { "" };

    (void)state;
    assert_int_equal(sizeof DOCUMENT - 1, 125);
    script_server_start(&s, answers, 3);
    options.instance_endpoint = s.url;
    if (find(&options, &c, &err))
        fail_msg("%s", err.text);
    script_server_end(&s);
    assert_string_equal(c.access_key, "ASIA");
    assert_string_equal(c.secret_key, "of-the-hour");
    assert_string_equal(c.session_token, "session");
    assert_int_equal(c.expires_ns, INT64_C(1893456000) * NS_PER_SECOND);
    assert_string_equal(c.source, "instance");
    assert_non_null(strstr(s.asked[0], "PUT /latest/api/token HTTP/1.1\r\n"));
    assert_non_null(strstr(s.asked[0], "X-aws-ec2-metadata-token-ttl-seconds: "));
    assert_non_null(strstr(s.asked[1], "/latest/meta-data/iam/security-credentials/ HTTP"));
    assert_non_null(strstr(s.asked[2], "/iam/security-credentials/my-role HTTP"));
    for (int i = 1; i < 3; i++)
        assert_non_null(strstr(s.asked[i], "\r\nX-aws-ec2-metadata-token: TOKEN==x\r\n"));
}

static void test_a_machine_without_a_role_has_no_credentials(void **state)
{
    static const struct script_answer answers[] = {
        { ANSWER("5", "TOKEN"), THEN_KEEP },
        { "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", THEN_KEEP },
    };
    struct script_server s;
    struct credentials_options options = { .source = CREDENTIALS_INSTANCE };
    struct s3_credentials c;
    struct ou_error err = { "" };

    (void)state;
    script_server_start(&s, answers, 2);
    options.instance_endpoint = s.url;
    assert_int_equal(find(&options, &c, &err), OU_NOT_FOUND);
    expect_words(&err, "has this machine a role?");
    script_server_end(&s);
    setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
    assert_int_equal(find(&options, &c, &err), OU_NOT_FOUND);
    expect_words(&err, "AWS_EC2_METADATA_DISABLED");
}

#define TEST(name) cmocka_unit_test_setup(name, clear_environment)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_the_environment_comes_first),
        TEST(test_half_of_an_environment_is_told),
        TEST(test_all_places_are_named_when_there_is_none),
        TEST(test_a_file_has_profiles),
        TEST(test_a_file_that_others_may_read_is_remarked),
        TEST(test_values_that_are_too_long_are_refused),
        TEST(test_an_instance_is_asked_with_a_token),
        TEST(test_a_machine_without_a_role_has_no_credentials),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
