#include "http/accept.h"

#include <strings.h>

static struct span trim(struct span text)
{
    while (text.len && (text.at[0] == ' ' || text.at[0] == '\t')) {
        text.at++;
        text.len--;
    }
    while (text.len && (text.at[text.len - 1] == ' ' || text.at[text.len - 1] == '\t'))
        text.len--;
    return text;
}

/* Takes what stands before the next `end` outside of quotes off the front of *text. */
static struct span take(struct span *text, char end)
{
    struct span head = { text->at, 0 };
    bool quoted = false;

    for (; head.len < text->len; head.len++) {
        char c = head.at[head.len];

        if (c == '"')
            quoted = !quoted;
        else if (quoted && c == '\\' && head.len + 1 < text->len)
            head.len++;
        else if (!quoted && c == end)
            break;
    }
    if (head.len < text->len) {
        text->at += head.len + 1;
        text->len -= head.len + 1;
    } else {
        *text = (struct span){ NULL, 0 };
    }
    return trim(head);
}

static bool equal(struct span a, const char *b, size_t len)
{
    return a.len == len && strncasecmp(a.at, b, len) == 0;
}

/* How closely a range names a type; 0: not at all. */
static int precision(struct span range, const char *type)
{
    size_t main = strcspn(type, "/") + 1; /* with the slash */

    if (equal(range, "*/*", 3) || equal(range, "*", 1))
        return 1;
    if (range.len == main + 1 && strncasecmp(range.at, type, main) == 0 && range.at[main] == '*')
        return 2;
    return equal(range, type, strlen(type)) ? 3 : 0;
}

/* "0.25", "1", "1.000". What is no such number counts as 0: the client meant something less than all. */
static unsigned thousandths(struct span text)
{
    unsigned value, unit = 100;

    if (text.len == 0 || text.len > 5 || (text.at[0] != '0' && text.at[0] != '1') ||
        (text.len > 1 && text.at[1] != '.'))
        return 0;
    value = text.at[0] == '1' ? ACCEPT_QUALITY_MAX : 0;
    for (size_t i = 2; i < text.len; i++, unit /= 10) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return 0;
        value += (unsigned)(text.at[i] - '0') * unit;
    }
    return value > ACCEPT_QUALITY_MAX ? 0 : value;
}

/* Of the parameters behind a range. */
static unsigned quality_of(struct span parameters)
{
    while (parameters.len) {
        struct span value = take(&parameters, ';'), name = take(&value, '=');

        if (equal(name, "q", 1))
            return thousandths(trim(value));
    }
    return ACCEPT_QUALITY_MAX;
}

void accept_look(struct span header, const char *type, struct accept_found *f)
{
    while (header.len) {
        struct span item = take(&header, ','), range = take(&item, ';');
        int close = precision(range, type);
        unsigned quality = close ? quality_of(item) : 0;

        f->given |= range.len > 0;
        if (close > f->precision || (close && close == f->precision && quality > f->quality)) {
            f->precision = close;
            f->quality = quality;
        }
    }
}

unsigned accept_quality(const struct accept_found *f)
{
    return f->given ? f->quality : ACCEPT_QUALITY_MAX;
}
