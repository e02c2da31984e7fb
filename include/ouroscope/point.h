/* Declaring trace points.
 *
 * A trace point is declared once, in a header or at the top of a file:
 *
 *     #define BLOCK_FORGED_FIELDS(F)                                             \
 *         F(u64,  slot,  "slot",  OU_DMINIMAL, "the slot the block is for")      \
 *         F(hash, block, "block", OU_DMINIMAL, "the block's hash")
 *
 *     OU_TRACE_POINT(block_forged, "Forge.Loop.ForgedBlock", OU_INFO, OU_PUBLIC,
 *                    BLOCK_FORGED_FIELDS, "A block was forged.",
 *                    .kind = "TraceForgedBlock", .human = "forged {block} in slot {slot}")
 *
 * and traced with `OU_TRACE(block_forged, slot, hash)` (trace.h). From the one
 * declaration come the call with its typed parameters, the JSON and the human
 * form, the metrics, the check of the configuration, and the documentation.
 *
 * A row of fields is F(type, name, path, detail, documentation):
 *   type    one of OU_FIELD_TYPES below
 *   name    of the parameter
 *   path    where the value stands in `data`: "slot", or "mempoolSize.bytes" for a member of
 *           an object in it; two levels at most
 *   detail  the least detail at which the field is shown; OU_HUMAN_ONLY: in {name} of
 *           the human form only
 *
 * Behind the documentation follow members of struct ou_point, as wanted.
 *
 * The header may be included by any number of files: the linker keeps one copy
 * of a point for a program, and one for each shared library. */
#ifndef OUROSCOPE_POINT_H
#define OUROSCOPE_POINT_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ouroscope/status.h>

/* In syslog's order and with its names, from the lowest up. A message passes when its
 * severity is not below the configured one; OU_SILENCE, which is never a
 * message's, lets nothing pass. */
enum ou_severity {
    OU_DEBUG,
    OU_INFO,
    OU_NOTICE,
    OU_WARNING,
    OU_ERROR,
    OU_CRITICAL,
    OU_ALERT,
    OU_EMERGENCY,
    OU_SILENCE,
};

/* A confidential message is not forwarded to other machines. */
enum ou_privacy { OU_PUBLIC, OU_CONFIDENTIAL };

enum ou_detail { OU_DMINIMAL, OU_DNORMAL, OU_DDETAILED, OU_DMAXIMUM, OU_HUMAN_ONLY };

/* --- Values ------------------------------------------------------------- */

/* Values that mean "not known": the member is left out. Pointers say it with NULL, reals with
 * NAN. */
#define OU_NO_U64 UINT64_MAX
#define OU_NO_I64 INT64_MIN

#define OU_HASH_BYTES 32

/* A block by its place: hash NULL is the origin of the chain. */
struct ou_chain_point {
    uint64_t slot;
    const uint8_t *hash; /* OU_HASH_BYTES */
};

/* The two ends of a connection, each as "address:port". */
struct ou_peer {
    const char *local, *remote;
};

struct ou_hashes {
    const uint8_t *at; /* count times OU_HASH_BYTES */
    uint32_t count;
};

struct ou_header {
    uint64_t number, slot;
    const uint8_t *hash; /* OU_HASH_BYTES */
};

struct ou_headers {
    const struct ou_header *at;
    uint32_t count;
};

/* Longest text, in bytes, and longest list that a record holds; what is above is cut, and
 * ends in "..." or counts as unshown. */
#define OU_TEXT_MAX 16384
#define OU_LIST_MAX 1024

/* X(type, C type, what it is in JSON) */
#define OU_FIELD_TYPES(X)                                                                   \
    X(u64, uint64_t, "a number; left out when OU_NO_U64")                                   \
    X(i64, int64_t, "a number; left out when OU_NO_I64")                                    \
    X(f64, double, "a number; left out when it is no number")                               \
    X(digits, uint64_t, "a number written as a string")                                     \
    X(boolean, bool, "true or false")                                                       \
    X(flag, bool, "true, or left out")                                                      \
    X(text, const char *, "a string; left out when NULL")                                   \
    X(json, const char *, "JSON text of the caller's, put in as it is; left out when NULL") \
    X(hash, const uint8_t *, "32 bytes in hex, 7 digits of it at DMinimal")                 \
    X(parent, const uint8_t *, "likewise; GenesisHash when NULL")                           \
    X(txid, const uint8_t *, "the first 8 hex digits")                                      \
    X(point, const struct ou_chain_point *, "\"hash@slot\", or Genesis")                    \
    X(block, const struct ou_chain_point *, "an object of hash, kind and slot")             \
    X(peer, const struct ou_peer *, "an object: {\"connectionId\":\"local remote\"}")       \
    X(hashes, const struct ou_hashes *, "an array of hashes in hex")                        \
    X(txids, const struct ou_hashes *, "an array of objects with a txid of 8 digits")       \
    X(headers, const struct ou_headers *, "an array of objects that describe headers")

enum ou_type {
#define X(type, c_type, help) OU_TYPE_##type,
    OU_FIELD_TYPES(X)
#undef X
        OU_TYPES,
};

#define X(type, c_type, help) typedef c_type ou_c_##type;
OU_FIELD_TYPES(X)
#undef X

/* --- What a declaration becomes ------------------------------------------- */

struct ou_field {
    enum ou_type type;
    enum ou_detail detail;
    const char *name, *path, *help;
};

#define OU_FIELDS_MAX 24

enum ou_metric_kind {
    OU_GAUGE,   /* an integer that is set; named NAME_int */
    OU_REAL,    /* a real that is set; NAME_real */
    OU_COUNTER, /* what is added up; NAME_counter */
    OU_LABEL,   /* a text, shown as the label of a constant 1 */
};

/* A metric that a point feeds, whatever the configuration silences or limits. */
struct ou_metric {
    enum ou_metric_kind kind;
    const char *name; /* NULL ends the list; the configured prefix goes before it */
    const char *help;
    int field; /* OU_FIELD(point, name) of the value; -1 for a counter of messages */
};

/* In the older layout, of a system whose lines name only a logger; the event is the `kind`
 * in `data`. Messages of a Cardano node need not say it: the library knows their names. */
struct ou_legacy_name {
    const char *logger; /* without its "cardano.node."; NULL: the node's, or as the name begins */
    const char *kind;   /* NULL: the node's, or like struct ou_point's */
    bool wrapped;       /* in {"credentials":"Cardano","val":...} */
};

/* The bits of ou_point.state; all zero: the point is off. */
#define OU_STATE_RECORD 1u /* some backend, metric or fold wants it */
#define OU_STATE_LEGACY 2u /* it is written at once, by the caller */
#define OU_STATE_DETAIL 8  /* shift of the configured detail */

struct ou_point {
    uint32_t size;          /* of this struct, as its maker knew it; it grows at the end only */
    _Atomic uint32_t state; /* OU_STATE_...; relaxed: the library's configuration writes it */
    const char *ns;         /* the full name, dotted */
    enum ou_severity severity;
    enum ou_privacy privacy;
    const struct ou_field *fields;
    uint32_t field_count;
    const char *help; /* sentences for the documentation */
    void *runtime;    /* the library's; owned by it */

    const char *kind;                /* the member `kind` of data; NULL: none */
    const char *human;               /* one line with {name} for each field; NULL: data as JSON */
    enum ou_detail empty_below;      /* data is {} below this detail */
    const struct ou_metric *metrics; /* NULL, or ended by a zeroed one */
    struct ou_legacy_name legacy;
    const char *former;    /* its name in 2023, where it had another; NULL: the node's */
    const char *early;     /* its name in the first iteration of 2021/22; likewise */
    const char *constants; /* further members of data, "path=text" in lines, each a string */
};

/* --- Records --------------------------------------------------------------
 *
 * What a call leaves in its thread's ring. Sizes are multiples of 8:
 *
 *     0        8         16       20     24
 *     | stamp  |  point  | bytes  | -    | fields, in the order of declaration |
 *
 * stamp counts ticks of ou_ticks(); bytes is the whole record. A u64, i64, f64
 * takes 8 bytes, and so do truth values; a hash 32; a chain point 8 and 32; a
 * text its length in 4 and its bytes; a peer two texts; a list its count in 4
 * (and 4 unused), then its items, a header as number, slot and hash. Unknown values are stored as: OU_NO_...; NAN;
 * a hash of zeros; a length or count of UINT32_MAX; the slot OU_NO_U64. */

struct ou_record {
    uint64_t stamp;
    const struct ou_point *point;
    uint32_t bytes;
    uint32_t unused;
};

/* The part of a thread's ring that its own thread uses. Positions count the
 * bytes since the ring began; a record never wraps around its end. limit and busy are
 * atomic, relaxed, because a ring goes from a thread that ended to another. */
struct ou_ring {
    char *data;
    uint64_t mask;              /* bytes - 1 */
    uint64_t head;              /* where the next record goes */
    _Atomic uint64_t limit;     /* no look at the reader before this; it may lower it */
    _Atomic uint64_t published; /* the reader may go up to here (release; its acquire) */
    _Atomic uint32_t busy;      /* between reserve and commit: not 0 */
    _Atomic uint32_t thread;    /* the kernel's number of the thread */
};

extern OU_API __thread struct ou_ring *ou_ring_here __attribute__((tls_model("initial-exec")));

/* The way round when the ring has no room, is in use by the code that a signal
 * interrupted, or does not exist. NULL: the record is dropped, and counted. */
OU_API struct ou_record *ou_reserve_slow(const struct ou_point *point, uint32_t state,
                                         size_t bytes);
OU_API void ou_commit_legacy(struct ou_record *record);

/* Registers what a program or shared library declares; called by it when it
 * is loaded and unloaded. Pointers may occur twice. */
OU_API void ou_points_register(struct ou_point *const *from, struct ou_point *const *to);
OU_API void ou_points_unregister(struct ou_point *const *from, struct ou_point *const *to);

#include <ouroscope/record.h>

/* --- The macro -------------------------------------------------------------- */

/* In the list from which a program registers its points. Some linkers throw such a list away
 * (lld with --gc-sections) unless it is to be retained. */
#if defined(__has_attribute)
#if __has_attribute(retain)
#define OU_LISTED_ __attribute__((used, retain, section("ou_points")))
#endif
#endif
#ifndef OU_LISTED_
#define OU_LISTED_ __attribute__((used, section("ou_points")))
#endif

#define OU_TRACE_POINT(...) OU_TRACE_POINT_(__VA_ARGS__, .size = sizeof(struct ou_point))

/* The call is a function of its own: where it stands, a point that is off
 * costs one load and a branch, and few bytes. */
#define OU_TRACE_POINT_(name_, ns_, severity_, privacy_, FIELDS, help_, ...)         \
    struct ou_index_##name_ {                                                        \
        FIELDS(OU_F_INDEX_)                                                          \
        char ou_end_;                                                                \
    };                                                                               \
    static const struct ou_field ou_fields_##name_[] = { FIELDS(OU_F_FIELD_){        \
        OU_TYPES, OU_HUMAN_ONLY, NULL, NULL, NULL } };                               \
    _Static_assert(sizeof(struct ou_index_##name_) - 1 <= OU_FIELDS_MAX,             \
                   #name_ " has more than OU_FIELDS_MAX fields");                    \
    __attribute__((weak, visibility("hidden"))) struct ou_point ou_point_##name_ = { \
        .ns = (ns_),                                                                 \
        .severity = (severity_),                                                     \
        .privacy = (privacy_),                                                       \
        .fields = ou_fields_##name_,                                                 \
        .field_count = sizeof(struct ou_index_##name_) - 1,                          \
        .help = (help_),                                                             \
        __VA_ARGS__                                                                  \
    };                                                                               \
    static struct ou_point *const ou_listed_##name_ OU_LISTED_ = &ou_point_##name_;  \
    __attribute__((noinline, unused)) static void ou_emit_##name_(                   \
        uint32_t ou_state FIELDS(OU_F_PARAMETER_), int ou_end)                       \
    {                                                                                \
        size_t ou_bytes = sizeof(struct ou_record);                                  \
        struct ou_record *ou_it;                                                     \
        char *ou_at;                                                                 \
                                                                                     \
        FIELDS(OU_F_SIZE_)                                                           \
        ou_it = ou_reserve(&ou_point_##name_, ou_state, ou_bytes);                   \
        if (!ou_it)                                                                  \
            return;                                                                  \
        ou_at = (char *)(ou_it + 1);                                                 \
        FIELDS(OU_F_PUT_)                                                            \
        (void)ou_at, (void)ou_end;                                                   \
        ou_commit(ou_it, ou_state);                                                  \
    }                                                                                \
    struct ou_index_##name_ /* so that a semicolon may follow */

/* The number of a field of a point: a constant. */
#define OU_FIELD(point_, name_) ((int)offsetof(struct ou_index_##point_, name_))

/* Points without fields. */
#define OU_NO_FIELDS(F)

/* `.metrics = OU_METRICS({ OU_GAUGE, "slotNum", "the tip's slot", OU_FIELD(tip, slot) }, ...)` */
#define OU_METRICS(...)              \
    (const struct ou_metric[])       \
    {                                \
        __VA_ARGS__,                 \
        {                            \
            OU_GAUGE, NULL, NULL, -1 \
        }                            \
    }

#define OU_F_INDEX_(type, name, path, detail, help) char name;
#define OU_F_FIELD_(type, name, path, detail, help) { OU_TYPE_##type, detail, #name, path, help },
#define OU_F_PARAMETER_(type, name, path, detail, help) , ou_c_##type name
#define OU_F_SIZE_(type, name, path, detail, help)                                 \
    const ou_c_##type ou_value_of_##name = ou_wanted_##type(                       \
        name, (detail) == OU_HUMAN_ONLY || (detail) <= ou_state_detail(ou_state)); \
    const uint64_t ou_len_of_##name = ou_len_##type(ou_value_of_##name);           \
    ou_bytes += ou_size_##type(ou_len_of_##name);
#define OU_F_PUT_(type, name, path, detail, help) \
    ou_at = ou_put_##type(ou_at, ou_value_of_##name, ou_len_of_##name);

/* --- Registration, once for each program or shared library --------------------- */

extern struct ou_point *const __start_ou_points[] __attribute__((weak, visibility("hidden")));
extern struct ou_point *const __stop_ou_points[] __attribute__((weak, visibility("hidden")));
__attribute__((weak, visibility("hidden"))) unsigned ou_points_users;

__attribute__((constructor, used)) static void ou_points_enter(void)
{
    if (ou_points_users++ == 0)
        ou_points_register(__start_ou_points, __stop_ou_points);
}

__attribute__((destructor, used)) static void ou_points_leave(void)
{
    if (--ou_points_users == 0)
        ou_points_unregister(__start_ou_points, __stop_ou_points);
}

#endif
