/* Command line arguments, read by a command's row in the table (commands.h).
 *
 * Understood are --name, --name VALUE, --name=VALUE, -n, -n VALUE, -nVALUE,
 * and "--", after which everything is an operand; a lone "-" is one, too.
 * In a command with groups of operands "--" begins the next group instead, and
 * options stay options behind it.
 * --help and -h belong to every command and need no row. Names are not
 * abbreviated, so that a script cannot break when an option is added. */
#ifndef OU_CMD_OPTIONS_H
#define OU_CMD_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/alloc.h"
#include "base/status.h"

struct command;

/* What a value is: for completion, and for checking it. */
enum value_kind {
    VALUE_TEXT,      /* with choices: one of them; without: anything */
    VALUE_FILE,      /* a path, or one of the choices if there are any */
    VALUE_DIRECTORY, /* likewise */
    VALUE_COMMAND,   /* the name of a command of this program */
};

struct option_info {
    const char *name;     /* without the dashes */
    char letter;          /* its short form; 0: none */
    bool repeatable;      /* may be given more than once */
    const char *argument; /* "FILE": what its value is called; NULL: takes none */
    enum value_kind kind;
    const char *choices; /* separated by blanks; NULL: none */
    const char *help;    /* sentences; without choices and repeatability, which are added */
};

struct parsed_option {
    size_t option;     /* its row in the command's option table */
    const char *value; /* NULL when it takes none; points into argv */
};

/* What the user asked for. Owns its three arrays; the texts are argv's. */
struct parsed_options {
    const struct command *command;
    struct allocator *from;
    size_t room;                 /* items that each array has room for */
    struct parsed_option *given; /* in the order of the command line */
    size_t given_count;
    const char **operands;
    size_t operand_count;
    size_t *group_ends; /* of a command with groups: where each ends in operands, none is empty */
    size_t group_count; /* one more than there are "--"; 1 for other commands */
    bool help;          /* --help: nothing that follows it was read or checked */
};

/* Reads argv[0..argc), which begins after the command's name. OU_USAGE with a
 * sentence for the user, or OU_NO_MEMORY. The caller releases *ret. */
enum ou_status options_parse(const struct command *command, struct allocator *from, int argc,
                             char *const *argv, struct parsed_options *ret, struct ou_error *err);
void options_release(struct parsed_options *options); /* a zeroed one is fine */

/* The operands of a group, which is below group_count. */
const char *const *options_group(const struct parsed_options *options, size_t group,
                                 size_t *ret_count);

/* option: a row of the command's option table. */
bool option_given(const struct parsed_options *options, size_t option);
/* The option's value, the last one if it is repeatable; NULL when not given. */
const char *option_value(const struct parsed_options *options, size_t option);

#endif
