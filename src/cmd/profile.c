#include "cmd/profile.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "cmd/help.h"
#include "cmd/say.h"
#include "profile/remarks.h"

static enum ou_status read_overlay(const char *value, struct buffer *file, const char **ret,
                                   struct ou_error *err)
{
    struct ou_error why = { 0 };
    enum ou_status status;

    *ret = value;
    if (value[strspn(value, " \t\r\n")] == '{')
        return OU_OK;
    status = file_read(value, file, &why);
    if (status)
        return ou_fail(err, status == OU_NOT_FOUND ? OU_USAGE : status, "--overlay: %s", why.text);
    *ret = buffer_string(file);
    return OU_OK;
}

enum ou_status overlays_read(const struct parsed_options *options, size_t option,
                             struct overlays *ret, struct ou_error *err)
{
    size_t most = options->given_count + 1;
    enum ou_status status = OU_OK;

    ret->count = 0;
    ret->texts = calloc(most, sizeof *ret->texts);
    ret->files = calloc(most, sizeof *ret->files);
    if (!ret->texts || !ret->files)
        return ou_fail(err, OU_NO_MEMORY, "no memory for the overlays");
    for (size_t i = 0; !status && i < options->given_count; i++) {
        struct buffer *file = &ret->files[ret->count];

        if (options->given[i].option != option)
            continue;
        buffer_init(file, allocator_libc(), PROFILE_MAX_BYTES);
        status = read_overlay(options->given[i].value, file, &ret->texts[ret->count++], err);
    }
    return status;
}

void overlays_release(struct overlays *o)
{
    for (size_t i = 0; o->files && i < o->count; i++)
        buffer_release(&o->files[i]);
    free(o->files);
    free(o->texts);
    *o = (struct overlays){ 0 };
}

enum ou_status overlays_add(struct overlays *o, const char *text, struct ou_error *err)
{
    const char **more = realloc(o->texts, (o->count + 1) * sizeof *more);
    struct buffer *files = more ? realloc(o->files, (o->count + 1) * sizeof *files) : NULL;

    if (more)
        o->texts = more;
    if (!files)
        return ou_fail(err, OU_NO_MEMORY, "no memory for the overlays");
    o->files = files;
    o->files[o->count] = (struct buffer){ 0 };
    o->texts[o->count++] = text;
    return OU_OK;
}

enum ou_status profile_of_overlays(const char *name, const struct overlays *overlays,
                                   struct profile *ret, struct ou_error *err)
{
    struct ou_error why = { 0 };
    enum ou_status status = profile_load(name, overlays->texts, overlays->count, ret, &why);

    if (!status)
        return OU_OK;
    return ou_fail(err, status == OU_NO_MEMORY ? status : OU_USAGE, "%s", why.text);
}

enum ou_status profile_of_options(const struct parsed_options *options, const char *name,
                                  size_t overlay_option, struct profile *ret, struct ou_error *err)
{
    struct overlays overlays = { 0 };
    enum ou_status status = overlays_read(options, overlay_option, &overlays, err);

    if (!status)
        status = profile_of_overlays(name, &overlays, ret, err);
    overlays_release(&overlays);
    return status;
}

static void tell_remark(void *context, const char *remark)
{
    const struct parsed_options *options = context;

    say_warning(options->command, remark);
}

void profile_tell_remarks(const struct parsed_options *options, const struct profile *p)
{
    profile_each_remark(p, tell_remark, (void *)options);
}

enum exit_code profile_command_failed(const struct parsed_options *options, enum ou_status status,
                                      const struct ou_error *err)
{
    if (status == OU_USAGE)
        return say_usage_error(options->command, err);
    say(options->command, err->text);
    return EXIT_FAILED;
}

enum exit_code profile_put(const struct parsed_options *options, const struct buffer *out)
{
    struct ou_error err = { 0 };
    enum ou_status status = fd_write_text(STDOUT_FILENO, out, &err);

    return status ? profile_command_failed(options, status, &err) : EXIT_DONE;
}
