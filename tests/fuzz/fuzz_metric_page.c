/* Any bytes as what a node tells of its metrics: lines of a kind (c, g, l), a name, '=' and a value. Whatever it tells, both pages
 * are in order: each line is a comment of known words or a sample of a good name with closed labels and one value. The Accept header,
 * likewise from those bytes, is read without surprise. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "collect/metric_show.h"
#include "http/accept.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int holds)
{
    if (!holds)
        abort();
}

/* --- The page as a reader sees it -------------------------------------------------------------- */

static int is_name(char c, int first)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           (!first && c >= '0' && c <= '9');
}

static const char *skip_name(const char *at)
{
    check(is_name(*at, 1));
    while (is_name(*at, 0))
        at++;
    return at;
}

/* Behind the closing quote. */
static const char *skip_value(const char *at)
{
    check(*at++ == '"');
    for (; *at != '"'; at++) {
        check(*at && *at != '\n');
        if (*at == '\\') {
            at++;
            check(*at == '\\' || *at == '"' || *at == 'n');
        }
    }
    return at + 1;
}

static const char *skip_labels(const char *at)
{
    do {
        at = skip_name(at + 1);
        check(*at == '=');
        at = skip_value(at + 1);
    } while (*at == ',');
    check(*at == '}');
    return at + 1;
}

static const char *check_sample(const char *at)
{
    char *end;

    at = skip_name(at);
    if (*at == '{')
        at = skip_labels(at);
    check(*at == ' ' && at[1] != ' ' && at[1] != '+');
    (void)strtod(at + 1, &end);
    check(end > at + 1 && *end == '\n');
    return end + 1;
}

static void check_page(const char *at)
{
    while (strcmp(at, "# EOF\n") != 0) {
        if (*at != '#') {
            at = check_sample(at);
            continue;
        }
        check(strncmp(at, "# TYPE ", 7) == 0 || strncmp(at, "# HELP ", 7) == 0);
        at = strchr(skip_name(at + 7), '\n');
        check(at != NULL);
        at++;
    }
}

/* --- A node --------------------------------------------------------------------------------------- */

static void tell(struct metric_store *store, const struct ekg_metric *m)
{
    struct buffer reply;
    struct ekg_message message;
    const char *why;

    buffer_init(&reply, allocator_libc(), (size_t)8 << 20);
    ekg_response_open(&reply, 1);
    ekg_metric_write(&reply, m);
    ekg_response_close(&reply, 1);
    /* Names and texts that are no UTF-8 are refused there. */
    if (!buffer_status(&reply) && ekg_read(bytes_of(&reply), &message, &why) == WIRE_OK)
        (void)metric_store_take(store, message.list, 1, NULL);
    buffer_release(&reply);
}

static void tell_line(struct metric_store *store, struct span line)
{
    const char *equals = line.len > 1 ? memchr(line.at, '=', line.len) : NULL;
    struct ekg_metric m = { .kind = EKG_LABEL };

    if (!equals || equals == line.at)
        return;
    m.name = (struct span){ line.at + 1, (size_t)(equals - line.at - 1) };
    m.text = (struct span){ equals + 1, (size_t)(line.at + line.len - equals - 1) };
    if (*line.at != 'l') {
        m.kind = *line.at == 'c' ? EKG_COUNTER : EKG_GAUGE;
        for (size_t i = 0; i < m.text.len && i < 9; i++)
            m.value = 11 * m.value + (unsigned char)m.text.at[i];
    }
    tell(store, &m);
}

static void show(struct collector_node *node, enum metric_names names)
{
    struct name_pair pairs[] = { { "a", "help \"of\" \\ a\n" } };
    const struct collector_config config = { .metric_names = names,
                                             .metrics_no_suffix = names == METRIC_NAMES_BOTH,
                                             .metric_help = { pairs, 1 },
                                             .metric_aliases = { pairs, 1 } };
    struct metric_page page;
    struct buffer out;

    metric_page_init(&page);
    metric_show_node(&page, &config, node, true);
    buffer_init(&out, allocator_libc(), (size_t)64 << 20);
    for (int open = 0; open < 2; open++) {
        buffer_clear(&out);
        check(metric_page_write(&page, open, &out) == OU_OK);
        check_page(buffer_string(&out));
    }
    buffer_release(&out);
    metric_page_release(&page);
}

static void check_accept(struct span header)
{
    struct accept_found found = { 0 };

    accept_look(header, "text/plain", &found);
    check(accept_quality(&found) <= ACCEPT_QUALITY_MAX && found.precision >= 0 &&
          found.precision <= 3 && (found.precision == 0 || found.given));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span rest = { (const char *)data, size };
    static struct collector_node node;

    if (size > 1 << 16)
        return 0;
    node.number = 1;
    node.metrics = metric_store_new();
    check(node.metrics != NULL);
    snprintf(node.name, sizeof node.name, "n\"\\\n");
    check_accept(rest);
    while (rest.len) {
        const char *end = memchr(rest.at, '\x01', rest.len);
        struct span line = { rest.at, end ? (size_t)(end - rest.at) : rest.len };

        tell_line(node.metrics, line);
        rest.len -= line.len + (end != NULL);
        rest.at += line.len + (end != NULL);
    }
    show(&node, METRIC_NAMES_NEW);
    show(&node, METRIC_NAMES_BOTH);
    metric_store_free(node.metrics);
    return 0;
}
