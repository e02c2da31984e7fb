/* What is noted of a genesis file while it is walked. */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <xxhash.h>

#include "base/hash_seed.h"
#include "genesis/check_inside.h"

/* ---- telling ---- */

/* The path up to len and one more part; it stays valid until the next. */
static size_t extend_path(struct file_check *c, size_t len, struct span name)
{
    const int shown = (int)(name.len < PATH_NAME_MAX ? name.len : PATH_NAME_MAX);

    len +=
        (size_t)snprintf(c->path + len, PATH_ROOM - len, "%s%.*s", len ? "." : "", shown, name.at);
    return len < PATH_ROOM ? len : PATH_ROOM - 1;
}

size_t check_path(struct file_check *c, const struct walk_value *v)
{
    char item[24];

    if (c->depth == 0)
        return 0;
    if (v->is_member)
        return extend_path(c, top(c)->path_len, v->name);
    snprintf(item, sizeof item, "[%" PRIu64 "]", top(c)->count ? top(c)->count - 1 : 0);
    return extend_path(c, top(c)->path_len, span_of(item));
}

/* Of the container on top, or of a member that it lacks. */
void check_tell_of_top(struct file_check *c, enum genesis_severity severity, const void *what,
                       const char *member, const char *reason)
{
    const struct frame *f = top(c);

    c->path[member ? extend_path(c, f->path_len, span_of(member)) : f->path_len] = '\0';
    genesis_tell(c->teller, severity, what, f->line, f->column, c->path, "%s", reason);
}

/* ---- names that stand twice ---- */

/* Hexadecimal digits name the same thing in capitals. */
static struct span as_node_sees(struct file_check *c, const struct genesis_field *entry,
                                struct span name)
{
    if ((entry->key != KEY_HEX && entry->key != KEY_ADDRESS) || name.len > sizeof c->small)
        return name;
    for (size_t i = 0; i < name.len; i++)
        c->small[i] = (char)tolower((unsigned char)name.at[i]);
    return (struct span){ c->small, name.len };
}

/* Entries of maps are told apart by 128 bits of a hash with a seed of this process: that two names share them is less
 * likely than a fault of the memory. */
enum ou_status check_note_name(struct file_check *c, const struct walk_value *v)
{
    const struct span name = as_node_sees(c, top(c)->field->children, v->name);
    const XXH128_hash_t hash =
        XXH3_128bits_withSeed(name.at, name.len, hash_seed() + top(c)->number);
    bool is_new = true;
    enum ou_status status = c->names_full ? OU_OK : map_put(&c->names, &hash, NULL, &is_new);

    if (status == OU_TOO_LARGE) {
        c->names_full = true;
        genesis_tell(c->teller, GENESIS_REMARK, &c->names_full, v->line, v->column, "",
                     "from here on it is not looked whether a name stands twice: there are too "
                     "many");
        return OU_OK;
    }
    if (status)
        return ou_fail(c->err, status, "%s: no memory for its names", c->walk.path);
    if (!is_new)
        TELL(c, GENESIS_FAULT, "twice", v, "stands twice in its object; a node takes one of them");
    return OU_OK;
}

/* ---- facts ---- */

void check_note_number(struct file_check *c, enum genesis_role role, struct genesis_number n,
                       uint64_t line, uint64_t column)
{
    c->facts->at[role] = (struct genesis_fact){ true, n, { line, column, 1 } };
}

static enum ou_status fail_without_memory(const struct file_check *c)
{
    return ou_fail(c->err, OU_NO_MEMORY, "%s: no memory for its pools and DReps", c->walk.path);
}

static void note_fund(struct file_check *c, const struct walk_value *v, struct genesis_number n)
{
    c->facts->funds += n.above;
    if (v->name.len > 1 && (v->name.at[1] == '0' || v->name.at[1] == '1') && v->name.at[0] != '8')
        genesis_place_note(&c->facts->addresses[v->name.at[1] - '0'], v->line, v->column);
}

static enum ou_status note_delegation(struct file_check *c, const struct walk_value *v)
{
    uint8_t id[KEY_HASH_BYTES];

    if (!genesis_hex(v->text, sizeof id, id))
        return OU_OK; /* told already */
    return genesis_reference_wanted(&c->facts->pools, id, v->line, v->column)
               ? fail_without_memory(c)
               : OU_OK;
}

static enum ou_status note_vote_delegation(struct file_check *c, const struct walk_value *v)
{
    uint8_t id[GENESIS_CREDENTIAL_BYTES];
    bool named;

    if (!genesis_drep(v->text, &named, id) || !named)
        return OU_OK;
    return genesis_reference_wanted(&c->facts->dreps, id, v->line, v->column)
               ? fail_without_memory(c)
               : OU_OK;
}

static void check_pool_key(struct file_check *c, const struct walk_value *v)
{
    uint8_t key[KEY_HASH_BYTES];

    if (genesis_hex(v->text, sizeof key, key) && memcmp(key, top(c)->id, sizeof key) != 0)
        TELL(c, GENESIS_FAULT, "pool key", v,
             "must be the id of its pool, the name of this object");
}

/* Of a value that is as the table says. */
enum ou_status check_note_value(struct file_check *c, const struct genesis_field *f,
                                const struct walk_value *v, struct genesis_number n)
{
    switch (f->role) {
    case ROLE_NONE: return OU_OK;
    case ROLE_fund: note_fund(c, v, n); return OU_OK;
    case ROLE_pool_key: check_pool_key(c, v); return OU_OK;
    case ROLE_drep_deposit: c->facts->drep_deposits += n.above; return OU_OK;
    case ROLE_reward_network:
        genesis_place_note(&c->facts->rewards[n.above != 0], v->line, v->column);
        return OU_OK;
    case ROLE_delegation: return note_delegation(c, v);
    case ROLE_vote_delegation: return note_vote_delegation(c, v);
    case ROLE_vote_kind:
        top(c)->wants_drep = !span_is(v->text, "DelegStake");
        top(c)->wants_pool = !span_is(v->text, "DelegVote");
        return OU_OK;
    case ROLE_entropy_kind: top(c)->wants_entropy = span_is(v->text, "Nonce"); return OU_OK;
    case ROLE_entropy:
    case ROLE_vote_pool:
    case ROLE_committee_member: return OU_OK;
    default: check_note_number(c, f->role, n, v->line, v->column); return OU_OK;
    }
}

/* Of an entry that begins: its name is as the table says. */
enum ou_status check_note_entry(struct file_check *c, const struct genesis_field *f,
                                const struct walk_value *v)
{
    uint8_t id[GENESIS_CREDENTIAL_BYTES];
    struct genesis_references *r = f->role == ROLE_pool ? &c->facts->pools : &c->facts->dreps;

    c->facts->entries[f->role]++;
    if (f->role != ROLE_pool && f->role != ROLE_drep)
        return OU_OK;
    if (f->role == ROLE_pool ? !genesis_hex(v->name, KEY_HASH_BYTES, id)
                             : !genesis_credential(v->name, id))
        return OU_OK;
    return genesis_reference_there(r, id) ? fail_without_memory(c) : OU_OK;
}
