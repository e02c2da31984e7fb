#include "support/postgres.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/test.h"

static struct {
    bool tried;
    pid_t pid;
    FILE *to, *from;
    char url[512];
} server;

static void run_server(const int to[2], const int from[2])
{
    dup2(to[0], STDIN_FILENO);
    dup2(from[1], STDOUT_FILENO);
    close(to[1]);
    close(from[0]);
    execl("/usr/bin/python3", "python3", "tests/support/postgres.py", (char *)NULL);
    _exit(127);
}

static void spawn(void)
{
    int to[2], from[2];

    assert_int_equal(pipe2(to, 0), 0);
    assert_int_equal(pipe2(from, 0), 0);
    server.pid = fork();
    assert_true(server.pid >= 0);
    if (server.pid == 0)
        run_server(to, from);
    close(to[0]);
    close(from[1]);
    server.to = fdopen(to[1], "w");
    server.from = fdopen(from[0], "r");
    assert_non_null(server.to);
    assert_non_null(server.from);
}

/* The value of a member that is a text without escapes. */
static bool member(const char *line, const char *name, char *ret, size_t room)
{
    char key[32];
    const char *at, *end;

    (void)snprintf(key, sizeof key, "\"%s\": \"", name);
    at = strstr(line, key);
    end = at ? strchr(at + strlen(key), '"') : NULL;
    if (!end)
        return false;
    (void)snprintf(ret, room, "%.*s", (int)(end - at - (long)strlen(key)), at + strlen(key));
    return true;
}

const char *postgres_url(void)
{
    char line[1024];

    if (!server.tried) {
        server.tried = true;
        spawn();
        if (!fgets(line, sizeof line, server.from) ||
            !member(line, "socket", server.url, sizeof server.url))
            server.url[0] = '\0';
    }
    return server.url[0] ? server.url : NULL;
}

void postgres_command(const char *command)
{
    char line[1024];

    assert_true(fprintf(server.to, "%s\n", command) > 0);
    assert_int_equal(fflush(server.to), 0);
    assert_non_null(fgets(line, sizeof line, server.from));
    assert_non_null(strstr(line, "\"done\""));
}

void postgres_stop(void)
{
    if (server.pid <= 0)
        return;
    fclose(server.to); /* the end of its standard input ends it */
    (void)waitpid(server.pid, NULL, 0);
    fclose(server.from);
    server.pid = 0;
}
