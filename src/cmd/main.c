/* The program: finds the command, reads its arguments, runs it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/commands.h"
#include "cmd/families.h"
#include "cmd/help.h"
#include "cmd/version.h"

static enum exit_code run_command(const struct command *command, int argc, char **argv)
{
    struct parsed_options options = { 0 };
    struct ou_error err = { 0 };
    enum ou_status status = options_parse(command, allocator_libc(), argc, argv, &options, &err);
    enum exit_code code = EXIT_DONE;

    if (status == OU_USAGE)
        return say_usage_error(command, &err);
    if (status) {
        fprintf(stderr, "ouroscope %s: %s\n", command->name, err.text);
        return EXIT_FAILED;
    }
    if (options.help)
        help_of_command(stdout, command);
    else
        code = command->run(&options);
    options_release(&options);
    return code;
}

/* What begins with none of the commands. */
static enum exit_code say_unknown(int count, const char *const *words)
{
    const struct command_family *family = family_of_word(words[0]);
    struct ou_error err = { 0 };

    if (family)
        return family_without_command(family, count, words);
    if (words[0][0] == '-')
        ou_fail(&err, OU_USAGE, "unknown option %s", words[0]);
    else
        unknown_command(count, words, &err);
    return say_usage_error(NULL, &err);
}

static enum exit_code run_program(int argc, char **argv)
{
    const char *const *words = (const char *const *)argv + 1;
    const struct command *command;
    int used;

    if (argc < 2) {
        help_of_program(stderr);
        return EXIT_WRONG_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        help_of_program(stdout);
        return EXIT_DONE;
    }
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
        if (version_print(argc > 2 && strcmp(argv[2], "--json") == 0))
            return EXIT_DONE;
        fputs("ouroscope: no memory for the version\n", stderr);
        return EXIT_FAILED;
    }
    command = command_of_words(argc - 1, words, &used);
    if (!command)
        return say_unknown(argc - 1, words);
    return run_command(command, argc - 1 - used, argv + 1 + used);
}

/* Output that was lost (a full disk, a closed pipe) is a failure, whatever the
 * command thought of its work. */
static bool flush_output(void)
{
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return true;
    fprintf(stderr, "ouroscope: write standard output: %s\n",
            errno ? strerror(errno) : "input/output error");
    return false;
}

/* A standard descriptor that came closed would be given to the first file that
 * is opened, which would then get what is meant for the user. Opened the wrong
 * way round, it fails as the closed one would. */
static void hold_standard_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0)
            open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    }
}

int main(int argc, char **argv)
{
    enum exit_code code;

    hold_standard_descriptors();
    code = run_program(argc, argv);
    if (!flush_output() && code == EXIT_DONE)
        code = EXIT_FAILED;
    return (int)code;
}
