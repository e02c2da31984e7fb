/* What the tests of the configuration share. */
#ifndef OU_TRACE_CONFIG_TEST_H
#define OU_TRACE_CONFIG_TEST_H

#include <string.h>

#include "support/test.h"

#include "trace/config.h"

#define WARNINGS_MAX ((size_t)1 << 20)

/* The configuration that a text makes, without a warning. */
static inline struct config *parse(const char *text)
{
    struct ou_error err = { { 0 } };
    struct config *config = NULL;
    struct buffer warnings;
    enum ou_status status;

    buffer_init(&warnings, allocator_libc(), WARNINGS_MAX);
    status = config_parse(text, strlen(text), "file", &warnings, &config, &err);
    if (status || warnings.len)
        print_error("%s: %s%s\n", text, err.text, buffer_string(&warnings));
    assert_int_equal(status, OU_OK);
    assert_int_equal(warnings.len, 0);
    buffer_release(&warnings);
    return config;
}

/* Likewise, with these warnings. */
static inline struct config *parse_warned(const char *text, const char *want)
{
    struct ou_error err = { { 0 } };
    struct config *config = NULL;
    struct buffer warnings;
    enum ou_status status;

    buffer_init(&warnings, allocator_libc(), WARNINGS_MAX);
    status = config_parse(text, strlen(text), "file", &warnings, &config, &err);
    if (status)
        print_error("%s: %s\n", text, err.text);
    assert_int_equal(status, OU_OK);
    assert_string_equal(buffer_string(&warnings), want);
    buffer_release(&warnings);
    return config;
}

static inline void assert_warned(const char *text, const char *want)
{
    config_free(parse_warned(text, want));
}

static inline void assert_refused(const char *text, const char *want)
{
    struct ou_error err = { { 0 } };
    struct config *config = NULL;

    assert_int_equal(config_parse(text, strlen(text), "file", NULL, &config, &err), OU_INVALID);
    assert_null(config);
    assert_string_equal(err.text, want);
}

/* The effective configuration is written, read, and written again in the same words. */
static inline void assert_round_trip(const struct config *config)
{
    struct ou_error err = { { 0 } };
    struct config *again = NULL;
    struct buffer once, twice;
    enum ou_status status;

    buffer_init(&once, allocator_libc(), WARNINGS_MAX);
    buffer_init(&twice, allocator_libc(), WARNINGS_MAX);
    config_json(config, &once);
    assert_int_equal(buffer_status(&once), OU_OK);
    status = config_parse(once.at, once.len, "json", NULL, &again, &err);
    if (status)
        print_error("%s\n%s\n", err.text, once.at);
    assert_int_equal(status, OU_OK);
    config_json(again, &twice);
    assert_string_equal(buffer_string(&once), buffer_string(&twice));
    config_free(again);
    buffer_release(&once);
    buffer_release(&twice);
}

#endif
