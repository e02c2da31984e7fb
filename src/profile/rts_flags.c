#include "profile/rts_flags.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/suggest.h"
#include "profile/rts_flags_table.h"

#define KIB (UINT64_C(1) << 10)
#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)
#define WORD 8
#define NANO UINT64_C(1000000000)

enum { FLAG_MAX = 400, SHOWN = 80 }; /* bytes of a flag; of it in messages */

/* A flag that was read. */
struct reading {
    const char *text;
    const struct rts_flag *flag; /* NULL: none */
    uint64_t value;              /* bytes; a count; a decimal's billionths */
};

/* ---- values ---- */

/* Digits, at most 15 of them. */
static bool read_digits(const char **at, uint64_t *ret)
{
    const char *begin = *at;

    for (*ret = 0; **at >= '0' && **at <= '9' && *at - begin < 15; (*at)++)
        *ret = *ret * 10 + (uint64_t)(**at - '0');
    return *at > begin && (**at < '0' || **at > '9');
}

/* "1.5", ".5", "2", with at most nine decimals. */
static bool read_decimal(const char **at, uint64_t *ret_whole, uint64_t *ret_billionths)
{
    const char *begin = *at;
    uint64_t scale = NANO;

    *ret_whole = *ret_billionths = 0;
    if (**at != '.' && !read_digits(at, ret_whole))
        return false;
    if (**at != '.')
        return true;
    for ((*at)++; **at >= '0' && **at <= '9' && scale > 1; (*at)++) {
        scale /= 10;
        *ret_billionths += scale * (uint64_t)(**at - '0');
    }
    return scale < NANO || *at > begin + 1;
}

/* Bytes, as the run-time system counts them: units are powers of 1024, what is less than a byte is dropped. */
static bool read_size(const char *text, uint64_t *ret)
{
    uint64_t whole, billionths, unit = 1;

    if (!read_decimal(&text, &whole, &billionths))
        return false;
    switch (*text) {
    case 'g':
    case 'G': unit = GIB; break;
    case 'm':
    case 'M': unit = MIB; break;
    case 'k':
    case 'K': unit = KIB; break;
    case 'w':
    case 'W': unit = WORD; break;
    case 'b':
    case 'B':
    case '\0': break;
    default: return false;
    }
    if ((*text && text[1]) || whole > UINT64_MAX / unit - 1)
        return false;
    *ret = whole * unit + billionths * unit / NANO;
    return true;
}

static bool is_word(const char *words, const char *text)
{
    size_t len = strlen(text);

    for (; *words; words += strspn(words, " ")) {
        size_t word = strcspn(words, " ");

        if (word == len && memcmp(words, text, len) == 0)
            return true;
        words += word;
    }
    return false;
}

/* Whether the text is a value of the flag, in its range. */
static bool read_value(const struct rts_flag *flag, const char *text, uint64_t *ret)
{
    uint64_t whole;

    *ret = 0;
    switch (flag->value) {
    case RTS_NO_VALUE: return *text == '\0';
    case RTS_TEXT: return *text && (!flag->words || is_word(flag->words, text));
    case RTS_SIZE: return read_size(text, ret) && *ret >= flag->min && *ret <= flag->max;
    case RTS_COUNT:
        return read_digits(&text, ret) && !*text && *ret >= flag->min && *ret <= flag->max;
    case RTS_DECIMAL:
        if (!read_decimal(&text, &whole, ret) || *text || whole >= flag->max + (*ret == 0))
            return false;
        *ret += whole * NANO;
        return true;
    }
    return false;
}

/* The largest unit that divides it. */
static void append_size(struct buffer *out, uint64_t bytes)
{
    if (bytes && bytes % GIB == 0)
        buffer_printf(out, "%" PRIu64 "g", bytes / GIB);
    else if (bytes && bytes % MIB == 0)
        buffer_printf(out, "%" PRIu64 "m", bytes / MIB);
    else if (bytes && bytes % KIB == 0)
        buffer_printf(out, "%" PRIu64 "k", bytes / KIB);
    else
        buffer_printf(out, "%" PRIu64, bytes);
}

static void append_decimal(struct buffer *out, uint64_t billionths)
{
    uint64_t fraction = billionths % NANO;
    int digits = 9;

    buffer_printf(out, "%" PRIu64, billionths / NANO);
    if (fraction == 0)
        return;
    for (; fraction % 10 == 0; fraction /= 10)
        digits--;
    buffer_printf(out, ".%0*" PRIu64, digits, fraction);
}

static void append_flag(struct buffer *out, const struct reading *r)
{
    buffer_text(out, r->flag->normal ? r->flag->normal : r->flag->name);
    switch (r->flag->value) {
    case RTS_NO_VALUE: break;
    case RTS_SIZE: append_size(out, r->value); break;
    case RTS_COUNT: buffer_printf(out, "%" PRIu64, r->value); break;
    case RTS_DECIMAL: append_decimal(out, r->value); break;
    case RTS_TEXT: buffer_text(out, r->text + strlen(r->flag->name)); break;
    }
}

/* ---- finding a flag ---- */

/* The row whose name begins the text, the longest one: of two with that name, the one that may have a value if there is
 * one. */
static const struct rts_flag *flag_of(const char *text)
{
    const struct rts_flag *best = NULL;
    size_t best_len = 0;

    for (size_t i = 0; i < rts_flags_known_count; i++) {
        const struct rts_flag *flag = &rts_flags_known[i];
        size_t len = strlen(flag->name);
        bool wants_value = flag->value != RTS_NO_VALUE;

        if (len < best_len || strncmp(text, flag->name, len) != 0)
            continue;
        if (len > best_len || wants_value == (text[len] != '\0')) {
            best = flag;
            best_len = len;
        }
    }
    return best;
}

static void append_range(char *out, size_t room, const struct rts_flag *flag)
{
    struct buffer text;

    buffer_init(&text, allocator_libc(), 200);
    switch (flag->value) {
    case RTS_NO_VALUE: buffer_text(&text, "takes no value"); break;
    case RTS_TEXT:
        buffer_printf(&text, flag->words ? "wants one of: %s" : "wants a value", flag->words);
        break;
    case RTS_COUNT:
        buffer_printf(&text, "wants a whole number from %" PRIu64 " to %" PRIu64, flag->min,
                      flag->max);
        break;
    case RTS_DECIMAL: buffer_printf(&text, "wants a number from 0 to %" PRIu64, flag->max); break;
    case RTS_SIZE:
        buffer_text(&text, "wants a size as 512k, 16m or 1.5g, from ");
        append_size(&text, flag->min);
        buffer_text(&text, " to ");
        append_size(&text, flag->max);
        break;
    }
    snprintf(out, room, "%s", buffer_string(&text));
    buffer_release(&text);
}

/* What a person who typed that may have meant: other capitals, dashes that are missing or too many, a "=" in front of the
 * value; or a long name with a slip in it. "" when nothing is near. */
static void guess(const char *text, char *out, size_t room)
{
    const char *bare = text + strspn(text, "-+");
    struct suggestion s;

    *out = '\0';
    for (size_t i = 0; i < rts_flags_known_count; i++) {
        const struct rts_flag *flag = &rts_flags_known[i];
        size_t len = strlen(flag->name);
        const char *name = flag->name + strspn(flag->name, "-");
        size_t name_len = len - (size_t)(name - flag->name);
        const char *value = bare + name_len;
        uint64_t ignored;

        if (strncasecmp(bare, name, name_len) != 0 || flag->sets == RTS_ENDS)
            continue;
        value += *value == '=';
        if ((flag->value != RTS_TEXT || name_len > 1) && read_value(flag, value, &ignored)) {
            snprintf(out, room, "%s%.*s", flag->name, FLAG_MAX, value);
            return;
        }
    }
    suggest_for(&s, span_of(text));
    for (size_t i = 0; i < rts_flags_known_count; i++)
        if (rts_flags_known[i].name[1] == '-')
            suggest_consider(&s, rts_flags_known[i].name);
    if (s.best)
        snprintf(out, room, "%s", s.best);
}

static enum ou_status fail_flag(const char *text, const char *why, struct ou_error *err)
{
    char meant[FLAG_MAX + SHOWN];

    guess(text, meant, sizeof meant);
    if (strcmp(meant, text) == 0)
        *meant = '\0';
    return ou_fail(err, OU_INVALID, "RTS flag %.*s%s%s%s%.*s%s", SHOWN, text, *why ? " " : "", why,
                   *meant ? "; did you mean " : "", SHOWN, meant, *meant ? "?" : "");
}

static enum ou_status check_text(const char *text, struct ou_error *err)
{
    for (const char *c = text; *c; c++) {
        if (c - text >= FLAG_MAX)
            return ou_fail(err, OU_INVALID, "RTS flag %.*s... is longer than %d bytes", SHOWN, text,
                           FLAG_MAX);
        if ((unsigned char)*c < ' ' || *c == 127)
            return ou_fail(err, OU_INVALID, "RTS flag %zu has a control character in it",
                           (size_t)(c - text));
        if (*c == ' ')
            return ou_fail(
                err, OU_INVALID,
                "RTS flag \"%.*s\": a blank stands in it; each flag is a text of its own", SHOWN,
                text);
    }
    if (strcmp(text, "+RTS") == 0 || strcmp(text, "-RTS") == 0 || strcmp(text, "--RTS") == 0)
        return ou_fail(err, OU_INVALID, "RTS flags: leave %s away, it is written where it belongs",
                       text);
    return *text ? OU_OK : ou_fail(err, OU_INVALID, "RTS flags: an empty text is none");
}

static enum ou_status read_flag(const char *text, struct reading *ret, struct ou_error *err)
{
    enum ou_status status = check_text(text, err);
    char range[200];

    if (status)
        return status;
    ret->text = text;
    ret->flag = flag_of(text);
    if (!ret->flag)
        return fail_flag(text, "is not known", err);
    if (ret->flag->sets == RTS_ENDS)
        return ou_fail(err, OU_INVALID, "RTS flag %s only prints something and ends the program",
                       text);
    if (read_value(ret->flag, text + strlen(ret->flag->name), &ret->value))
        return OU_OK;
    if (strncmp(ret->flag->name, "--", 2) == 0 && ret->flag->value == RTS_NO_VALUE)
        return fail_flag(text, "is not known", err); /* a longer word that only begins like it */
    append_range(range, sizeof range, ret->flag);
    return fail_flag(text, range, err);
}

/* ---- all flags together ---- */

/* Which flags stay, by setting. */
struct settings {
    struct reading of[RTS_SETTINGS]; /* flag NULL: not told */
};

static enum ou_status fail_both(const struct settings *s, enum rts_setting a, enum rts_setting b,
                                const char *why, struct ou_error *err)
{
    return ou_fail(err, OU_INVALID, "RTS flags %.*s and %.*s: %s", SHOWN, s->of[a].text, SHOWN,
                   s->of[b].text, why);
}

static bool is_nonmoving(const struct settings *s)
{
    const struct rts_flag *flag = s->of[RTS_COLLECTOR].flag;

    return flag && strcmp(flag->normal ? flag->normal : flag->name, "--nonmoving-gc") == 0;
}

/* What the run-time system refuses together, or changes with a warning, so that a setting would not be what it says. */
static enum ou_status check_together(const struct settings *s, struct ou_error *err)
{
    const struct reading *limit = &s->of[RTS_HEAP_LIMIT];

    if (is_nonmoving(s) && s->of[RTS_COMPACTING].flag)
        return fail_both(s, RTS_COLLECTOR, RTS_COMPACTING, "one collector cannot do both", err);
    if (is_nonmoving(s) && s->of[RTS_GENERATIONS].flag && s->of[RTS_GENERATIONS].value == 1)
        return fail_both(s, RTS_COLLECTOR, RTS_GENERATIONS,
                         "the non-moving collector needs two generations", err);
    if (limit->flag && s->of[RTS_ALLOCATION_AREA].flag &&
        s->of[RTS_ALLOCATION_AREA].value > limit->value)
        return fail_both(s, RTS_ALLOCATION_AREA, RTS_HEAP_LIMIT,
                         "the allocation area is larger than the heap may be", err);
    if (limit->flag && s->of[RTS_HEAP_HINT].flag && s->of[RTS_HEAP_HINT].value > limit->value)
        return fail_both(s, RTS_HEAP_HINT, RTS_HEAP_LIMIT,
                         "the heap shall be larger than it may be", err);
    return OU_OK;
}

static enum ou_status read_all(const char *const *flags, size_t count, struct settings *ret,
                               struct ou_error *err)
{
    *ret = (struct settings){ 0 };
    if (count > RTS_FLAGS_MAX)
        return ou_fail(err, OU_INVALID, "%zu RTS flags are more than %d", count, RTS_FLAGS_MAX);
    for (size_t i = 0; i < count; i++) {
        struct reading r;
        enum ou_status status = read_flag(flags[i], &r, err);

        if (status)
            return status;
        if (r.flag->sets == RTS_DEBUG && ret->of[RTS_DEBUG].flag)
            return ou_fail(err, OU_INVALID, "RTS flag -D stands twice: put all letters behind one");
        ret->of[r.flag->sets] = r;
    }
    return check_together(ret, err);
}

enum ou_status rts_flags_check(const char *const *flags, size_t count, struct ou_error *err)
{
    struct settings settings;

    return read_all(flags, count, &settings, err);
}

/* Takes out what has no effect beside others. */
static void silence(struct settings *s)
{
    for (size_t i = 0; i < rts_silenced_count; i++) {
        const struct rts_flag *other = s->of[rts_silenced[i].silenced_by].flag;

        if (other && other->value == RTS_NO_VALUE)
            s->of[rts_silenced[i].setting].flag = NULL;
    }
}

enum ou_status rts_flags_normal(const char *const *flags, size_t count, struct buffer *out,
                                struct ou_error *err)
{
    struct settings settings;
    enum ou_status status = read_all(flags, count, &settings, err);
    bool first = true;

    if (status)
        return status;
    silence(&settings);
    for (size_t i = 0; i < RTS_SETTINGS; i++) {
        if (!settings.of[i].flag)
            continue;
        if (!first)
            buffer_char(out, ' ');
        append_flag(out, &settings.of[i]);
        first = false;
    }
    status = buffer_status(out);
    return status ? ou_fail(err, status, "RTS flags: no room for the normal form") : OU_OK;
}
