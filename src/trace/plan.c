#include "trace/plan.h"

#include <stdlib.h>

#include "trace/point_names.h"
#include "trace/points.h"
#include "trace/render.h"
#include "trace/render_text.h"

/* What a declaration may come to; its texts are constants of a program. */
enum { PLAN_BYTES_MAX = 1 << 20 };

/* A member before it has its place. */
struct entry {
    struct span key, inner_key;   /* inner_key.at NULL: it stands in data itself */
    const struct ou_field *field; /* NULL: a constant */
    struct span constant;
    size_t order;
};

/* --- Entries: what the declaration says, in its order ----------------------------- */

/* "key" or "key.inner"; false when it is neither. */
static bool split_path(struct span path, struct entry *entry)
{
    const char *dot = path.len ? memchr(path.at, '.', path.len) : NULL;
    size_t key_len = dot ? (size_t)(dot - path.at) : path.len;

    entry->key = (struct span){ path.at, key_len };
    entry->inner_key = (struct span){ NULL, 0 };
    if (dot)
        entry->inner_key = (struct span){ dot + 1, path.len - key_len - 1 };
    return key_len > 0 &&
           (!dot || (entry->inner_key.len > 0 && !memchr(dot + 1, '.', entry->inner_key.len)));
}

static size_t add_fields(const struct ou_point *point, struct entry *entries, size_t count)
{
    for (uint32_t i = 0; i < point->field_count; i++) {
        const struct ou_field *field = &point->fields[i];
        struct entry entry = { .field = field, .order = count };

        if (field->detail < OU_HUMAN_ONLY && field->path &&
            split_path(span_of(field->path), &entry))
            entries[count++] = entry;
    }
    return count;
}

static size_t line_count(const char *text)
{
    size_t count = 1;

    for (; text && *text; text++)
        count += *text == '\n';
    return count;
}

static size_t add_constants(const struct ou_point *point, struct entry *entries, size_t count)
{
    for (const char *at = point->constants; at && *at;) {
        size_t len = strcspn(at, "\n");
        const char *equals = memchr(at, '=', len);
        struct entry entry = { .order = count };

        if (equals && split_path((struct span){ at, (size_t)(equals - at) }, &entry)) {
            entry.constant = (struct span){ equals + 1, len - (size_t)(equals + 1 - at) };
            entries[count++] = entry;
        }
        at += len + (at[len] == '\n');
    }
    return count;
}

/* --- Order ---------------------------------------------------------------------------- */

static int compare_spans(struct span a, struct span b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = 0;

    if (common)                             /* and so both point somewhere */
        order = memcmp(a.at, b.at, common); /* NOLINT(clang-analyzer-core.NonNullParamChecker) */
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

/* By key; of alternatives a plain value before an object, then as declared. */
static int compare_entries(const void *left, const void *right)
{
    const struct entry *a = left, *b = right;
    int order = compare_spans(a->key, b->key);

    if (order == 0)
        order = (a->inner_key.at != NULL) - (b->inner_key.at != NULL);
    if (order == 0)
        order = compare_spans(a->inner_key, b->inner_key);
    return order ? order : (a->order > b->order) - (a->order < b->order);
}

/* --- Members ---------------------------------------------------------------------------- */

/* Makes the parts of one plan; out of memory it goes on to no effect. */
struct maker {
    struct plan *plan;
    struct buffer text; /* of the part that is being made */
    bool failed;
};

/* A copy of the text made so far, for the plan; the next one begins. */
static struct span keep(struct maker *maker)
{
    struct span kept = { NULL, maker->text.len };

    if (!buffer_status(&maker->text))
        kept.at = arena_copy(&maker->plan->arena, buffer_string(&maker->text), kept.len);
    maker->failed |= kept.at == NULL;
    buffer_clear(&maker->text);
    return kept;
}

/* ,"key": and what is the same in all lines. */
static struct span keep_member(struct maker *maker, struct span key, const struct span *constant)
{
    buffer_char(&maker->text, ',');
    text_quoted(&maker->text, key);
    buffer_char(&maker->text, ':');
    if (constant)
        text_quoted(&maker->text, *constant);
    return keep(maker);
}

static struct plan_member *add_leaf(struct maker *maker, struct plan_data *data,
                                    const struct entry *entry, struct span key)
{
    struct plan_member *m = &data->members[data->count++];

    if (entry->field) {
        m->kind = PLAN_FIELD;
        m->field = (uint8_t)(entry->field - maker->plan->point->fields);
        m->text = keep_member(maker, key, NULL);
    } else {
        m->kind = PLAN_CONSTANT;
        m->text = keep_member(maker, key, &entry->constant);
    }
    return m;
}

/* How many entries from the first on stand in the same object: 0 when that one stands
 * in none. */
static size_t object_len(const struct entry *entries, size_t count)
{
    size_t len = 0;

    while (len < count && entries[len].inner_key.at && span_equal(entries[len].key, entries[0].key))
        len++;
    return len;
}

static struct plan_member *add_object(struct maker *maker, struct plan_data *data,
                                      const struct entry *entries, size_t len)
{
    struct plan_member *object = &data->members[data->count++];

    *object = (struct plan_member){ .kind = PLAN_OBJECT, .inner = (uint16_t)len };
    object->text = keep_member(maker, entries->key, NULL);
    for (size_t i = 0; i < len; i++) {
        const struct entry *e = &entries[i];
        struct plan_member *m = add_leaf(maker, data, e, e->inner_key);

        m->alternative = i > 0 && span_equal(e[-1].inner_key, e->inner_key);
        object->has_fields |= e->field != NULL;
    }
    return object;
}

static void add_members(struct maker *maker, struct plan_data *data, const struct entry *entries,
                        size_t count)
{
    for (size_t i = 0; i < count;) {
        const struct entry *e = &entries[i];
        size_t len = object_len(e, count - i);
        struct plan_member *m =
            len > 0 ? add_object(maker, data, e, len) : add_leaf(maker, data, e, e->key);

        m->alternative = i > 0 && span_equal(e[-1].key, e->key);
        i += len > 0 ? len : 1;
    }
}

/* The members of data, with that kind (NULL: none) among them. */
static struct plan_data make_data(struct maker *maker, const char *kind)
{
    const struct ou_point *point = maker->plan->point;
    const size_t most = point->field_count + line_count(point->constants) + 1;
    struct allocator *from = allocator_libc();
    struct entry *entries = alloc_zeroed(from, most * sizeof(*entries));
    /* Each entry may open an object of its own. */
    struct plan_data data = { arena_take(&maker->plan->arena, 2 * most * sizeof(*data.members),
                                         _Alignof(struct plan_member)),
                              0 };
    size_t count;

    if (entries && data.members) {
        count = add_fields(point, entries, 0);
        count = add_constants(point, entries, count);
        if (kind) {
            entries[count] =
                (struct entry){ .key = span_of("kind"), .constant = span_of(kind), .order = count };
            count++;
        }
        qsort(entries, count, sizeof(*entries), compare_entries);
        add_members(maker, &data, entries, count);
    } else {
        maker->failed = true;
    }
    alloc_free(from, entries, most * sizeof(*entries));
    return data;
}

/* --- The human form --------------------------------------------------------------------- */

static int field_by_name(const struct ou_point *point, struct span name)
{
    for (uint32_t i = 0; i < point->field_count; i++)
        if (span_is(name, point->fields[i].name))
            return (int)i;
    return -1;
}

static size_t brace_count(const char *text)
{
    size_t count = 0;

    for (; *text; text++)
        count += *text == '{';
    return count;
}

static void make_human(struct maker *maker, const char *human)
{
    struct plan *plan = maker->plan;

    plan->pieces = arena_take(&plan->arena, (brace_count(human) + 1) * sizeof(*plan->pieces),
                              _Alignof(struct plan_piece));
    if (!plan->pieces) {
        maker->failed = true;
        return;
    }
    while (*human) {
        struct plan_piece *piece = &plan->pieces[plan->piece_count++];
        size_t len = strcspn(human, "{");
        const char *end = strchr(human + len, '}');

        if (!end)
            len = strlen(human);
        text_bare(&maker->text, (struct span){ human, len });
        *piece = (struct plan_piece){ keep(maker), -1 };
        human += len;
        if (!end)
            break;
        piece->field =
            field_by_name(plan->point, (struct span){ human + 1, (size_t)(end - human - 1) });
        human = end + 1;
    }
}

static struct span colour_of(enum ou_severity severity)
{
    switch (severity) {
    case OU_DEBUG: return span_of("");
    case OU_INFO: return span_of("\x1b[34m");
    case OU_NOTICE: return span_of("\x1b[35m");
    case OU_WARNING: return span_of("\x1b[33m");
    default: return span_of("\x1b[31m");
    }
}

/* --- Lines ------------------------------------------------------------------------------- */

static void make_machine_parts(struct maker *maker)
{
    const struct ou_point *point = maker->plan->point;

    buffer_text(&maker->text, "\",\"ns\":");
    text_quoted(&maker->text, span_of(point->ns));
    buffer_text(&maker->text, ",\"data\":");
    maker->plan->machine_ns = keep(maker);
    buffer_printf(&maker->text, ",\"sev\":\"%s\",\"thread\":\"", severity_name(point->severity));
    maker->plan->severity = keep(maker);
}

static void make_human_parts(struct maker *maker)
{
    const struct ou_point *point = maker->plan->point;

    buffer_char(&maker->text, ':');
    text_bare(&maker->text, span_of(point->ns));
    buffer_char(&maker->text, ']');
    maker->plan->human_ns = keep(maker);
    buffer_printf(&maker->text, "(%s,", severity_name(point->severity));
    maker->plan->human_severity = keep(maker);
    maker->plan->colour = colour_of(point->severity);
    if (point->human)
        make_human(maker, point->human);
}

/* Where no logger is known: the first two segments of the name. */
static struct span logger_of(const struct ou_point *point, const struct point_names *names)
{
    size_t len;

    if (names->logger)
        return span_of(names->logger);
    len = strcspn(point->ns, ".");
    if (point->ns[len])
        len += 1 + strcspn(point->ns + len + 1, ".");
    return (struct span){ point->ns, len };
}

static void make_legacy_parts(struct maker *maker, const struct point_names *names)
{
    struct span name;

    buffer_text(&maker->text, "cardano.node.");
    name = logger_of(maker->plan->point, names);
    buffer_append(&maker->text, name.at, name.len);
    name = keep(maker);
    buffer_text(&maker->text, ",\"loc\":null,\"msg\":\"\",\"ns\":[");
    if (name.at)
        text_quoted(&maker->text, name);
    buffer_text(&maker->text, "],\"pid\":");
    maker->plan->legacy_ns = keep(maker);
    maker->plan->legacy_data = make_data(maker, names->kind);
    maker->plan->legacy_wrapped = names->wrapped;
}

struct plan *plan_new(const struct ou_point *point)
{
    struct plan *plan = alloc_zeroed(allocator_libc(), sizeof(*plan));
    const struct point_names names = names_of_point(point);
    struct maker maker = { .plan = plan };

    if (!plan)
        return NULL;
    plan->point = point;
    arena_init(&plan->arena, allocator_libc(), PLAN_BYTES_MAX);
    buffer_init(&maker.text, allocator_libc(), PLAN_BYTES_MAX);
    plan->data = make_data(&maker, point->kind);
    make_machine_parts(&maker);
    make_human_parts(&maker);
    make_legacy_parts(&maker, &names);
    buffer_release(&maker.text);
    if (maker.failed) {
        plan_free(plan);
        return NULL;
    }
    return plan;
}

void plan_free(struct plan *plan)
{
    if (!plan)
        return;
    arena_release(&plan->arena);
    alloc_free(allocator_libc(), plan, sizeof(*plan));
}
