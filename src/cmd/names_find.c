#include "cmd/names_find.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/suggest.h"
#include "trace/legacy_names.h"
#include "trace/points.h"

#define ARENA_BYTES_MAX ((size_t)4 << 20)
#define LOGGER_PREFIX "cardano.node."
#define METRIC_PREFIX "cardano.node.metrics."
#define OLD_METRIC_PREFIX "cardano_node_metrics_"
#define SUGGESTIONS_MAX 3

static const char *const generation_words[] = {
    [LEGACY_KIND] = "kind",     [LEGACY_MESSAGE] = "message", [LEGACY_EARLY] = "early",
    [LEGACY_FORMER] = "former", [LEGACY_READER] = "reader",   [LEGACY_PART] = "part",
};

/* --- All tables as one ---------------------------------------------------------------- */

static bool same(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool has_row(const struct name_pairs_all *all, const struct name_pair_row *row)
{
    for (size_t i = 0; i < all->count; i++)
        if (same(all->at[i].what, row->what) && same(all->at[i].old, row->old) &&
            same(all->at[i].today, row->today) && same(all->at[i].in_2023, row->in_2023))
            return true;
    return false;
}

/* ns: of 2023 or today. */
static struct name_pair_row row_of_toggle(const char *what, const char *old, const char *ns)
{
    return (struct name_pair_row){ NAMES_TOGGLES, what, old, ns, legacy_today(ns), NULL };
}

static struct name_pair_row row_of_event(const struct legacy_name *n)
{
    const char *what = generation_words[n->generation];

    if (n->generation == LEGACY_FORMER || n->generation == LEGACY_PART)
        return (struct name_pair_row){ NAMES_EVENTS, what, n->old, n->old, n->ns, NULL };
    return (struct name_pair_row){ NAMES_EVENTS, what, n->old, n->ns, legacy_today(n->ns), NULL };
}

static void add_events(struct name_pairs_all *all)
{
    size_t count;
    const struct legacy_name *names = legacy_names(&count);

    for (size_t i = 0; i < count; i++)
        all->at[all->count++] = row_of_event(&names[i]);
}

static const char *without(const char *name, const char *prefix)
{
    const size_t len = strlen(prefix);

    return strncmp(name, prefix, len) == 0 ? name + len : name;
}

static const char *with_prefix(struct name_pairs_all *all, const char *prefix, const char *name)
{
    const size_t room = strlen(prefix) + strlen(name) + 1;
    char *copy = arena_take(&all->arena, room, 1);

    if (copy)
        snprintf(copy, room, "%s%s", prefix, name);
    return copy;
}

static bool add_toggles(struct name_pairs_all *all)
{
    size_t count;
    const struct legacy_toggle *t = legacy_toggles(&count);
    struct name_pair_row row;

    for (size_t i = 0; i < count; i++) {
        row = row_of_toggle("toggle", t[i].toggle, t[i].ns);
        if (row.old && !has_row(all, &row))
            all->at[all->count++] = row;
        if (!t[i].logger)
            continue;
        row = row_of_toggle("logger", with_prefix(all, LOGGER_PREFIX, t[i].logger), t[i].ns);
        if (!row.old)
            return false;
        if (!has_row(all, &row))
            all->at[all->count++] = row;
    }
    return true;
}

/* "slotNum" of cardano_node_metrics_slotNum_int. */
static const char *bare_metric(struct name_pairs_all *all, const char *old)
{
    const char *name = without(old, OLD_METRIC_PREFIX), *kind = strrchr(name, '_');
    const bool has_kind = kind && (strcmp(kind, "_int") == 0 || strcmp(kind, "_real") == 0);

    return arena_copy(&all->arena, name, has_kind ? (size_t)(kind - name) : strlen(name));
}

static bool add_metrics(struct name_pairs_all *all)
{
    size_t count;
    const struct legacy_metric *m = legacy_metrics(&count);

    for (size_t i = 0; i < count; i++) {
        struct name_pair_row row = { NAMES_METRICS, "metric", m[i].old, m[i].early, NULL, NULL };

        if (m[i].old && !(row.bare = bare_metric(all, m[i].old)))
            return false;
        if (m[i].name && !(row.today = with_prefix(all, METRIC_PREFIX, m[i].name)))
            return false;
        all->at[all->count++] = row;
    }
    return true;
}

bool names_load(struct name_pairs_all *ret)
{
    size_t events, toggles, metrics;

    legacy_names(&events);
    legacy_toggles(&toggles);
    legacy_metrics(&metrics);
    *ret = (struct name_pairs_all){ .at = NULL };
    arena_init(&ret->arena, allocator_libc(), ARENA_BYTES_MAX);
    ret->at = arena_take(&ret->arena, (events + 2 * toggles + metrics) * sizeof(*ret->at),
                         _Alignof(struct name_pair_row));
    if (!ret->at)
        return false;
    add_events(ret);
    if (add_toggles(ret) && add_metrics(ret))
        return true;
    names_release(ret);
    return false;
}

void names_release(struct name_pairs_all *all)
{
    arena_release(&all->arena);
    *all = (struct name_pairs_all){ .at = NULL };
}

/* --- Search --------------------------------------------------------------------------- */

/* known is the name, or below it. */
static bool is_within(const char *known, struct span name)
{
    struct span whole;

    if (!known || name.len == 0)
        return false;
    whole = span_of(known);
    return whole.len >= name.len && memcmp(whole.at, name.at, name.len) == 0 &&
           (whole.len == name.len || whole.at[name.len] == '.');
}

/* known is a pattern that stands for the name. */
static bool stands_for(const char *known, struct span name)
{
    struct span whole = span_of(known ? known : "");

    return span_ends(whole, ".*") && whole.len <= name.len &&
           memcmp(whole.at, name.at, whole.len - 1) == 0;
}

/* Users write keys of the configuration in more than one way: TraceDnsResolver, TraceDNSResolver. */
static bool is_toggle(const char *known, struct span name)
{
    return strlen(known) == name.len && strncasecmp(known, name.at, name.len) == 0;
}

static bool matches_old(const struct name_pair_row *row, struct span name)
{
    if (row->table == NAMES_METRICS)
        return span_is(name, row->old) || span_is(name, without(row->old, OLD_METRIC_PREFIX));
    if (strcmp(row->what, "logger") == 0)
        return span_is(name, row->old) || span_is(name, without(row->old, LOGGER_PREFIX));
    if (strcmp(row->what, "toggle") == 0)
        return is_toggle(row->old, name);
    return is_within(row->old, name);
}

static bool matches_new(const struct name_pair_row *row, struct span name, bool is_event)
{
    struct legacy_metric m = { .early = row->in_2023 };

    if (row->table == NAMES_METRICS) {
        m.name = row->today ? without(row->today, METRIC_PREFIX) : NULL;
        return legacy_metric_is(&m, name);
    }
    return is_within(row->today, name) || is_within(row->in_2023, name) ||
           (is_event && (stands_for(row->today, name) || stands_for(row->in_2023, name)));
}

bool names_match(const struct name_pair_row *row, const struct names_query *q)
{
    return ((q->sides & NAMES_OLD) && matches_old(row, q->name)) ||
           ((q->sides & NAMES_NEW) && matches_new(row, q->name, q->is_event));
}

/* A logger has any name below it, mistyped ones, too: a message is what this program traces, or what
 * the tables of messages have. */
struct names_query names_query(const struct name_pairs_all *all, const char *name, unsigned sides)
{
    struct names_query q = { span_of(name), sides, *name && points_know(name) };

    for (size_t i = 0; i < all->count && !q.is_event; i++)
        q.is_event = all->at[i].table == NAMES_EVENTS && matches_new(&all->at[i], q.name, true);
    return q;
}

/* --- Suggestions -------------------------------------------------------------------------- */

struct suggestions {
    struct span given;
    const char *found[SUGGESTIONS_MAX];
    size_t count;
    struct suggestion near;
    struct suggestion near_end; /* among the last words of dotted names */
    const char *whole;          /* the name of near_end */
};

static bool ends_in(const char *known, struct span given)
{
    const size_t len = strlen(known);

    return len > given.len && strncasecmp(known + len - given.len, given.at, given.len) == 0 &&
           !isalnum((unsigned char)known[len - given.len - 1]);
}

static void consider(struct suggestions *s, const char *known)
{
    const char *end = known ? strrchr(known, '.') : NULL;

    if (!known)
        return;
    suggest_consider(&s->near, known);
    if (end) {
        suggest_consider(&s->near_end, end + 1);
        s->whole = s->near_end.best == end + 1 ? known : s->whole;
    }
    if (s->count == SUGGESTIONS_MAX || !ends_in(known, s->given))
        return;
    for (size_t i = 0; i < s->count; i++)
        if (strcmp(s->found[i], known) == 0)
            return;
    s->found[s->count++] = known;
}

void names_suggest(const struct name_pairs_all *all, struct span name, unsigned tables,
                   unsigned sides, struct buffer *out)
{
    struct suggestions s = { .given = name };

    suggest_for(&s.near, name);
    suggest_for(&s.near_end, name);
    for (size_t i = 0; name.len && i < all->count; i++) {
        if (!(all->at[i].table & tables))
            continue;
        consider(&s, all->at[i].bare);
        if (sides & NAMES_OLD)
            consider(&s, all->at[i].old);
        if (sides & NAMES_NEW) {
            consider(&s, all->at[i].today);
            consider(&s, all->at[i].in_2023);
        }
    }
    if (s.count == 0 && s.near.best)
        s.found[s.count++] = s.near.best;
    else if (s.count == 0 && s.whole)
        s.found[s.count++] = s.whole;
    for (size_t i = 0; i < s.count; i++)
        buffer_printf(out, "%s%s", i == 0 ? "" : i + 1 < s.count ? ", " : " or ", s.found[i]);
}
