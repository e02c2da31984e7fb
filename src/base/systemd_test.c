#include "base/systemd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "support/files.h"
#include "support/test.h"

/* A socket as systemd has it, at `name`, which may begin with @; $NOTIFY_SOCKET names it. */
static int listen_at(const char *name)
{
    const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr_un at = { .sun_family = AF_UNIX };

    assert_true(fd >= 0);
    memcpy(at.sun_path, name, strlen(name));
    if (name[0] == '@')
        at.sun_path[0] = '\0';
    assert_return_code(bind(fd, (struct sockaddr *)&at,
                            (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name))),
                       0);
    setenv("NOTIFY_SOCKET", name, 1);
    return fd;
}

/* The next datagram begins so; "": there is none. */
static void assert_told(int fd, const char *beginning)
{
    char text[256];
    const ssize_t len = recv(fd, text, sizeof text - 1, 0);

    text[len < 0 ? 0 : len] = '\0';
    if (beginning[0])
        text[strlen(beginning)] = '\0';
    assert_string_equal(text, beginning);
}

static void forget(int fd)
{
    close(fd);
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
}

static void test_the_life_of_a_service_is_told(void **state)
{
    struct temp_dir dir;
    int fd;

    (void)state;
    temp_dir_make(&dir);
    fd = listen_at(temp_path(&dir, "notify"));
    systemd_ready();
    assert_told(fd, "READY=1");
    systemd_reloading();
    assert_told(fd, "RELOADING=1\nMONOTONIC_USEC=");
    systemd_stopping();
    assert_told(fd, "STOPPING=1");
    assert_told(fd, "");
    forget(fd);
    temp_dir_remove(&dir);
}

static void test_names_of_the_abstract_kind_work(void **state)
{
    char name[64];
    int fd;

    (void)state;
    snprintf(name, sizeof name, "@ouroscope-test-%ld", (long)getpid());
    fd = listen_at(name);
    systemd_ready();
    assert_told(fd, "READY=1");
    forget(fd);
}

static void test_a_watchdog_hears_of_who_it_watches_alone(void **state)
{
    char name[64], pid[32];
    int fd;

    (void)state;
    snprintf(name, sizeof name, "@ouroscope-test-%ld", (long)getpid());
    snprintf(pid, sizeof pid, "%ld", (long)getpid());
    fd = listen_at(name);
    systemd_alive();
    assert_told(fd, ""); /* nobody asked */
    setenv("WATCHDOG_USEC", "30000000", 1);
    systemd_alive();
    assert_told(fd, "WATCHDOG=1");
    setenv("WATCHDOG_PID", "1", 1);
    systemd_alive();
    assert_told(fd, ""); /* a parent's */
    setenv("WATCHDOG_PID", pid, 1);
    systemd_alive();
    assert_told(fd, "WATCHDOG=1");
    forget(fd);
}

static void test_without_systemd_nothing_happens(void **state)
{
    char name[sizeof(struct sockaddr_un) + 2];

    (void)state;
    unsetenv("NOTIFY_SOCKET");
    systemd_ready();
    setenv("NOTIFY_SOCKET", "", 1);
    systemd_ready();
    setenv("NOTIFY_SOCKET", "vsock:2:1234", 1); /* of virtual machines */
    systemd_ready();
    memset(name, '/', sizeof name); /* longer than an address can be */
    name[sizeof name - 1] = '\0';
    setenv("NOTIFY_SOCKET", name, 1);
    systemd_ready();
    setenv("NOTIFY_SOCKET", "/nobody/listens/here", 1);
    systemd_ready();
    unsetenv("NOTIFY_SOCKET");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_life_of_a_service_is_told),
        cmocka_unit_test(test_names_of_the_abstract_kind_work),
        cmocka_unit_test(test_a_watchdog_hears_of_who_it_watches_alone),
        cmocka_unit_test(test_without_systemd_nothing_happens),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
