/* Who a request comes from, behind proxies. */
#include <arpa/inet.h>
#include <string.h>

#include "api/answering.h"

static bool is_trusted(const char *const *proxies, const char *address)
{
    for (size_t i = 0; proxies && proxies[i]; i++)
        if (strcmp(proxies[i], address) == 0)
            return true;
    return false;
}

static bool is_address(const char *text)
{
    unsigned char bytes[16];

    return inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1;
}

/* The last entry of the list, without blanks and brackets; *list ends before it then, or is NULL. */
static const char *take_last(char **list)
{
    char *comma = strrchr(*list, ','), *begin = comma ? comma + 1 : *list;

    begin += strspn(begin, " \t[");
    begin[strcspn(begin, " \t]")] = '\0';
    if (comma)
        *comma = '\0';
    else
        *list = NULL;
    return begin;
}

/* Each proxy adds whom it has talked to at the end; what stands before the first that is not one of ours anybody may have
 * written. */
const char *client_address(const struct http_call *call, const char *const *trusted_proxies,
                           struct arena *memory)
{
    const char *header = http_header(call, "X-Forwarded-For"),
               *found = call->client ? call->client : "";
    char *list = header ? arena_copy(memory, header, strlen(header)) : NULL;

    while (list && is_trusted(trusted_proxies, found)) {
        const char *last = take_last(&list);

        if (!is_address(last))
            break;
        found = last;
    }
    return found;
}

static bool is_loopback(const char *address)
{
    return strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0 ||
           strncmp(address, "::ffff:127.", 11) == 0;
}

bool client_is_in_clear(const struct http_call *call, const char *const *trusted_proxies)
{
    const char *scheme = http_header(call, "X-Forwarded-Proto");

    if (call->is_tls || !call->client)
        return false;
    if (is_trusted(trusted_proxies, call->client))
        return scheme && strcmp(scheme, "http") == 0;
    return !is_loopback(call->client);
}
