#include <curl/curl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/file.h"
#include "http/server_fixture_test.h"
#include "support/files.h"

/* Made anew by openssl(1), in a folder of the test's; the running test is skipped where there is none. */
struct certificate {
    struct temp_dir dir;
    struct buffer certificate, key;
};

static void certificate_make(struct certificate *c, const char *name)
{
    char command[1024];
    struct ou_error err = { "" };

    if (system("openssl version >/dev/null 2>&1") != 0) /* NOLINT: what PATH has is meant */
        skip();
    temp_dir_make(&c->dir);
    snprintf(command, sizeof command,
             "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=%s -addext "
             "subjectAltName=IP:127.0.0.1 -keyout %s -out %s 2>/dev/null",
             name, temp_path(&c->dir, "key"), temp_path(&c->dir, "certificate"));
    assert_int_equal(system(command), 0); /* NOLINT: likewise */
    buffer_init(&c->certificate, allocator_libc(), 1 << 16);
    buffer_init(&c->key, allocator_libc(), 1 << 16);
    assert_int_equal(file_read(temp_path(&c->dir, "certificate"), &c->certificate, &err), OU_OK);
    assert_int_equal(file_read(temp_path(&c->dir, "key"), &c->key, &err), OU_OK);
}

static void certificate_release(struct certificate *c)
{
    buffer_release(&c->certificate);
    buffer_release(&c->key);
    temp_dir_remove(&c->dir);
}

/* A client in a thread of its own, which believes in one certificate. */
struct client {
    char url[64];
    const char *trusted; /* file */
    CURLcode result;
    size_t bytes;
    atomic_bool done;
};

static size_t count_bytes(char *at, size_t size, size_t count, void *context)
{
    struct client *c = context;

    (void)at;
    c->bytes += size * count;
    return size * count;
}

static void *fetch(void *context)
{
    struct client *c = context;
    CURL *curl = curl_easy_init();

    curl_easy_setopt(curl, CURLOPT_URL, c->url);
    curl_easy_setopt(curl, CURLOPT_CAINFO, c->trusted);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, count_bytes);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, context);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    c->result = curl_easy_perform(curl);
    curl_easy_cleanup(curl);
    atomic_store(&c->done, true);
    return NULL;
}

/* Fetches while the loop runs; returns how many bytes came. */
static size_t fetch_over(struct fixture *f, const char *scheme, const char *trusted,
                         CURLcode *ret_result)
{
    struct client c = { .trusted = trusted };
    pthread_t thread;

    snprintf(c.url, sizeof c.url, "%s://127.0.0.1:%u/large", scheme,
             (unsigned)http_server_port(f->server));
    assert_int_equal(pthread_create(&thread, NULL, fetch, &c), 0);
    while (!atomic_load(&c.done))
        turn(f);
    pthread_join(thread, NULL);
    *ret_result = c.result;
    return c.bytes;
}

static void test_a_certificate_encrypts_what_is_served(void **state)
{
    struct certificate a, other;
    struct fixture f;
    struct http_server_options options = options_of(&f);
    struct http_tls tls = { 0 };
    CURLcode result;

    (void)state;
    certificate_make(&a, "a");
    certificate_make(&other, "other");
    tls = (struct http_tls){ buffer_string(&a.certificate), buffer_string(&a.key),
                             buffer_string(&other.certificate) };
    options.tls = &tls;
    open_with(&f, &options);
    assert_int_equal(fetch_over(&f, "https", temp_path(&a.dir, "certificate"), &result),
                     LARGE_BYTES);
    assert_int_equal(result, CURLE_OK);
    assert_int_equal(fetch_over(&f, "https", temp_path(&other.dir, "certificate"), &result), 0);
    assert_int_not_equal(result, CURLE_OK);
    assert_int_equal(fetch_over(&f, "http", NULL, &result), 0);
    assert_int_not_equal(result, CURLE_OK);
    assert_int_equal(f.calls, 1);
    close_server(&f);
    certificate_release(&a);
    certificate_release(&other);
}

static void test_a_key_that_does_not_fit_is_told(void **state)
{
    struct certificate a, other;
    struct fixture f;
    struct http_server_options options = options_of(&f);
    struct http_server *s = NULL;
    struct ou_error err = { "" };
    struct http_tls tls = { 0 };

    (void)state;
    certificate_make(&a, "a");
    certificate_make(&other, "other");
    open_server(&f); /* for its loop */
    tls = (struct http_tls){ buffer_string(&a.certificate), buffer_string(&other.key), NULL };
    options.tls = &tls;
    assert_int_equal(http_server_open(&f.loop, &options, &s, &err), OU_INVALID);
    assert_non_null(strstr(err.text, "certificate"));
    tls = (struct http_tls){ "nonsense", "nonsense", NULL };
    assert_int_equal(http_server_open(&f.loop, &options, &s, &err), OU_INVALID);
    assert_null(s);
    close_server(&f);
    certificate_release(&a);
    certificate_release(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_certificate_encrypts_what_is_served),
        cmocka_unit_test(test_a_key_that_does_not_fit_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
