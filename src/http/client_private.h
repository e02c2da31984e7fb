/* What the files of the client share: the client itself, and a request while it goes on. */
#ifndef OU_HTTP_CLIENT_PRIVATE_H
#define OU_HTTP_CLIENT_PRIVATE_H

#include <curl/curl.h>
#include <stdatomic.h>

#include "http/client.h"

#define HTTP_ORIGIN_ROOM 320
#define HTTP_FAILURE_BODY_MAX ((size_t)64 << 10)

struct http_client {
    CURLM *multi;
    CURL *easy;
    curl_socket_t
        socket; /* that was opened last, which is nearly always the one in use; -1: none */
    struct {
        char *ca_file, *certificate_file, *key_file, *server_name; /* owned; NULL: not given */
    } identity;
    atomic_bool cancelled, cleans_up;
};

/* Why we ended a request ourselves. */
enum ended_by {
    ENDED_BY_NONE,
    BY_TAKER,
    BY_BODY_MAX,
    BY_HEADERS_MAX,
    BY_FILE,
    BY_STALL,
    BY_CANCEL
};

struct asking {
    struct http_client *client;
    const struct http_request *request;
    struct http_reply *reply;
    uint64_t sent, to_send;
    int64_t moved_ns; /* when a byte moved last; monotonic */
    int queued;       /* bytes that the kernel had to send then */
    enum ended_by ended_by;
    int file_error; /* of BY_FILE: errno, 0 for a file that is too short */
    struct curl_slist *headers, *connect_to;
    char *url;                     /* as the certificate's name needs it; NULL: the request's */
    char origin[HTTP_ORIGIN_ROOM]; /* "https://host:port", for messages */
    char detail[CURL_ERROR_SIZE];
};

/* Prepares the client's easy handle for a request. OU_INVALID, OU_NO_MEMORY. */
enum ou_status http_asking_set_up(struct asking *a, struct ou_error *err);

/* Bytes of a reply that are kept, and seconds without one. */
size_t http_body_max(const struct http_request *request);
double http_stall_s(const struct http_request *request);

#endif
