#include "cmd/storage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/help.h"
#include "cmd/say.h"

#define PREFIX_DEFAULT "ouroscope/"
#define BUCKET_VARIABLE "OUROSCOPE_BUCKET"
#define REMARK_ROOM 256

/* ---- where it is ---- */

static void replace_text(const struct parsed_options *options, size_t option, const char **text)
{
    const char *given = option_value(options, option);

    if (given)
        *text = given;
}

static void replace_flag(const struct parsed_options *options, size_t option, bool *flag,
                         bool *contrary)
{
    if (!option_given(options, option))
        return;
    *flag = true;
    if (contrary)
        *contrary = false;
}

static enum credentials_source source_of(const char *word)
{
    static const char *const words[] = { [CREDENTIALS_ANY] = "any",
                                         [CREDENTIALS_ENVIRONMENT] = "environment",
                                         [CREDENTIALS_FILE] = "file",
                                         [CREDENTIALS_INSTANCE] = "instance" };

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i], word) == 0)
            return (enum credentials_source)i;
    return CREDENTIALS_ANY;
}

/* Options are stronger than the plan. */
static void apply_options(const struct parsed_options *options, struct storage_asked *a)
{
    const char *source = option_value(options, STORAGE_CREDENTIALS);
    struct s3_place *place = &a->place;

    replace_text(options, STORAGE_ENDPOINT, &place->endpoint);
    replace_text(options, STORAGE_REGION, &place->region);
    replace_text(options, STORAGE_BUCKET, &place->bucket);
    replace_text(options, STORAGE_PREFIX, &a->prefix);
    replace_text(options, STORAGE_CA, &place->identity.ca_file);
    replace_text(options, STORAGE_CREDENTIALS_FILE, &place->credentials.file);
    replace_text(options, STORAGE_CREDENTIALS_PROFILE, &place->credentials.profile);
    replace_flag(options, STORAGE_ALLOW_HTTP, &place->allow_http, NULL);
    replace_flag(options, STORAGE_PATH_STYLE, &place->path_style, &place->virtual_host);
    replace_flag(options, STORAGE_VIRTUAL_HOST, &place->virtual_host, &place->path_style);
    if (source)
        place->credentials.source = source_of(source);
}

static enum ou_status check_place(const struct parsed_options *options,
                                  const struct storage_asked *a, struct ou_error *err)
{
    if (option_given(options, STORAGE_PATH_STYLE) && option_given(options, STORAGE_VIRTUAL_HOST))
        return ou_fail(err, OU_USAGE, "--path-style and --virtual-host exclude each other");
    if (!a->place.bucket)
        return ou_fail(err, OU_USAGE,
                       "which bucket? Give --placement PLAN, --bucket NAME or " BUCKET_VARIABLE
                       " in the environment");
    if (*a->prefix == '/')
        return ou_fail(err, OU_USAGE, "--prefix %.80s: keys begin without a slash", a->prefix);
    /* Else "ouro" would make the folder "ouroboros/" a run "boros", which can be cleaned. */
    if (*a->prefix && !span_ends(span_of(a->prefix), "/"))
        return ou_fail(err, OU_USAGE, "--prefix %.80s: it has to end with a slash", a->prefix);
    return OU_OK;
}

enum ou_status storage_place_read(const struct parsed_options *options, struct storage_asked *ret,
                                  struct ou_error *err)
{
    const char *name = option_value(options, STORAGE_PLACEMENT);
    enum ou_status status;

    *ret = (struct storage_asked){ .prefix = PREFIX_DEFAULT };
    ret->place.bucket = getenv(BUCKET_VARIABLE);
    if (name) {
        status = placement_load(name, NULL, &ret->plan, err);
        if (status)
            return status == OU_INVALID || status == OU_NOT_FOUND ? OU_USAGE : status;
        ret->place = ret->plan.storage;
        ret->prefix = ret->plan.prefix;
    }
    apply_options(options, ret);
    return check_place(options, ret, err);
}

/* ---- opening ---- */

static void tell_wait(void *context, const char *why, double wait_s)
{
    const struct parsed_options *options = context;
    char line[REMARK_ROOM];

    (void)snprintf(line, sizeof line, "%s: trying again in %.1f s", why, wait_s);
    say_warning(options->command, line);
}

enum ou_status storage_open(const struct parsed_options *options, struct storage_asked *ret,
                            struct ou_error *err)
{
    char remark[REMARK_ROOM] = "";
    enum ou_status status = storage_place_read(options, ret, err);

    if (!status)
        status = s3_open(&ret->place, &ret->s3, remark, err);
    if (*remark)
        say_warning(options->command, remark);
    if (!status)
        s3_on_wait(ret->s3, tell_wait, (void *)options);
    return status;
}

void storage_close(struct storage_asked *asked)
{
    s3_close(asked->s3);
    placement_release(&asked->plan);
}

enum exit_code storage_failed(const struct parsed_options *options, enum ou_status status,
                              const struct ou_error *err)
{
    if (status == OU_USAGE)
        return say_usage_error(options->command, err);
    say(options->command, err->text);
    return EXIT_FAILED;
}
