#include <curl/curl.h>
#include <stdio.h>
#include <strings.h>

#include "http/client.h"

static bool is_unreserved(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

void http_encode(struct buffer *out, struct span text, bool path)
{
    static const char digits[] = "0123456789ABCDEF";

    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];

        if (is_unreserved(text.at[i]) || (path && c == '/')) {
            buffer_char(out, text.at[i]);
        } else {
            buffer_char(out, '%');
            buffer_char(out, digits[c >> 4]);
            buffer_char(out, digits[c & 15]);
        }
    }
}

bool http_is_loopback(const char *host)
{
    bool is_number = host[strspn(host, "0123456789.")] == '\0';

    return strcasecmp(host, "localhost") == 0 || span_ends(span_of(host), ".localhost") ||
           (is_number && strncmp(host, "127.", 4) == 0) || strcmp(host, "[::1]") == 0;
}

void http_url_shown(const char *url, char *ret, size_t room)
{
    CURLU *parts = curl_url();
    char *scheme = NULL, *host = NULL, *port = NULL, *path = NULL;

    if (parts && curl_url_set(parts, CURLUPART_URL, url, CURLU_PATH_AS_IS) == CURLUE_OK &&
        curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
        curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
        curl_url_get(parts, CURLUPART_PATH, &path, 0) == CURLUE_OK) {
        curl_url_get(parts, CURLUPART_PORT, &port, 0); /* where it is said */
        snprintf(ret, room, "%s://%s%s%s%s", scheme, host, port ? ":" : "", port ? port : "", path);
    } else {
        snprintf(ret, room, "(no URL)");
    }
    curl_free(scheme);
    curl_free(host);
    curl_free(port);
    curl_free(path);
    curl_url_cleanup(parts);
}
