/* Why a request got no reply, in words. */
#ifndef OU_HTTP_CLIENT_CAUSES_H
#define OU_HTTP_CLIENT_CAUSES_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

struct http_cause {
    const char *advice; /* static, what to do; NULL: nothing that is known */
    bool hopeless;      /* asking again cannot help */
};

/* Writes the cause in few words to text. `os_error` is errno of the socket, `detail` what libcurl says of it, both 0 or empty where unknown. */
struct http_cause http_cause_of(CURLcode code, long os_error, const char *detail, char *text,
                                size_t room);

#endif
