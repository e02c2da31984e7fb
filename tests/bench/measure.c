/* measure: runs commands in turns and says what each took.
 *
 *   measure [-n TIMES] NAME=COMMAND...
 *
 * The commands go to /bin/sh. They are run one after the other, TIMES rounds
 * (5), so that slow changes of the machine meet all of them alike; their
 * standard output is discarded. One line of each run, as soon as it is over,
 * tab separated: NAME, round, wall seconds, user and system seconds, greatest
 * resident set in bytes. A command that fails ends the program with exit 1. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TIMES_MAX 1000

struct subject {
    char *name;
    const char *command;
};

static double now_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static void run_shell(const char *command)
{
    int nothing = open("/dev/null", O_WRONLY);

    if (nothing < 0 || dup2(nothing, STDOUT_FILENO) < 0)
        _exit(126);
    /* exec, so that the usage is the command's and not a waiting shell's. */
    execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    _exit(127);
}

static bool run_once(const struct subject *s, unsigned round)
{
    struct rusage used;
    double start_s = now_s();
    int status;
    pid_t pid = fork();

    if (pid == 0)
        run_shell(s->command);
    if (pid < 0 || wait4(pid, &status, 0, &used) < 0) {
        fprintf(stderr, "measure: %s: %s\n", s->name, strerror(errno));
        return false;
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status)) {
        fprintf(stderr, "measure: %s failed: %s\n", s->name, s->command);
        return false;
    }
    printf("%s\t%u\t%.4f\t%.4f\t%.0f\n", s->name, round + 1, now_s() - start_s,
           seconds(used.ru_utime) + seconds(used.ru_stime), (double)used.ru_maxrss * 1024);
    fflush(stdout);
    return true;
}

static int wrong_usage(void)
{
    fputs("usage: measure [-n TIMES] NAME=COMMAND...\n", stderr);
    return 2;
}

/* "NAME=COMMAND" cut at the first equals sign. */
static bool read_subject(char *argument, struct subject *ret)
{
    char *equals = strchr(argument, '=');

    if (!equals || equals == argument)
        return false;
    *equals = 0;
    *ret = (struct subject){ argument, equals + 1 };
    return true;
}

static bool measure(const struct subject *subjects, int count, unsigned times)
{
    for (unsigned round = 0; round < times; round++)
        for (int i = 0; i < count; i++)
            if (!run_once(&subjects[i], round))
                return false;
    return true;
}

int main(int argc, char **argv)
{
    struct subject *subjects;
    int count = 0, letter, code;
    long times = 5;
    bool fine;

    while ((letter = getopt(argc, argv, "n:")) != -1) {
        if (letter != 'n')
            return wrong_usage();
        times = strtol(optarg, NULL, 10);
    }
    if (times < 1 || times > TIMES_MAX || optind == argc)
        return wrong_usage();
    subjects = calloc((size_t)argc, sizeof *subjects);
    fine = subjects;
    for (int i = optind; i < argc && fine; i++)
        fine = read_subject(argv[i], &subjects[count++]);
    if (fine)
        code = measure(subjects, count, (unsigned)times) ? 0 : 1;
    else
        code = wrong_usage();
    free(subjects);
    return code;
}
