#include <math.h>
#include <string.h>

#include "json/write.h"
#include "report/cell_words.h"
#include "report/figures_inside.h"
#include "report/html_text.h"
#include "stats/sort.h"

enum { SPEC_MAX = 1 << 16, WORDS_MAX = 1 << 10 };

/* --- Specifications --------------------------------------------------------------- */

/* What a JSON string has between its quotes. */
static void put_inside_string(struct buffer *out, const char *text)
{
    struct json_writer w;
    size_t begin = out->len;

    json_writer_init(&w, out, false);
    json_cstring(&w, text);
    if (buffer_status(out))
        return;
    memmove(out->at + begin, out->at + begin + 1, out->len - begin - 2);
    buffer_drop(out, 2);
}

static void put_blank(struct buffer *out, const struct spec_blank *blank, bool alone)
{
    if (blank->text) {
        put_inside_string(out, blank->text);
        return;
    }
    if (alone)
        buffer_drop(out, 1);
    buffer_text(out, blank->json);
}

static const struct spec_blank *blank_at(const char *at, const struct spec_blank *blanks,
                                         size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t len = strlen(blanks[i].name);

        if (strncmp(at + 1, blanks[i].name, len) == 0 && at[len + 1] == '@')
            return &blanks[i];
    }
    return NULL;
}

const char *figure_spec(struct document *d, const char *spec, const struct spec_blank *blanks,
                        size_t count)
{
    struct buffer out;

    buffer_init(&out, allocator_libc(), SPEC_MAX);
    for (const char *at = spec; *at;) {
        size_t plain = strcspn(at, "@");
        const struct spec_blank *blank;
        bool alone;

        buffer_append(&out, at, plain);
        at += plain;
        blank = *at ? blank_at(at, blanks, count) : NULL;
        if (!blank) {
            if (*at)
                buffer_char(&out, *at++);
            continue;
        }
        alone = !blank->text && at > spec && at[-1] == '"' && at[strlen(blank->name) + 2] == '"';
        put_blank(&out, blank, alone);
        at += strlen(blank->name) + 2 + (alone ? 1 : 0);
    }
    return document_kept(d, &out);
}

const char *figure_json(struct document *d, double number)
{
    char text[JSON_DOUBLE_ROOM];
    int len = (int)json_format_double(number, text);

    return document_text(d, "%.*s", len, text);
}

const char *figure_named(struct document *d, const char *what, const char *text)
{
    struct buffer out;

    buffer_init(&out, allocator_libc(), WORDS_MAX);
    html_id(&out, "", what);
    buffer_char(&out, '-');
    html_id(&out, "", text);
    return document_kept(d, &out);
}

const char *figure_id(struct document *d, const char *what, const struct metric_info *info)
{
    return figure_named(d, what, document_text(d, "%s-%s", section_name(info->section), info->id));
}

/* --- Words ------------------------------------------------------------------------- */

static const char *number_and_unit(struct document *d, double value, const char *unit, bool sign)
{
    struct buffer out;
    bool in_ms = unit && strcmp(unit, "s") == 0 && fabs(value) < .1 && value != 0;
    int whole, decimals;

    if (in_ms)
        value *= 1000;
    whole = value != 0 && isfinite(value) ? (int)floor(log10(fabs(value))) + 1 : 1;
    decimals = whole >= 3 ? 0 : 3 - whole > 6 ? 6 : 3 - whole;

    buffer_init(&out, allocator_libc(), WORDS_MAX);
    number_words(&out, value, decimals, sign);
    if (unit && *unit && strcmp(unit, "#") != 0)
        buffer_printf(&out, " %s", in_ms ? "ms" : unit);
    return document_kept(d, &out);
}

const char *figure_amount(struct document *d, double value, const char *unit)
{
    return number_and_unit(d, value, unit, false);
}

const char *figure_difference(struct document *d, double value, const char *unit)
{
    return number_and_unit(d, value, unit, true);
}

const char *figure_count(struct document *d, size_t count, const char *one, const char *many)
{
    struct buffer out;

    buffer_init(&out, allocator_libc(), WORDS_MAX);
    number_words(&out, (double)count, 0, false);
    buffer_printf(&out, " %s", count == 1 ? one : many);
    return document_kept(d, &out);
}

const char *figure_metric(struct document *d, const struct metric_info *info)
{
    for (size_t i = 0; i < dictionary_count(); i++) {
        const struct metric_info *other = dictionary_row(i);

        if (other->section != info->section && other->section != SECTION_BLOCK_TIMELINE &&
            other->section != SECTION_SLOT_TIMELINE && strcmp(other->name, info->name) == 0)
            return document_text(d, "%s (%s)", info->name, section_name(info->section));
    }
    return info->name;
}

const char *figure_axis(struct document *d, const struct metric_info *info)
{
    if (!*info->unit || strcmp(info->unit, "#") == 0)
        return info->name;
    return document_text(d, "%s, %s", info->name, info->unit);
}

const char *figure_set_label(struct document *d, const struct run_set *const *sets, size_t count,
                             size_t i)
{
    for (size_t k = 0; k < count; k++) {
        if (k != i && strcmp(sets[k]->label, sets[i]->label) == 0)
            return document_text(d, "%s (%zu)", sets[i]->label, i + 1);
    }
    return sets[i]->label;
}

const char *figure_run_label(struct document *d, const struct run_set *set, size_t i)
{
    for (size_t k = 0; k < set->count; k++) {
        if (k != i && strcmp(set->runs[k].title, set->runs[i].title) == 0)
            return document_text(d, "%s (%zu)", set->runs[i].title, i + 1);
    }
    return set->runs[i].title;
}

/* --- Samples ----------------------------------------------------------------------- */

double *figure_numbers(struct document *d, size_t count)
{
    double *at = NULL;

    if (!d->status && count <= DOCUMENT_BYTES_MAX / sizeof *at)
        at = arena_take(&d->memory, (count > 0 ? count : 1) * sizeof *at, _Alignof(double));
    if (!at && !d->status)
        d->status = OU_TOO_LARGE;
    return at;
}

static void add_blocks(struct sample *s, const struct finished_run *run,
                       const struct metric_info *info)
{
    const struct run_value *value = run_value_find(run, info->section, info->id);

    if (!value || !value->blocks)
        return;
    for (size_t i = 0; i < run->block_count; i++) {
        if (isfinite(value->blocks[i]))
            s->values[s->count++] = value->blocks[i];
    }
}

static struct sample sample_of_runs(struct document *d, const struct finished_run *runs,
                                    size_t count, const struct metric_info *info)
{
    struct sample s = { 0 };
    size_t most = 0;

    for (size_t i = 0; i < count; i++)
        most += runs[i].block_count;
    s.values = figure_numbers(d, most);
    if (!s.values)
        return (struct sample){ 0 };
    for (size_t i = 0; i < count; i++)
        add_blocks(&s, &runs[i], info);
    sort_doubles(allocator_libc(), s.values, s.count);
    return s;
}

struct sample sample_of_run(struct document *d, const struct finished_run *run,
                            const struct metric_info *info)
{
    return sample_of_runs(d, run, 1, info);
}

struct sample sample_of_set(struct document *d, const struct run_set *set,
                            const struct metric_info *info)
{
    return sample_of_runs(d, set->runs, set->count, info);
}

double mean_over_runs(const struct run_set *set, enum metric_section section, const char *id)
{
    double sum = 0;
    size_t count = 0;

    for (size_t i = 0; i < set->count; i++) {
        const struct run_value *value = run_value_find(&set->runs[i], section, id);

        if (value && isfinite(value->mean)) {
            sum += value->mean;
            count++;
        }
    }
    return count > 0 ? sum / (double)count : NAN;
}
