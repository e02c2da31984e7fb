/* ouroscope storage check: whether a bucket does all that a run needs of it. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/interrupt.h"
#include "cmd/columns.h"
#include "cmd/say.h"
#include "cmd/storage_steps.h"
#include "cmd/terminal.h"
#include "json/write.h"

#define OUT_BYTES_MAX ((size_t)1 << 20)
#define RESOURCE_ROOM (S3_KEY_BYTES_MAX + 512)

/* ---- what a policy has to allow ---- */

static void write_statement(struct json_writer *w, const char *resource, const char *actions)
{
    char rest[256], *at = rest;
    const char *action;

    (void)snprintf(rest, sizeof rest, "%s", actions);
    json_begin_object(w);
    json_key(w, "Effect");
    json_cstring(w, "Allow");
    json_key(w, "Action");
    json_begin_array(w);
    while ((action = strsep(&at, " ")))
        json_cstring(w, action);
    json_end(w);
    json_key(w, "Resource");
    json_cstring(w, resource);
    json_end(w);
}

/* As it can be given to a user or a role. Uploads that were begun and never ended are found by ListBucketMultipartUploads. */
static void write_policy(const struct storage_asked *asked, struct buffer *out)
{
    char resource[RESOURCE_ROOM];
    struct json_writer w;

    json_writer_init(&w, out, true);
    json_begin_object(&w);
    json_key(&w, "Version"); /* of the language of policies */
    json_cstring(&w, "2012-10-17");
    json_key(&w, "Statement");
    json_begin_array(&w);
    (void)snprintf(resource, sizeof resource, "arn:aws:s3:::%s", asked->place.bucket);
    write_statement(&w, resource, "s3:ListBucket s3:ListBucketMultipartUploads");
    (void)snprintf(resource, sizeof resource, "arn:aws:s3:::%s/%s*", asked->place.bucket,
                   asked->prefix);
    write_statement(&w, resource,
                    "s3:GetObject s3:PutObject s3:DeleteObject s3:AbortMultipartUpload");
    json_end(&w);
    json_end(&w);
    buffer_char(out, '\n');
}

/* ---- what was found ---- */

static const char *const RESULTS[] = {
    [STEP_DONE] = "ok", [STEP_FAILED] = "FAILED", [STEP_SKIPPED] = "not tried"
};

static enum ou_status write_table(const struct storage_steps *found, struct buffer *out,
                                  struct ou_error *err)
{
    struct columns c;
    enum ou_status status;

    columns_init(&c, 4, 1U << 2, isatty(STDOUT_FILENO) ? (size_t)terminal_width(STDOUT_FILENO) : 0);
    for (size_t i = 0; i < STORAGE_STEPS; i++) {
        const struct storage_step *step = &found->steps[i];

        columns_add(&c, storage_step_name(i));
        columns_add(&c, RESULTS[step->result]);
        if (step->result == STEP_SKIPPED)
            columns_add(&c, "");
        else
            columns_printf(&c, "%.0f ms", step->seconds * 1e3);
        columns_add(&c, step->result == STEP_DONE ? step->note : "");
    }
    status = columns_write(&c, out, err);
    columns_release(&c);
    return status;
}

static void write_step(struct json_writer *w, size_t i, const struct storage_step *step)
{
    json_begin_object(w);
    json_key(w, "step");
    json_cstring(w, storage_step_name(i));
    json_key(w, "result");
    json_cstring(w, RESULTS[step->result]);
    json_key(w, "seconds");
    json_double(w, step->seconds);
    json_key(w, "message");
    json_cstring(w, step->result == STEP_FAILED ? step->err.text : step->note);
    json_end(w);
}

static void write_json(const struct storage_asked *asked, const struct storage_steps *found,
                       struct buffer *out)
{
    struct json_writer w;

    json_writer_init(&w, out, true);
    json_begin_object(&w);
    json_key(&w, "bucket");
    json_cstring(&w, asked->place.bucket);
    json_key(&w, "prefix");
    json_cstring(&w, asked->prefix);
    json_key(&w, "credentials");
    json_cstring(&w, found->source);
    json_key(&w, "clock_ahead_s");
    if (found->clock_known)
        json_double(&w, found->clock_ahead_s);
    else
        json_none(&w);
    json_key(&w, "steps");
    json_begin_array(&w);
    for (size_t i = 0; i < STORAGE_STEPS; i++)
        write_step(&w, i, &found->steps[i]);
    json_end(&w);
    json_end(&w);
    buffer_char(out, '\n');
}

static void tell_failures(const struct parsed_options *options, const struct storage_steps *found)
{
    char line[sizeof found->steps[0].err.text + 64];
    bool needs_policy = false;

    if (*found->remark)
        say_warning(options->command, found->remark);
    for (size_t i = 0; i < STORAGE_STEPS; i++) {
        const struct storage_step *step = &found->steps[i];

        if (step->result != STEP_FAILED)
            continue;
        (void)snprintf(line, sizeof line, "%s: %s", storage_step_name(i), step->err.text);
        say(options->command, line);
        needs_policy = needs_policy || strstr(step->err.text, "needs s3:");
    }
    if (needs_policy)
        say(options->command, "--policy prints what a policy has to allow");
}

/* ---- the command ---- */

static enum ou_status check(const struct parsed_options *options, struct storage_asked *asked,
                            struct buffer *out, bool *ret_good, struct ou_error *err)
{
    static struct storage_steps found; /* too large for a stack, and there is one check a process */
    enum ou_status status = OU_OK;

    interrupt_install();
    *ret_good = storage_steps_run(asked, &found);
    if (option_given(options, STORAGE_CHECK_JSON))
        write_json(asked, &found, out);
    else
        status = write_table(&found, out, err);
    if (!status)
        status = fd_write_text(STDOUT_FILENO, out, err);
    tell_failures(options, &found);
    return status;
}

enum exit_code cmd_storage_check(const struct parsed_options *options)
{
    struct storage_asked asked;
    struct ou_error err = { 0 };
    struct buffer out;
    bool good = true;
    enum exit_code code;
    enum ou_status status = storage_place_read(options, &asked, &err);

    buffer_init(&out, allocator_libc(), OUT_BYTES_MAX);
    if (!status && option_given(options, STORAGE_CHECK_POLICY)) {
        write_policy(&asked, &out);
        status = fd_write_text(STDOUT_FILENO, &out, &err);
    } else if (!status) {
        status = check(options, &asked, &out, &good, &err);
    }
    code = status ? storage_failed(options, status, &err) : good ? EXIT_DONE : EXIT_FAILED;
    buffer_release(&out);
    storage_close(&asked);
    return code;
}
