/* Who a request comes from, behind proxies. */
#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "api/answering.h"
#include "base/buffer.h"
#include "http/params.h"

#define FORWARDED_MAX ((size_t)64 << 10) /* of all lines: more than a head may have */

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

/* The lines of X-Forwarded-For as one list: a proxy adds to the last one, or a line of its own. NULL: there is none, or no
 * memory. */
static char *whole_list(const struct http_call *call, struct arena *memory)
{
    const struct http_fields *headers = &call->args->headers;
    char *list = NULL;
    struct buffer all;

    buffer_init(&all, allocator_libc(), FORWARDED_MAX);
    for (size_t i = 0; i < headers->count; i++)
        if (strcasecmp(headers->at[i].name, "X-Forwarded-For") == 0)
            buffer_printf(&all, "%s%s", all.len ? "," : "", headers->at[i].value);
    if (all.len && !buffer_status(&all))
        list = arena_copy(memory, all.at, all.len);
    buffer_release(&all);
    return list;
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
    const char *found = call->client ? call->client : "";
    char *list = whole_list(call, memory);

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
