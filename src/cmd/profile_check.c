/* ouroscope profile check: everything that is wrong with profiles. */
#include "base/buffer.h"
#include "cmd/profile.h"
#include "cmd/say.h"
#include "json/write.h"
#include "profile/explain.h"
#include "profile/remarks.h"

#define OUT_BYTES_MAX ((size_t)64 << 20)

struct checking {
    const struct parsed_options *options;
    struct overlays overlays;
    size_t (*find)(const char *name, const char *const *overlays, size_t overlay_count,
                   void (*found)(void *context, const char *message), void *context);
    struct buffer out;
    struct json_writer json;
    bool as_json;
    size_t checked, faulty, faults;
};

static void tell_fault(void *context, const char *message)
{
    struct checking *c = context;

    if (c->as_json)
        json_cstring(&c->json, message);
    else
        say(c->options->command, message);
}

static void tell_remark(void *context, const char *message)
{
    struct checking *c = context;

    if (c->as_json)
        json_cstring(&c->json, message);
    else
        say_warning(c->options->command, message);
}

/* Of what has no faults. */
static void tell_remarks(struct checking *c, const char *name)
{
    struct profile p = { 0 };

    if (profile_load(name, c->overlays.texts, c->overlays.count, &p, NULL) == OU_OK)
        profile_each_remark(&p, tell_remark, c);
    profile_release(&p);
}

static void check(struct checking *c, const char *name)
{
    size_t faults;

    if (c->as_json) {
        json_begin_object(&c->json);
        json_key(&c->json, "profile");
        json_cstring(&c->json, name);
        json_key(&c->json, "faults");
        json_begin_array(&c->json);
    }
    faults = c->find(name, c->overlays.texts, c->overlays.count, tell_fault, c);
    if (c->as_json) {
        json_end(&c->json);
        json_key(&c->json, "remarks");
        json_begin_array(&c->json);
    }
    if (faults == 0)
        tell_remarks(c, name);
    if (c->as_json) {
        json_end(&c->json);
        json_end(&c->json);
    }
    c->checked++;
    c->faulty += faults > 0;
    c->faults += faults;
}

static void check_all(struct checking *c)
{
    const char *name;

    if (c->as_json)
        json_begin_array(&c->json);
    for (size_t i = 0; i < c->options->operand_count; i++)
        check(c, c->options->operands[i]);
    for (size_t i = 0;
         option_given(c->options, PROFILE_CHECK_ALL) && (name = profile_builtin_name(i)); i++)
        check(c, name);
    if (c->as_json) {
        json_end(&c->json);
        buffer_char(&c->out, '\n');
    }
}

static void tell_sum(struct checking *c)
{
    if (c->faulty)
        buffer_printf(&c->out, "%zu of %zu profile%s: %zu fault%s\n", c->faulty, c->checked,
                      c->checked == 1 ? "" : "s", c->faults, c->faults == 1 ? "" : "s");
    else
        buffer_printf(&c->out, "%zu profile%s, no faults\n", c->checked,
                      c->checked == 1 ? "" : "s");
}

enum exit_code cmd_profile_check(const struct parsed_options *options)
{
    struct checking c = { .options = options,
                          .as_json = option_given(options, PROFILE_CHECK_JSON) };
    struct ou_error err = { 0 };
    enum ou_status status = OU_OK;
    enum exit_code code;

    c.find =
        option_given(options, PROFILE_CHECK_RUN) ? profile_find_obstacles : profile_find_faults;
    buffer_init(&c.out, allocator_libc(), OUT_BYTES_MAX);
    json_writer_init(&c.json, &c.out, true);
    if (options->operand_count == 0 && !option_given(options, PROFILE_CHECK_ALL))
        status = ou_fail(&err, OU_USAGE, "missing operand: PROFILE | FILE...; or --all");
    if (!status)
        status = overlays_read(options, PROFILE_CHECK_OVERLAY, &c.overlays, &err);
    if (!status) {
        check_all(&c);
        if (!c.as_json)
            tell_sum(&c);
    }
    code = status ? profile_command_failed(options, status, &err) : profile_put(options, &c.out);
    if (code == EXIT_DONE && c.faulty)
        code = EXIT_FAILED;
    overlays_release(&c.overlays);
    buffer_release(&c.out);
    return code;
}
