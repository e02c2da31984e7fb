/* What the profile commands, and others that take a profile, have in common. */
#ifndef OU_CMD_PROFILE_H
#define OU_CMD_PROFILE_H

#include "base/buffer.h"
#include "cmd/commands.h"
#include "profile/profile.h"

/* Rows of the option tables. */
enum profile_list_option { PROFILE_LIST_ALL, PROFILE_LIST_JSON };
enum profile_show_option {
    PROFILE_SHOW_EXPLAIN,
    PROFILE_SHOW_MEMBER,
    PROFILE_SHOW_DERIVED,
    PROFILE_SHOW_OVERLAY,
    PROFILE_SHOW_JSON,
};
enum profile_diff_option { PROFILE_DIFF_DERIVED, PROFILE_DIFF_EXIT_CODE, PROFILE_DIFF_JSON };
enum profile_check_option {
    PROFILE_CHECK_ALL,
    PROFILE_CHECK_RUN,
    PROFILE_CHECK_OVERLAY,
    PROFILE_CHECK_JSON,
};

/* The texts of all --overlay options of a command line. */
struct overlays {
    const char **texts; /* count of them; owned */
    size_t count;
    struct buffer *files; /* those that were read from files; owned */
};

/* `option` is the row of --overlay. A value is JSON, or the path of a file of it. OU_USAGE where there is no such
 * file. The caller releases *ret, also after a failure. */
enum ou_status overlays_read(const struct parsed_options *options, size_t option,
                             struct overlays *ret, struct ou_error *err);
void overlays_release(struct overlays *o); /* a zeroed one is fine */

/* One more, behind those of the command line; the text stays the caller's. */
enum ou_status overlays_add(struct overlays *o, const char *text, struct ou_error *err);

/* profile_load() with the overlays of a command line. What is wrong with a profile is OU_USAGE: a mistake of whoever
 * named it, told before anything has begun. */
enum ou_status profile_of_options(const struct parsed_options *options, const char *name,
                                  size_t overlay_option, struct profile *ret, struct ou_error *err);

enum ou_status profile_of_overlays(const char *name, const struct overlays *overlays,
                                   struct profile *ret, struct ou_error *err);

/* Warns of what a profile hardly means: profile_remarks.h. */
void profile_tell_remarks(const struct parsed_options *options, const struct profile *p);

/* Prints all of a buffer to standard output; tells what went wrong, and how the command ends. */
enum exit_code profile_put(const struct parsed_options *options, const struct buffer *out);

/* OU_USAGE ends a command with 2, anything else with 1; the message is printed. */
enum exit_code profile_command_failed(const struct parsed_options *options, enum ou_status status,
                                      const struct ou_error *err);

enum exit_code cmd_profile_list(const struct parsed_options *options);
enum exit_code cmd_profile_show(const struct parsed_options *options);
enum exit_code cmd_profile_diff(const struct parsed_options *options);
enum exit_code cmd_profile_check(const struct parsed_options *options);

#endif
