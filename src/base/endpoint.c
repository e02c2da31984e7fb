#include "base/endpoint.h"

#include <stdio.h>
#include <string.h>

enum { PORT_MAX = 65535, PORT_DIGITS_MAX = 5 };

/* The digits at the end of "...:DIGITS"; NULL when the text does not end so, or has a slash, as
 * only paths do. */
static const char *port_of(const char *text)
{
    const char *colon = strrchr(text, ':');

    if (!colon || strchr(text, '/') || colon[1] == '\0' ||
        strspn(colon + 1, "0123456789") != strlen(colon + 1))
        return NULL;
    return colon + 1;
}

static enum ou_status parse_port(const char *text, const char *digits, uint16_t *ret,
                                 struct ou_error *err)
{
    uint32_t port = 0;

    for (size_t i = 0; i <= PORT_DIGITS_MAX && digits[i]; i++)
        port = port * 10 + (uint32_t)(digits[i] - '0');
    if (port > PORT_MAX)
        return ou_fail(err, OU_INVALID, "%s: ports end at %d; for a path write ./%s", text,
                       PORT_MAX, text);
    *ret = (uint16_t)port;
    return OU_OK;
}

/* The host in front of ":PORT"; brackets belong to a version-6 address and are taken off. */
static enum ou_status parse_host(const char *text, size_t len, char ret[ENDPOINT_HOST_MAX + 1],
                                 struct ou_error *err)
{
    const char *host = text;
    bool in_brackets = len >= 2 && text[0] == '[' && text[len - 1] == ']';

    if (in_brackets) {
        host++;
        len -= 2;
    }
    if (len == 0)
        return ou_fail(err, OU_INVALID, "%s: there is no host before the port", text);
    if (len > ENDPOINT_HOST_MAX)
        return ou_fail(err, OU_INVALID, "a host of %zu bytes: names end at %d", len,
                       ENDPOINT_HOST_MAX);
    if (!in_brackets && memchr(host, ':', len))
        return ou_fail(err, OU_INVALID,
                       "%s: an address with colons wants brackets, as in [::1]:3000; for a path "
                       "write ./%s",
                       text, text);
    memcpy(ret, host, len);
    ret[len] = '\0';
    return OU_OK;
}

static enum ou_status parse_path(const char *text, struct endpoint *ret, struct ou_error *err)
{
    size_t len = strlen(text);

    if (len > ENDPOINT_PATH_MAX)
        return ou_fail(err, OU_INVALID,
                       "%s: the path of a socket may have %d bytes, this one has %zu; use a "
                       "shorter one, or one from the working directory on",
                       text, ENDPOINT_PATH_MAX, len);
    ret->is_path = true;
    memcpy(ret->text, text, len + 1);
    return OU_OK;
}

enum ou_status endpoint_parse(const char *text, struct endpoint *ret, struct ou_error *err)
{
    const char *digits = port_of(text);
    struct endpoint e = { 0 };
    enum ou_status status;

    if (*text == '\0')
        return ou_fail(err, OU_INVALID, "an empty address: a path or HOST:PORT is wanted");
    if (!digits) {
        status = parse_path(text, &e, err);
    } else {
        status = parse_port(text, digits, &e.port, err);
        if (status == OU_OK)
            status = parse_host(text, (size_t)(digits - 1 - text), e.text, err);
    }
    if (status == OU_OK)
        *ret = e;
    return status;
}

size_t endpoint_format(const struct endpoint *e, char ret[ENDPOINT_ROOM])
{
    bool colons = !e->is_path && strchr(e->text, ':');
    int len = e->is_path ? snprintf(ret, ENDPOINT_ROOM, "%s", e->text)
                         : snprintf(ret, ENDPOINT_ROOM, "%s%s%s:%u", colons ? "[" : "", e->text,
                                    colons ? "]" : "", (unsigned)e->port);

    return (size_t)len;
}
