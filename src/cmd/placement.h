/* What the placement commands have in common. */
#ifndef OU_CMD_PLACEMENT_H
#define OU_CMD_PLACEMENT_H

#include "cluster/placement.h"
#include "cmd/commands.h"
#include "profile/profile.h"

enum placement_show_option {
    PLACEMENT_SHOW_PROFILE,
    PLACEMENT_SHOW_OVERLAY,
    PLACEMENT_SHOW_JSON,
};
enum placement_check_option { PLACEMENT_CHECK_PROFILE, PLACEMENT_CHECK_OVERLAY };

/* A plan, and the hosts of a profile that it is to place, if one was named. */
struct placement_asked {
    struct profile profile; /* zeroed: none was named */
    struct placement plan;
    struct arena memory;
    struct host_want *wants; /* of the profile; want_count of them */
    size_t want_count;
};

/* The plan is the operand; `profile` and `overlay` are rows of the options. What is wrong with either is OU_USAGE. *ret is to be
 * released in any case. */
enum ou_status placement_asked_load(const struct parsed_options *options, size_t profile,
                                    size_t overlay, struct placement_asked *ret,
                                    struct ou_error *err);
void placement_asked_release(struct placement_asked *asked);

enum exit_code cmd_placement_show(const struct parsed_options *options);
enum exit_code cmd_placement_check(const struct parsed_options *options);

#endif
