#include <string.h>

#include "cmd/docs_forms.h"
#include "trace/points.h"

/* The parts of the schema are made by json_pack(), which gives NULL when memory is short; what takes
 * them notices. */
struct work {
    document_wanted *wanted;
    json_t *defs, *branches, *names;
    bool no_memory;
};

static void set(struct work *w, json_t *object, const char *key, json_t *value)
{
    w->no_memory |= json_object_set_new(object, key, value) != 0;
}

static void add(struct work *w, json_t *list, json_t *value)
{
    w->no_memory |= json_array_append_new(list, value) != 0;
}

/* --- Values -------------------------------------------------------------------------------------- */

/* At DMinimal hashes have 7 digits. */
#define HASH "(?:[0-9a-f]{7}|[0-9a-f]{64})"

static json_t *text_like(const char *pattern)
{
    return json_pack("{s:s, s:s}", "type", "string", "pattern", pattern);
}

static json_t *list_of(json_t *items)
{
    return json_pack("{s:s, s:o}", "type", "array", "items", items);
}

/* An object that has these members and no others. */
static json_t *object_of(json_t *properties, json_t *required)
{
    return json_pack("{s:s, s:o, s:o, s:b}", "type", "object", "properties", properties, "required",
                     required, "additionalProperties", 0);
}

static json_t *block(void)
{
    return json_pack(
        "{s:[o, o]}", "anyOf",
        object_of(json_pack("{s:{s:s}}", "kind", "const", "GenesisPoint"),
                  json_pack("[s]", "kind")),
        object_of(json_pack("{s:o, s:{s:s}, s:{s:s, s:i}}", "hash", text_like("^" HASH "$"), "kind",
                            "const", "Point", "slot", "type", "integer", "minimum", 0),
                  json_pack("[s, s, s]", "hash", "kind", "slot")));
}

static json_t *header(void)
{
    return object_of(json_pack("{s:o, s:o, s:{s:s}, s:o}", "blockNo", text_like("^[0-9]+$"), "hash",
                               text_like("^\"" HASH "\"$"), "kind", "const", "ShelleyBlock",
                               "slotNo", text_like("^[0-9]+$")),
                     json_pack("[s, s, s, s]", "blockNo", "hash", "kind", "slotNo"));
}

static json_t *peer(void)
{
    return object_of(json_pack("{s:o}", "connectionId", text_like("^.* .*$")),
                     json_pack("[s]", "connectionId"));
}

static json_t *txid(void)
{
    return object_of(json_pack("{s:o}", "txid", text_like("^[0-9a-f]{8}$")),
                     json_pack("[s]", "txid"));
}

static json_t *value_of(enum ou_type type)
{
    switch (type) {
    case OU_TYPE_u64: return json_pack("{s:s, s:i}", "type", "integer", "minimum", 0);
    case OU_TYPE_i64: return json_pack("{s:s}", "type", "integer");
    case OU_TYPE_f64: return json_pack("{s:s}", "type", "number");
    case OU_TYPE_digits: return text_like("^[0-9]+$");
    case OU_TYPE_boolean: return json_pack("{s:s}", "type", "boolean");
    case OU_TYPE_flag: return json_pack("{s:b}", "const", 1);
    case OU_TYPE_text: return json_pack("{s:s}", "type", "string");
    case OU_TYPE_json: return json_object();
    case OU_TYPE_hash: return text_like("^" HASH "$");
    case OU_TYPE_parent: return text_like("^(?:" HASH "|GenesisHash)$");
    case OU_TYPE_txid: return text_like("^[0-9a-f]{8}$");
    case OU_TYPE_point: return text_like("^(?:" HASH "@[0-9]+|Genesis)$");
    case OU_TYPE_block: return block();
    case OU_TYPE_peer: return peer();
    case OU_TYPE_hashes: return list_of(text_like("^" HASH "$"));
    case OU_TYPE_txids: return list_of(txid());
    case OU_TYPE_headers: return list_of(header());
    case OU_TYPES: break;
    }
    return NULL;
}

/* --- The data of a point --------------------------------------------------------------------------- */

/* A member may be declared in several ways, of which a message has one. */
static void add_property(struct work *w, json_t *properties, const char *key, json_t *schema)
{
    json_t *before = json_object_get(properties, key), *ways;

    if (!before) {
        set(w, properties, key, schema);
        return;
    }
    ways = json_object_get(before, "anyOf");
    if (ways) {
        add(w, ways, schema);
        return;
    }
    set(w, properties, key, json_pack("{s:[O, o]}", "anyOf", before, schema));
}

/* The object of a member that has members of its own, "peer" of "peer.local"; made at first. */
static json_t *inner_object(struct work *w, json_t *inner, const char *key)
{
    if (!json_object_get(inner, key))
        set(w, inner, key, object_of(json_object(), json_array()));
    return json_object_get(inner, key);
}

struct data_parts {
    json_t *properties, *inner, *required;
};

static void add_member(struct work *w, const struct data_parts *d, struct span path, json_t *schema,
                       const char *help)
{
    const char *dot = memchr(path.at, '.', path.len);
    const size_t key_len = dot ? (size_t)(dot - path.at) : path.len;
    char key[128], inner_key[128];

    if (help)
        set(w, schema, "description", json_string(help));
    if (path.len >= sizeof(key)) { /* no declaration has such a name */
        json_decref(schema);
        return;
    }
    memcpy(key, path.at, key_len);
    key[key_len] = 0;
    if (!dot) {
        add_property(w, d->properties, key, schema);
        return;
    }
    memcpy(inner_key, dot + 1, path.len - key_len - 1);
    inner_key[path.len - key_len - 1] = 0;
    add_property(w, json_object_get(inner_object(w, d->inner, key), "properties"), inner_key,
                 schema);
}

/* Text that every line has: outside of objects, which are there only with a field in them. */
static void add_constant(struct work *w, const struct data_parts *d, struct span path,
                         struct span text, bool always)
{
    add_member(w, d, path, json_pack("{s:s%}", "const", text.at, text.len), NULL);
    if (always && !memchr(path.at, '.', path.len))
        add(w, d->required, json_stringn(path.at, path.len));
}

static void add_constants(struct work *w, const struct data_parts *d, const struct ou_point *point)
{
    const bool always = point->empty_below == OU_DMINIMAL;

    if (point->kind)
        add_constant(w, d, span_of("kind"), span_of(point->kind), always);
    for (const char *at = point->constants; at && *at;) {
        const size_t len = strcspn(at, "\n"), path = strcspn(at, "=");

        if (path < len)
            add_constant(w, d, (struct span){ at, path },
                         (struct span){ at + path + 1, len - path - 1 }, always);
        at += len + (at[len] == '\n');
    }
}

static json_t *data_of(struct work *w, const struct ou_point *point)
{
    struct data_parts d = { json_object(), json_object(), json_array() };
    const char *key;
    json_t *inner;

    add_constants(w, &d, point);
    for (uint32_t i = 0; i < point->field_count; i++) {
        const struct ou_field *f = &point->fields[i];

        if (f->detail != OU_HUMAN_ONLY)
            add_member(w, &d, span_of(f->path), value_of(f->type), f->help);
    }
    json_object_foreach(d.inner, key, inner)
    {
        add_property(w, d.properties, key, json_incref(inner));
    }
    json_decref(d.inner);
    return object_of(d.properties, d.required);
}

/* --- The whole ------------------------------------------------------------------------------------- */

static void add_point(void *context, struct ou_point *point)
{
    struct work *w = context;
    json_t *data;

    if ((w->wanted && !w->wanted(point)) || json_object_get(w->defs, point->ns))
        return;
    data = data_of(w, point);
    if (point->help)
        set(w, data, "description", json_string(point->help));
    set(w, w->defs, point->ns, data);
    add(w, w->names, json_string(point->ns));
    add(w, w->branches,
        json_pack("{s:{s:{s:{s:s}}}, s:{s:{s:{s:o}, s:{s:s}}}}", "if", "properties", "ns", "const",
                  point->ns, "then", "properties", "data", "$ref",
                  json_sprintf("#/$defs/%s", point->ns), "sev", "const",
                  severity_name(point->severity)));
}

static json_t *severities(void)
{
    json_t *list = json_array();

    for (int i = 0; i < OU_SILENCE; i++)
        json_array_append_new(list, json_string(severity_name((enum ou_severity)i)));
    return list;
}

static json_t *members_of_a_line(const struct work *w)
{
    return json_pack("{s:o, s:{s:O}, s:{s:s}, s:{s:o}, s:o, s:{s:s}}", "at",
                     text_like("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}"
                               "(?:\\.[0-9]{1,12})?Z$"),
                     "ns", "enum", w->names, "data", "type", "object", "sev", "enum", severities(),
                     "thread", text_like("^[0-9]+$"), "host", "type", "string");
}

enum ou_status docs_schema(document_wanted *wanted, json_t **ret, struct ou_error *err)
{
    struct work w = { wanted, json_object(), json_array(), json_array(), false };

    points_each(add_point, &w);
    *ret = json_pack("{s:s, s:s, s:s, s:o, s:[s, s, s, s, s, s], s:b, s:O, s:O}", "$schema",
                     "https://json-schema.org/draft/2020-12/schema", "title",
                     "A line of the machine format", "type", "object", "properties",
                     members_of_a_line(&w), "required", "at", "ns", "data", "sev", "thread", "host",
                     "additionalProperties", 0, "allOf", w.branches, "$defs", w.defs);
    json_decref(w.defs);
    json_decref(w.branches);
    json_decref(w.names);
    if (*ret && !w.no_memory)
        return OU_OK;
    json_decref(*ret);
    *ret = NULL;
    return ou_fail(err, OU_NO_MEMORY, "make the schema: no memory");
}
