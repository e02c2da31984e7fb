#include "http/client_causes.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static struct http_cause say(char *text, size_t room, const char *words, const char *advice)
{
    snprintf(text, room, "%s", words);
    return (struct http_cause){ advice, false };
}

static struct http_cause give_up(char *text, size_t room, const char *words, const char *advice)
{
    snprintf(text, room, "%s", words);
    return (struct http_cause){ advice, true };
}

static struct http_cause of_connect(long os_error, char *text, size_t room)
{
    switch (os_error) {
    case ECONNREFUSED:
        return say(text, room, "connection refused",
                   "nothing listens there: is the server running, and is the port right?");
    case EHOSTUNREACH:
    case ENETUNREACH:
        return say(text, room, "no way to this host",
                   "check the address, and the network and firewall between");
    case ETIMEDOUT:
        return say(text, room, "the host does not answer",
                   "check the address, and the network and firewall between");
    case 0: return say(text, room, "no connection", "check host and port");
    default: return say(text, room, strerror((int)os_error), "check host and port");
    }
}

/* A TLS handshake that failed before the certificate was looked at: OpenSSL's words tell which of the common mistakes it is. */
static struct http_cause of_handshake(const char *detail, char *text, size_t room)
{
    if (strstr(detail, "wrong version number") || strstr(detail, "packet length too long"))
        return give_up(text, room, "TLS: the server does not speak TLS",
                       "does it want http:// instead of https://?");
    if (strstr(detail, "alert") && strstr(detail, "certificate"))
        return give_up(text, room, "TLS: the server refuses our certificate",
                       "give a client certificate and key that its authority signed");
    snprintf(text, room, "TLS: %s", *detail ? detail : "the handshake failed");
    return (struct http_cause){ NULL, false };
}

static struct http_cause of_certificate(const char *detail, char *text, size_t room)
{
    static const char known[] = "SSL certificate problem: ";
    const char *reason =
        strncmp(detail, known, sizeof known - 1) == 0 ? detail + sizeof known - 1 : detail;

    if (strstr(detail, "no alternative certificate subject name") ||
        strstr(detail, "does not match target host"))
        return give_up(text, room, "TLS: the server's certificate is for another name",
                       "use a name that the certificate has, or say which one is to be in it");
    snprintf(text, room, "TLS: the server's certificate is not trusted (%s)", reason);
    return (struct http_cause){ "give the file of the authority that signed it", true };
}

static struct http_cause of_broken(CURLcode code, long os_error, const char *detail, char *text,
                                   size_t room)
{
    /* A server that asks for a certificate says so after the handshake, in TLS 1.3. */
    if (strstr(detail, "alert") && strstr(detail, "certificate"))
        return of_handshake(detail, text, room);
    if (os_error)
        snprintf(text, room, "the connection broke: %s", strerror((int)os_error));
    else
        snprintf(text, room, "the connection broke while %s",
                 code == CURLE_SEND_ERROR ? "sending" : "receiving");
    return (struct http_cause){ NULL, false };
}

struct http_cause http_cause_of(CURLcode code, long os_error, const char *detail, char *text,
                                size_t room)
{
    switch ((int)code) {
    case CURLE_COULDNT_RESOLVE_HOST:
        return say(text, room, "no such host name", "check its spelling and this machine's DNS");
    case CURLE_COULDNT_RESOLVE_PROXY:
        return say(text, room, "the proxy has no such host name",
                   "check https_proxy, http_proxy and no_proxy in the environment");
    case CURLE_COULDNT_CONNECT: return of_connect(os_error, text, room);
    case CURLE_OPERATION_TIMEDOUT:
        return say(text, room, "no answer in time",
                   "check the address, and the network and firewall between");
    case CURLE_GOT_NOTHING:
        return say(text, room, "the server closed the connection without an answer", NULL);
    case CURLE_PARTIAL_FILE: return say(text, room, "the answer was cut", NULL);
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR: return of_broken(code, os_error, detail, text, room);
    case CURLE_SSL_CONNECT_ERROR: return of_handshake(detail, text, room);
    case CURLE_PEER_FAILED_VERIFICATION: return of_certificate(detail, text, room);
    case CURLE_SSL_CERTPROBLEM:
        return give_up(text, room, "TLS: our certificate or its key cannot be used",
                       "both have to be PEM, and belong together");
    case CURLE_SSL_CACERT_BADFILE:
        return give_up(text, room, "TLS: the file of authorities cannot be used",
                       "it has to hold certificates as PEM");
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
        return say(text, room, "the answer is no HTTP",
                   "does the server want https:// instead of http://, or is it another port?");
    default: return say(text, room, curl_easy_strerror(code), NULL);
    }
}
