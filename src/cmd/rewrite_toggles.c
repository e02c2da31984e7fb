/* The switches of the older system: a name of today is silenced, or follows the root. */
#include <stdlib.h>
#include <string.h>

#include "cmd/rewrite_inside.h"
#include "trace/legacy_names.h"

#define STATES_MAX 256

/* What a switch means for a name. */
struct state {
    char ns[REWRITE_NAME_ROOM];
    bool on;
};

struct states {
    struct state at[STATES_MAX];
    size_t count;
};

/* Files spell some of them in more than one way: TraceDnsResolver, TraceDNSResolver. */
static bool is_named(const struct legacy_toggle *t, struct span key)
{
    return t->toggle && strlen(t->toggle) == key.len &&
           strncasecmp(t->toggle, key.at, key.len) == 0;
}

static bool is_known(struct span key)
{
    size_t count;
    const struct legacy_toggle *toggles = legacy_toggles(&count);

    for (size_t i = 0; i < count; i++)
        if (is_named(&toggles[i], key))
            return true;
    return false;
}

bool rewrite_is_toggle(const struct config_item *item)
{
    bool on;

    if (!config_is_bool(item->value, &on))
        return false;
    return is_known(item->key->text) ||
           (span_starts(item->key->text, "Trace") && !span_starts(item->key->text, "TraceOption"));
}

/* Where two switches are for one name, one that is on suffices. */
static void note(struct states *states, const char *ns, bool on)
{
    struct state *s = states->at;

    while (s < states->at + states->count && strcmp(s->ns, ns) != 0)
        s++;
    if (s == states->at + STATES_MAX)
        return;
    if (s == states->at + states->count) {
        rewrite_prefix(ns, s->ns);
        s->on = on;
        states->count++;
    }
    s->on |= on;
}

static void note_toggle(struct rewriting *r, const struct config_item *item, struct states *states)
{
    size_t count, found = 0;
    const struct legacy_toggle *toggles = legacy_toggles(&count);
    char ns[REWRITE_NAME_ROOM];
    bool on = false;

    config_is_bool(item->value, &on);
    for (size_t i = 0; i < count; i++) {
        const char *today;

        if (!is_named(&toggles[i], item->key->text))
            continue;
        today = legacy_today(toggles[i].ns);
        if (today) {
            note(states, rewrite_prefix(today, ns), on);
            found++;
            rewrite_remark(r, item->key, item->key->text.at, "changed", "%s: %s", ns,
                           on ? "let through" : "silenced");
        }
    }
    if (!found && is_known(item->key->text))
        rewrite_remark(r, item->key, item->key->text.at, "lost",
                       "nodes of today have no such messages");
    else if (!found)
        rewrite_remark(r, item->key, item->key->text.at, "lost", "no switch of this name is known");
}

static int by_length(const void *a, const void *b)
{
    const struct state *x = a, *y = b;
    const size_t x_len = strlen(x->ns), y_len = strlen(y->ns);

    return x_len < y_len ? -1 : x_len > y_len ? 1 : strcmp(x->ns, y->ns);
}

/* Whether the nearest name above that has a switch is on; without one the root is. */
static bool is_on_above(const struct states *states, size_t which)
{
    bool on = true;

    for (size_t i = 0; i < which; i++) {
        const size_t len = strlen(states->at[i].ns);

        if (strncmp(states->at[which].ns, states->at[i].ns, len) == 0 &&
            states->at[which].ns[len] == '.')
            on = states->at[i].on; /* they come from the shortest to the longest */
    }
    return on;
}

void rewrite_toggles(struct rewriting *r)
{
    struct states *states = calloc(1, sizeof(*states));

    if (!states) {
        r->no_memory = true;
        return;
    }
    for (const struct config_item *i = r->root->items; i; i = i->next)
        if (rewrite_is_toggle(i))
            note_toggle(r, i, states);
    qsort(states->at, states->count, sizeof(states->at[0]), by_length);
    for (size_t i = 0; i < states->count; i++)
        if (states->at[i].on != is_on_above(states, i))
            rewrite_severity(r, states->at[i].ns, states->at[i].on ? r->severity : "Silence");
    free(states);
}
