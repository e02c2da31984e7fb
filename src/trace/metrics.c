#include "trace/metrics.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/digits.h"
#include "base/utf8.h"
#include "trace/metrics_table.h"

/* --- Sets of labels -------------------------------------------------------------- */

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_control(uint32_t c)
{
    return c < 0x20 || c == 0x7f;
}

static bool take(struct span *text, char c)
{
    if (text->len == 0 || *text->at != c)
        return false;
    *text = (struct span){ text->at + 1, text->len - 1 };
    return true;
}

static bool take_key(struct span *text)
{
    const char *from = text->at;

    while (text->len &&
           (is_letter(*text->at) || (text->at > from && *text->at >= '0' && *text->at <= '9')))
        take(text, *text->at);
    return text->at > from;
}

static bool take_value(struct span *text)
{
    uint32_t c;

    if (!take(text, '"'))
        return false;
    while (text->len && *text->at != '"') {
        if (take(text, '\\')) {
            if (!take(text, '\\') && !take(text, '"') && !take(text, 'n'))
                return false;
        } else if (!utf8_next(text, &c) || is_control(c)) {
            return false;
        }
    }
    return take(text, '"');
}

/* Whether text is {key="value",...} as the text format has it. */
static bool is_label_set(struct span text)
{
    if (!take(&text, '{'))
        return false;
    do {
        if (!take_key(&text) || !take(&text, '=') || !take_value(&text))
            return false;
    } while (take(&text, ','));
    return take(&text, '}') && text.len == 0;
}

/* A character as it stands in a label's value. What would be a control character to a terminal, or
 * is no character, would make Prometheus refuse the whole page. */
static struct span escaped(uint32_t c, bool valid, struct span as_is)
{
    if (!valid || (is_control(c) && c != '\n'))
        return span_of(UTF8_REPLACEMENT);
    switch (c) {
    case '\n': return span_of("\\n");
    case '"': return span_of("\\\"");
    case '\\': return span_of("\\\\");
    }
    return as_is;
}

static size_t put(char *out, size_t len, struct span text)
{
    memcpy(out + len, text.at, text.len);
    return len + text.len;
}

/* {key="text"}, text escaped, and cut where there is no room for all of it. */
static size_t put_label(const char *key, struct span text, char out[METRIC_LABELS_MAX])
{
    const size_t room = METRIC_LABELS_MAX - strlen("...\"}");
    size_t len = (size_t)snprintf(out, METRIC_LABELS_MAX, "{%.*s=\"", METRIC_NAME_MAX, key);

    while (text.len) {
        struct span c = text, piece;
        uint32_t code;
        bool valid = utf8_next(&text, &code);

        c.len -= text.len;
        piece = escaped(code, valid, c);
        if (len + piece.len > room) {
            len = put(out, len, span_of("..."));
            break;
        }
        len = put(out, len, piece);
    }
    return put(out, len, span_of("\"}"));
}

/* --- Setting ------------------------------------------------------------------------ */

static uint64_t bits_of(double value)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static void set_bits(const char *name, enum ou_metric_kind kind, uint64_t bits, const char *help)
{
    struct metric *m = metric_table_take(name, kind, bits, help);

    if (m)
        atomic_store_explicit(&m->bits, bits, memory_order_relaxed);
}

static void add(const char *name, uint64_t n, const char *help)
{
    struct metric *m = metric_table_take(name, OU_COUNTER, 0, help);

    if (m)
        atomic_fetch_add_explicit(&m->bits, n, memory_order_relaxed);
}

static void set_label(const char *name, const char *key, struct span text, const char *help)
{
    struct metric *m = metric_table_take(name, OU_LABEL, 0, help);
    char labels[METRIC_LABELS_MAX];

    if (!m)
        return;
    if (text.len <= METRIC_LABELS_MAX && is_label_set(text))
        metric_labels_set(m, text.at, text.len);
    else
        metric_labels_set(m, labels, put_label(key, text, labels));
}

void ou_metric_set(const char *name, int64_t value)
{
    set_bits(name, OU_GAUGE, (uint64_t)value, NULL);
}

void ou_metric_set_real(const char *name, double value)
{
    set_bits(name, OU_REAL, bits_of(value), NULL);
}

void ou_metric_add(const char *name, uint64_t n)
{
    add(name, n, NULL);
}

void ou_metric_set_label(const char *name, const char *text)
{
    if (text)
        set_label(name, "value", span_of(text), NULL);
}

/* --- Feeding ------------------------------------------------------------------------- */

/* The integer that a value is, cut to the range of a gauge. */
static bool integer_of(const struct ou_value *v, int64_t *ret)
{
    switch (v->type) {
    case OU_TYPE_u64:
    case OU_TYPE_digits:
    case OU_TYPE_boolean:
    case OU_TYPE_flag: *ret = v->u64 > INT64_MAX ? INT64_MAX : (int64_t)v->u64; return true;
    case OU_TYPE_i64: *ret = v->i64; return true;
    default: return false;
    }
}

static void feed_real(const struct ou_metric *metric, const struct ou_value *v)
{
    int64_t n;

    if (v->type == OU_TYPE_f64)
        set_bits(metric->name, OU_REAL, bits_of(v->f64), metric->help);
    else if (integer_of(v, &n))
        set_bits(metric->name, OU_REAL, bits_of((double)n), metric->help);
}

/* The field's name is the key, unless the text is a whole set of labels. */
static void feed_label(const struct ou_metric *metric, const struct ou_field *field,
                       const struct ou_value *v)
{
    char hex[2 * OU_HASH_BYTES];

    switch (v->type) {
    case OU_TYPE_text:
    case OU_TYPE_json:
        set_label(metric->name, field->name, (struct span){ v->text.at, v->text.len },
                  metric->help);
        return;
    case OU_TYPE_hash:
    case OU_TYPE_parent:
    case OU_TYPE_txid:
        digits_hex(v->hash, sizeof(hex), hex);
        set_label(metric->name, field->name, (struct span){ hex, sizeof(hex) }, metric->help);
        return;
    default: return;
    }
}

static void feed_value(const struct ou_metric *metric, const struct ou_field *field,
                       const struct ou_value *v)
{
    int64_t n;

    switch (metric->kind) {
    case OU_GAUGE:
        if (integer_of(v, &n))
            set_bits(metric->name, OU_GAUGE, (uint64_t)n, metric->help);
        return;
    case OU_REAL: feed_real(metric, v); return;
    case OU_COUNTER:
        if (integer_of(v, &n) && n >= 0)
            add(metric->name, (uint64_t)n, metric->help);
        return;
    case OU_LABEL: feed_label(metric, field, v); return;
    }
}

void metrics_feed(const struct ou_message *m)
{
    for (const struct ou_metric *metric = m->point->metrics; metric && metric->name; metric++) {
        if (metric->field < 0) {
            if (metric->kind == OU_COUNTER)
                add(metric->name, 1, metric->help);
        } else if ((uint32_t)metric->field < m->point->field_count &&
                   m->values[metric->field].known) {
            feed_value(metric, &m->point->fields[metric->field], &m->values[metric->field]);
        }
    }
}
