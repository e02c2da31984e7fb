#include "cmd/commands.h"

#include <stdio.h>
#include <string.h>

/* In the order of help. */
#define COMMANDS(X)    \
    X(agent)           \
    X(analyse)         \
    X(compare)         \
    X(completion)      \
    X(db_backup)       \
    X(db_check)        \
    X(db_migrate)      \
    X(db_prune)        \
    X(docs)            \
    X(generator)       \
    X(genesis_check)   \
    X(genesis_create)  \
    X(genesis_edit)    \
    X(genesis_hash)    \
    X(help)            \
    X(history)         \
    X(import)          \
    X(man)             \
    X(names)           \
    X(node)            \
    X(placement_check) \
    X(placement_show)  \
    X(profile_check)   \
    X(profile_diff)    \
    X(profile_list)    \
    X(profile_show)    \
    X(publish)         \
    X(report)          \
    X(run)             \
    X(run_clean)       \
    X(run_list)        \
    X(run_show)        \
    X(run_stop)        \
    X(serve)           \
    X(storage_check)   \
    X(storage_clean)   \
    X(storage_list)    \
    X(sweep)           \
    X(sweep_list)      \
    X(sweep_report)    \
    X(token_create)    \
    X(token_list)      \
    X(token_revoke)    \
    X(topology_make)   \
    X(topology_show)   \
    X(tracer)          \
    X(variance)

#define X(symbol) extern const struct command command_##symbol;
COMMANDS(X)
#undef X

const struct command *const commands[] = {
#define X(symbol) &command_##symbol,
    COMMANDS(X)
#undef X
};
const size_t command_count = sizeof commands / sizeof *commands;

const struct command_family command_families[] = {
    { "db", "check, copy, thin out and update a database of results" },
    { "genesis", "make, hash and check the genesis files of a network" },
    { "placement", "show and check where the hosts of a run are to stand" },
    { "profile", "list, show, compare and check profiles of benchmarks" },
    { "storage", "check the bucket of clusters, and clean it" },
    { "token", "make, list and revoke tokens for a server of results" },
    { "topology", "make and draw the topology of a cluster" },
};
const size_t command_family_count = sizeof command_families / sizeof *command_families;

const struct command *command_find(const char *name)
{
    for (size_t i = 0; i < command_count; i++) {
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    }
    return NULL;
}

const struct command *command_of_words(int count, const char *const *words, int *ret_used)
{
    char two[64];
    const struct command *command = NULL;

    if (count >= 2 && snprintf(two, sizeof two, "%s %s", words[0], words[1]) < (int)sizeof two)
        command = command_find(two);
    *ret_used = command ? 2 : 1;
    return command || count < 1 ? command : command_find(words[0]);
}

const struct command_family *command_family_find(const char *name)
{
    for (size_t i = 0; i < command_family_count; i++)
        if (strcmp(command_families[i].name, name) == 0)
            return &command_families[i];
    return NULL;
}

bool command_is_of(const struct command *command, const char *family)
{
    size_t len = strlen(family);

    return strncmp(command->name, family, len) == 0 && command->name[len] == ' ';
}
