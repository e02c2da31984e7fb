#include "query/metric_page.h"

#include <inttypes.h>

#include "json/write.h"

void metric_page_init(struct metric_page *p)
{
    *p = (struct metric_page){ 0 };
    intern_init(&p->names, allocator_libc(), METRIC_PAGE_FAMILIES_MAX, METRIC_PAGE_BYTES_MAX);
    buffer_init(&p->text, allocator_libc(), METRIC_PAGE_BYTES_MAX);
    metric_page_share(p, SIZE_MAX, SIZE_MAX);
}

void metric_page_share(struct metric_page *p, size_t bytes, size_t names)
{
    p->bytes_left = bytes;
    p->names_left = names;
}

void metric_page_release(struct metric_page *p)
{
    struct allocator *libc = allocator_libc();

    intern_release(&p->names);
    alloc_free(libc, p->families, p->family_cap * sizeof *p->families);
    alloc_free(libc, p->samples, p->sample_cap * sizeof *p->samples);
    buffer_release(&p->text);
    *p = (struct metric_page){ 0 };
}

/* --- Adding ----------------------------------------------------------------------------------- */

static bool reserve(struct metric_page *p, void **at, size_t *cap, size_t need, size_t item_bytes,
                    size_t most)
{
    if (array_reserve(allocator_libc(), at, cap, need, item_bytes, most))
        return true;
    p->status = need > most ? OU_TOO_LARGE : OU_NO_MEMORY;
    return false;
}

/* Whether a sample of that name has a share left. */
static bool has_share(struct metric_page *p, struct span name)
{
    uint32_t number;

    if (p->bytes_left > 0 && (p->names_left > 0 || intern_find(&p->names, name, &number)))
        return true;
    p->left_out++;
    return false;
}

/* The number of a name, which is a family from now on. */
static bool family_number(struct metric_page *p, struct span name, enum metric_type type,
                          uint32_t owner, uint32_t *ret)
{
    void *at = p->families;
    bool is_new;

    if (!reserve(p, &at, &p->family_cap, p->names.count + 1, sizeof *p->families,
                 METRIC_PAGE_FAMILIES_MAX))
        return false;
    p->families = at;
    p->status = intern_put(&p->names, name, ret, &is_new);
    if (p->status)
        return false;
    if (is_new) {
        p->families[*ret] = (struct metric_family){ .type = type, .is_own = owner == 0 };
        p->names_left--;
    }
    return true;
}

struct metric_family *metric_page_family(struct metric_page *p, struct span name,
                                         enum metric_type type, uint32_t owner)
{
    struct metric_family *f;
    uint32_t number;

    if (p->status || name.len == 0 || (name.at[0] >= '0' && name.at[0] <= '9') ||
        !has_share(p, name) || !family_number(p, name, type, owner, &number))
        return NULL;
    f = &p->families[number];
    p->name_bytes = name.len;
    return f->type != type || (owner && (f->is_own || f->owner == owner)) ? NULL : f;
}

static void link_sample(struct metric_page *p, struct metric_family *f)
{
    uint32_t number = (uint32_t)p->sample_count; /* + 1 already */

    if (f->last)
        p->samples[f->last - 1].next = number;
    else
        f->first = number;
    f->last = number;
}

/* When there is no room the text goes where nobody looks, and the failure is told at the end. */
struct label_set *metric_page_sample(struct metric_page *p, struct metric_family *f, uint32_t owner)
{
    void *at = p->samples;

    label_set_open(&p->labels, &p->text);
    if (!p->status && reserve(p, &at, &p->sample_cap, p->sample_count + 1, sizeof *p->samples,
                              METRIC_PAGE_SAMPLES_MAX)) {
        p->samples = at;
        p->samples[p->sample_count++] = (struct metric_sample){ .at = p->text.len };
        link_sample(p, f);
        f->owner = owner;
    }
    return &p->labels;
}

struct label_set *metric_page_part(struct metric_page *p, struct metric_family *f,
                                   const char *suffix)
{
    metric_page_sample(p, f, 0);
    buffer_text(&p->text, suffix);
    label_set_open(&p->labels, &p->text);
    return &p->labels;
}

static void end_sample(struct metric_page *p)
{
    struct metric_sample *s;
    size_t bytes;

    if (p->status || p->sample_count == 0)
        return;
    s = &p->samples[p->sample_count - 1];
    s->len = p->text.len - s->at;
    bytes = p->name_bytes + s->len;
    p->bytes_left -= bytes < p->bytes_left ? bytes : p->bytes_left;
}

void metric_page_integer(struct metric_page *p, int64_t value)
{
    label_set_close(&p->labels);
    buffer_printf(&p->text, " %" PRId64, value);
    end_sample(p);
}

void metric_page_unsigned(struct metric_page *p, uint64_t value)
{
    label_set_close(&p->labels);
    buffer_printf(&p->text, " %" PRIu64, value);
    end_sample(p);
}

void metric_page_real(struct metric_page *p, double value)
{
    char digits[JSON_DOUBLE_ROOM];

    label_set_close(&p->labels);
    buffer_char(&p->text, ' ');
    buffer_append(&p->text, digits, json_format_double(value, digits));
    end_sample(p);
}

/* --- Writing ---------------------------------------------------------------------------------- */

struct writing {
    const struct metric_page *page;
    bool open_metrics;
    struct buffer *out;
};

/* A name without the suffix that its type has in OpenMetrics, unless another family has that name. */
static bool without_suffix(const struct metric_page *p, struct span *name, const char *suffix)
{
    struct span bare = *name;
    uint32_t other;

    if (!span_ends(*name, suffix))
        return false;
    bare.len -= strlen(suffix);
    if (bare.len == 0 || intern_find(&p->names, bare, &other))
        return false;
    *name = bare;
    return true;
}

/* NULL: none is said. In OpenMetrics the family's name may be shorter than that of its samples. */
static const char *type_of(const struct writing *w, const struct metric_family *f,
                           struct span *name)
{
    switch (f->type) {
    case METRIC_GAUGE: return "gauge";
    case METRIC_COUNTER:
        if (!w->open_metrics)
            return "counter";
        return without_suffix(w->page, name, "_total") ? "counter" : "unknown";
    case METRIC_INFO:
        return w->open_metrics && without_suffix(w->page, name, "_info") ? "info" : "gauge";
    case METRIC_HISTOGRAM: return "histogram";
    case METRIC_UNTYPED: break;
    }
    return NULL;
}

static void put_help(const struct writing *w, struct span name, const char *help)
{
    buffer_text(w->out, "# HELP ");
    buffer_append(w->out, name.at, name.len);
    buffer_char(w->out, ' ');
    for (; *help; help++) {
        if (*help == '\n')
            buffer_text(w->out, "\\n");
        else if (*help == '\\' || (*help == '"' && w->open_metrics))
            buffer_printf(w->out, "\\%c", *help);
        else
            buffer_char(w->out, *help);
    }
    buffer_char(w->out, '\n');
}

static void put_head(const struct writing *w, const struct metric_family *f, struct span name)
{
    const char *type = type_of(w, f, &name);

    if (type) {
        buffer_text(w->out, "# TYPE ");
        buffer_append(w->out, name.at, name.len);
        buffer_printf(w->out, " %s\n", type);
    }
    if (f->help && *f->help)
        put_help(w, name, f->help);
}

static void put_family(const struct writing *w, uint32_t number)
{
    const struct metric_family *f = &w->page->families[number];
    struct span name = intern_text(&w->page->names, number);

    if (!f->first)
        return;
    put_head(w, f, name);
    for (uint32_t i = f->first; i; i = w->page->samples[i - 1].next) {
        const struct metric_sample *s = &w->page->samples[i - 1];

        buffer_append(w->out, name.at, name.len);
        buffer_append(w->out, w->page->text.at + s->at, s->len);
        buffer_char(w->out, '\n');
    }
}

enum ou_status metric_page_write(const struct metric_page *p, bool open_metrics, struct buffer *out)
{
    struct writing w = { p, open_metrics, out };

    if (p->status || buffer_status(&p->text))
        return p->status ? p->status : buffer_status(&p->text);
    for (uint32_t i = 0; i < p->names.count; i++)
        put_family(&w, i);
    buffer_text(out, "# EOF\n");
    return buffer_status(out);
}
