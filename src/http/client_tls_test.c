/* Whom a client believes, and who it says that it is: with a server that asks. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "http/client.h"
#include "support/files.h"
#include "support/test.h"

/* Certificates that openssl(1) makes: an authority's, a server's and a client's, each NAME and NAME.key. */
static struct temp_dir dir;

static void run(const char *command)
{
    char text[2048];

    snprintf(text, sizeof text, "cd %s && { %s; } 2>/dev/null", dir.path, command);
    assert_int_equal(system(text), 0); /* NOLINT: what PATH has is meant */
}

static void sign_itself(const char *name)
{
    char command[1024];

    snprintf(
        command, sizeof command,
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=%s -keyout %s.key -out %s",
        name, name, name);
    run(command);
}

static void sign(const char *name, const char *names)
{
    char command[1024];

    snprintf(command, sizeof command,
             "openssl req -newkey rsa:2048 -nodes -subj /CN=%s -keyout %s.key -out request && "
             "echo subjectAltName=%s >names && openssl x509 -req -in request -days 2 -CA ca "
             "-CAkey ca.key -CAcreateserial -extfile names -out %s",
             name, name, names, name);
    run(command);
}

static int make_certificates(void **state)
{
    (void)state;
    if (system("openssl version >/dev/null 2>&1") != 0) /* NOLINT: likewise */
        return 0;
    temp_dir_make(&dir);
    sign_itself("ca");
    sign_itself("stranger");
    sign("server", "IP:127.0.0.1,DNS:server.global.nomad");
    sign("elsewhere", "DNS:server.global.nomad");
    sign("client", "DNS:client");
    return 0;
}

static int remove_certificates(void **state)
{
    (void)state;
    if (dir.path)
        temp_dir_remove(&dir);
    return 0;
}

static const char *file(const char *name)
{
    if (!dir.path)
        skip(); /* there is no openssl here */
    return temp_path(&dir, name);
}

/* ---- the server ---- */

struct server {
    pid_t pid;
    int input;
    char url[64];
};

static void start(struct server *s, const char *certificate, const char *key, const char *clients)
{
    int to[2], from[2];
    char line[16] = "";

    assert_int_equal(pipe(to), 0);
    assert_int_equal(pipe(from), 0);
    s->pid = fork();
    assert_true(s->pid >= 0);
    if (s->pid == 0) {
        dup2(to[0], 0);
        dup2(from[1], 1);
        close(to[1]);
        execl("/usr/bin/python3", "python3", "tests/support/tls_server.py", certificate, key,
              clients, (char *)NULL);
        _exit(127);
    }
    close(to[0]);
    close(from[1]);
    assert_true(read(from[0], line, sizeof line - 1) > 0);
    close(from[0]);
    s->input = to[1];
    snprintf(s->url, sizeof s->url, "https://127.0.0.1:%d/", atoi(line));
}

static void stop(struct server *s)
{
    close(s->input);
    waitpid(s->pid, NULL, 0);
}

static enum ou_status ask(const char *url, const struct http_identity *identity,
                          struct http_reply *ret, struct ou_error *err)
{
    const struct http_request request = { .method = "GET", .url = url };
    struct http_client *client;
    enum ou_status status;

    assert_int_equal(http_client_ready(err), OU_OK);
    assert_int_equal(http_client_open(identity, &client, err), OU_OK);
    status = http_ask(client, &request, ret, err);
    http_client_close(client);
    return status;
}

static void expect_hopeless(const char *url, const struct http_identity *identity,
                            const char *words)
{
    struct http_reply reply;
    struct ou_error err = { "" };

    assert_int_equal(ask(url, identity, &reply, &err), OU_IO);
    if (!strstr(err.text, words))
        fail_msg("no \"%s\" in: %s", words, err.text);
    assert_true(reply.hopeless);
    http_reply_release(&reply);
}

/* ---- tests ---- */

static void test_a_server_is_believed_by_its_authority(void **state)
{
    const struct http_identity known = { .ca_file = file("ca") };
    const struct http_identity other = { .ca_file = file("stranger") };
    struct server s;
    struct http_reply reply;
    struct ou_error err = { "" };

    (void)state;
    start(&s, file("server"), file("server.key"), NULL);
    if (ask(s.url, &known, &reply, &err))
        fail_msg("%s", err.text);
    assert_int_equal(reply.status, 200);
    http_reply_release(&reply);
    expect_hopeless(s.url, &other, "TLS: the server's certificate is not trusted (");
    expect_hopeless(s.url, NULL, "give the file of the authority that signed it");
    stop(&s);
}

static void test_a_certificate_may_have_another_name(void **state)
{
    const struct http_identity plain = { .ca_file = file("ca") };
    const struct http_identity named = { .ca_file = file("ca"),
                                         .server_name = "server.global.nomad" };
    const struct http_identity wrong = { .ca_file = file("ca"), .server_name = "other.nomad" };
    struct server s;
    struct http_reply reply;
    struct ou_error err = { "" };
    char host[64];

    (void)state;
    start(&s, file("elsewhere"), file("elsewhere.key"), NULL);
    expect_hopeless(s.url, &plain, "is for another name");
    expect_hopeless(s.url, &wrong, "is for another name");
    if (ask(s.url, &named, &reply, &err))
        fail_msg("%s", err.text);
    snprintf(host, sizeof host, "https://%s/", buffer_string(&reply.body));
    assert_string_equal(host, s.url);
    http_reply_release(&reply);
    stop(&s);
}

static void test_a_server_may_ask_who_we_are(void **state)
{
    const struct http_identity nobody = { .ca_file = file("ca") };
    const struct http_identity known = { .ca_file = file("ca"),
                                         .certificate_file = file("client"),
                                         .key_file = file("client.key") };
    const struct http_identity mixed = { .ca_file = file("ca"),
                                         .certificate_file = file("client"),
                                         .key_file = file("server.key") };
    struct server s;
    struct http_reply reply;
    struct ou_error err = { "" };

    (void)state;
    start(&s, file("server"), file("server.key"), file("ca"));
    if (ask(s.url, &known, &reply, &err))
        fail_msg("%s", err.text);
    assert_int_equal(reply.status, 200);
    http_reply_release(&reply);
    assert_int_equal(ask(s.url, &nobody, &reply, &err), OU_IO);
    if (!strstr(err.text, "; give a client certificate") && !strstr(err.text, "for certificates"))
        fail_msg("what to do is missing: %s",
                 err.text); /* the alert is read, or it came too late */
    http_reply_release(&reply);
    expect_hopeless(s.url, &mixed, "TLS: our certificate or its key cannot be used");
    stop(&s);
}

/* It answers a handshake with words. */
static void *answer_in_words(void *context)
{
    static const char words[] = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
    char hello[1024];
    int fd = accept(*(int *)context, NULL, NULL);

    if (fd >= 0 && recv(fd, hello, sizeof hello, 0) > 0)
        send(fd, words, sizeof words - 1, MSG_NOSIGNAL);
    close(fd);
    return NULL;
}

static void test_a_server_without_tls_is_told_from_others(void **state)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    pthread_t thread;
    char url[64];

    (void)state;
    assert_int_equal(bind(listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &size), 0);
    assert_int_equal(pthread_create(&thread, NULL, answer_in_words, &listener), 0);
    snprintf(url, sizeof url, "https://127.0.0.1:%u/", (unsigned)ntohs(address.sin_port));
    expect_hopeless(url, NULL, "TLS: the server does not speak TLS; does it want http://");
    pthread_join(thread, NULL);
    close(listener);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_server_is_believed_by_its_authority),
        cmocka_unit_test(test_a_certificate_may_have_another_name),
        cmocka_unit_test(test_a_server_may_ask_who_we_are),
        cmocka_unit_test(test_a_server_without_tls_is_told_from_others),
    };

    return cmocka_run_group_tests(tests, make_certificates, remove_certificates);
}
