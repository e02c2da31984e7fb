#include "cluster_lines.h"

#include <assert.h>
#include <time.h>

#include "cluster_model.h"

#define PIECES_MAX 24
#define MEMPOOL_TXS_MAX 645 /* two full blocks; then transactions wait at the peers */

/* One format of one line: constant text with values between. */
struct piece {
    const char *text;
    uint16_t length;
    char value; /* the letter after %, which follows the text; 0 ends the line */
};

struct layout {
    const char *kind;
    const char *head; /* what stands between the time and the body */
    const char *tail; /* between the body and the thread */
    struct piece pieces[PIECES_MAX];
};

struct line {
    bool relevant;
    uint8_t weight;
    uint16_t thread;
    const char *sev, *ns, *kind, *body, *logger, *legacy_kind, *legacy_body;
};

static const struct line lines[LINE_KINDS] = {
#define LINE(id, relevant, weight, sev, thread, ns, kind, body, logger, legacy_kind, legacy_body) \
    [LINE_##                                                                                      \
        id] = { relevant, weight, thread, sev, ns, kind, body, logger, legacy_kind, legacy_body },
#include "cluster_lines.inc"
#undef LINE
};

static struct layout layouts[LINE_KINDS][2]; /* current, legacy */
static uint8_t background[256];              /* irrelevant kinds, as often as their weight says */
static uint32_t background_count;

/* --- Preparing the table --- */

static void cut_into_pieces(const char *body, struct layout *ret)
{
    struct piece *p = ret->pieces;
    size_t length = strcspn(body, "%");

    for (; body[length]; length = strcspn(body, "%")) {
        *p++ = (struct piece){ body, (uint16_t)length, body[length + 1] };
        assert(p < ret->pieces + PIECES_MAX);
        body += length + 2;
    }
    *p = (struct piece){ body, (uint16_t)length, 0 };
}

static char *join(const char *before, const char *name, const char *after)
{
    char *text = NULL;

    if (asprintf(&text, "%s%s%s", before, name, after) < 0) {
        fputs("cluster-logs: out of memory\n", stderr);
        exit(1);
    }
    return text;
}

static void prepare_current(const struct line *l, struct layout *ret)
{
    ret->kind = l->kind;
    ret->head = join("\",\"ns\":\"", l->ns, "\",\"data\":");
    ret->tail = join(",\"sev\":\"", l->sev, "\",\"thread\":\"");
    cut_into_pieces(l->body, ret);
}

/* Legacy forge traces come wrapped. */
static bool is_wrapped(const struct line *l)
{
    return strcmp(l->logger, "Forge") == 0;
}

static void prepare_legacy(const struct line *l, struct layout *ret)
{
    ret->kind = l->legacy_kind;
    ret->head =
        is_wrapped(l) ? "\",\"data\":{\"credentials\":\"Cardano\",\"val\":" : "\",\"data\":";
    ret->tail = is_wrapped(l) ? "},\"env\":\"8.1.1:ea2c0\",\"host\":\""
                              : ",\"env\":\"8.1.1:ea2c0\",\"host\":\"";
    cut_into_pieces(l->legacy_body ? l->legacy_body : l->body, ret);
}

void lines_prepare(void)
{
    for (uint32_t i = 0; i < LINE_KINDS; i++) {
        prepare_current(&lines[i], &layouts[i][0]);
        if (lines[i].logger)
            prepare_legacy(&lines[i], &layouts[i][1]);
        for (uint32_t n = 0; n < lines[i].weight; n++)
            background[background_count++] = (uint8_t)i;
    }
}

bool line_is_relevant(enum line_kind kind)
{
    return lines[kind].relevant;
}

bool line_has_legacy(enum line_kind kind)
{
    return lines[kind].logger;
}

enum line_kind lines_pick_background(struct log_state *s, bool relevant)
{
    static const uint8_t exchange[] = { LINE_TXS_COLLECTED, LINE_ADDED_TX, LINE_TXS_PROCESSED };
    enum line_kind kind;

    if (!relevant) {
        do
            kind = background[random_below(&s->random, background_count)];
        while (s->host->legacy && !line_has_legacy(kind));
        return kind;
    }
    if (s->tx_step == 0 && s->host->link_count)
        s->tx_link = random_below(&s->random, s->host->link_count);
    kind = exchange[s->tx_step];
    s->tx_step = (s->tx_step + 1) % 3;
    if (kind == LINE_ADDED_TX && random_below(&s->random, 200) == 0)
        return LINE_REJECTED_TX;
    return kind;
}

/* --- Values --- */

static void put_point(const struct cluster *c, int32_t block, struct text *out)
{
    if (block == NO_BLOCK) {
        text_puts(out, "Genesis");
        return;
    }
    text_put(out, c->blocks[block].hash, 64);
    text_put(out, "@", 1);
    text_number(out, c->blocks[block].slot);
}

static void put_hash(const struct cluster *c, int32_t block, struct text *out)
{
    if (block == NO_BLOCK)
        text_puts(out, "GenesisHash");
    else
        text_put(out, c->blocks[block].hash, 64);
}

static void put_select_view(const struct cluster *c, int32_t block, struct text *out)
{
    const struct block *b;

    if (block == NO_BLOCK) {
        text_puts(out, "null");
        return;
    }
    b = &c->blocks[block];
    text_puts(out, "{\"chainLength\":");
    text_number(out, b->number);
    text_puts(out, ",\"issueNo\":0,\"issuerHash\":\"");
    text_put(out, b->issuer, sizeof b->issuer);
    text_puts(out, "\",\"kind\":\"PraosChainSelectView\",\"slotNo\":");
    text_number(out, b->slot);
    text_puts(out, ",\"tieBreakVRF\":\"");
    text_put(out, b->vrf, sizeof b->vrf);
    text_puts(out, "\"}");
}

/* Every peer with the reason why nothing is fetched from it. */
static void put_fetch_decisions(struct log_state *s, struct text *out)
{
    static const char *const reasons[] = { "FetchDeclineChainNotPlausible",
                                           "FetchDeclineAlreadyFetched",
                                           "FetchDeclineInFlightThisPeer" };

    for (uint32_t i = 0; i < s->host->link_count; i++) {
        text_puts(out, i ? ",{\"declined\":\"" : "{\"declined\":\"");
        text_puts(out, reasons[random_below(&s->random, 3)]);
        text_puts(out, "\",\"kind\":\"FetchDecision declined\",\"peer\":");
        text_puts(out, s->host->links[i].peer);
        text_put(out, "}", 1);
    }
}

/* The transactions that a new tip takes out of the mempool. */
static void put_removed(struct log_state *s, const struct log_event *e, struct text *out)
{
    uint32_t txs = s->cluster->blocks[e->block].txs;

    for (uint32_t i = 0; i < txs; i++) {
        text_puts(out, i ? ",{\"txid\":\"" : "{\"txid\":\"");
        text_random_hex(out, &s->random, 8);
        text_puts(out, "\"}");
    }
}

/* A second passes: the process's counters move on. Now and then it computes for
 * some seconds on end, which gives the CPU spans. */
static void advance_counters(struct log_state *s)
{
    struct random *r = &s->random;
    bool busy = s->spike_left;

    if (!busy && random_below(r, 180) == 0)
        s->spike_left = 2 + random_below(r, 12);
    s->spike_left -= busy;
    s->uptime_s++;
    s->gc += random_below(r, 2) + (busy ? 10 : 0);
    s->cpu += 3 + random_below(r, 7) + (busy ? 90 : 0);
    s->minor_gcs += random_below(r, 3);
    s->major_gcs += random_below(r, 600) == 0;
    s->alloc += (30 + random_below(r, 60)) << 20;
    s->net_in += 20000 + random_below(r, 90000);
    s->net_out += 20000 + random_below(r, 90000);
    s->fs_out += 100000 + random_below(r, 300000);
}

static void put_member(struct text *out, const char *name, uint64_t value)
{
    text_puts(out, name);
    text_number(out, value);
}

static void put_resources(struct log_state *s, struct text *out)
{
    uint64_t live, heap;

    advance_counters(s);
    live = (UINT64_C(3000) << 20) + s->uptime_s * 9000 + random_below(&s->random, 40 << 20);
    heap = (UINT64_C(6800) << 20) + (s->uptime_s / 64 << 20);
    put_member(out, "{\"Alloc\":", s->alloc);
    put_member(out, ",\"CentiBlkIO\":", s->uptime_s / 40);
    put_member(out, ",\"CentiCpu\":", s->cpu);
    put_member(out, ",\"CentiGC\":", s->gc);
    put_member(out, ",\"CentiMut\":", s->cpu - s->gc);
    put_member(out, ",\"FsRd\":", 4096 * (s->uptime_s / 16));
    put_member(out, ",\"FsWr\":", s->fs_out);
    put_member(out, ",\"GcsMajor\":", s->major_gcs);
    put_member(out, ",\"GcsMinor\":", s->minor_gcs);
    put_member(out, ",\"Heap\":", heap);
    put_member(out, ",\"Live\":", live);
    put_member(out, ",\"NetRd\":", s->net_in);
    put_member(out, ",\"NetWr\":", s->net_out);
    put_member(out, ",\"RSS\":", heap + (UINT64_C(68) << 20));
    text_puts(out, s->host->legacy ? ",\"Threads\":14,\"kind\":\"Resources\"}"
                                   : ",\"Threads\":14,\"kind\":\"ResourceStats\"}");
}

/* Of a block on top of this one. */
static uint32_t next_number(const struct cluster *c, int32_t block)
{
    return block == NO_BLOCK ? 0 : c->blocks[block].number + 1;
}

static void put_density(const struct log_state *s, const struct log_event *e, struct text *out)
{
    double blocks = next_number(s->cluster, e->block);

    text_put(out, "0", 1);
    text_fraction(out, (uint64_t)(blocks / (e->slot + 1) * 1e9), 9);
}

static void put_delay(const struct log_state *s, const struct log_event *e, struct text *out)
{
    uint64_t ns = (uint64_t)(e->at_ns - s->cluster->blocks[e->block].slot * CLUSTER_NS);

    text_number(out, ns / CLUSTER_NS);
    text_fraction(out, ns % CLUSTER_NS, 9);
}

/* Values of a tip, which may be genesis. False when the letter is none of them. */
static bool put_tip_value(struct log_state *s, const struct log_event *e, char letter,
                          struct text *out)
{
    const struct cluster *c = s->cluster;

    switch (letter) {
    case 'B': put_hash(c, e->block, out); return true;
    case 't': put_point(c, e->block, out); return true;
    case 'n': text_number(out, next_number(c, e->block)); return true;
    case 'w': put_select_view(c, e->block, out); return true;
    case 'C': put_density(s, e, out); return true;
    default: return false;
    }
}

/* Values of a block. False when the letter is none of them, or there is no block. */
static bool put_block_value(struct log_state *s, const struct log_event *e, char letter,
                            struct text *out)
{
    const struct cluster *c = s->cluster;
    const struct block *b;

    if (e->block == NO_BLOCK)
        return false;
    b = &c->blocks[e->block];
    switch (letter) {
    case 'P': put_hash(c, b->parent, out); return true;
    case 'q': put_point(c, b->parent, out); return true;
    case 'N': text_number(out, b->number); return true;
    case 'S': text_number(out, b->slot); return true;
    case 'Z': text_number(out, b->size_bytes); return true;
    case 'I': text_put(out, b->issuer, sizeof b->issuer); return true;
    case 'o': put_select_view(c, b->parent, out); return true;
    case 'D': put_delay(s, e, out); return true;
    case 'X': put_removed(s, e, out); return true;
    default: return false;
    }
}

/* B hash, P parent's hash, q parent's point, t point, n number of the next
 * block, N number, S slot, Z size, I issuer, w and o select view of block and
 * parent, D delay since its slot began, C chain density, X its transactions;
 * s slot of the clock, c length, k kind, p peer, F fetch decisions, R resources,
 * U size of the UTxO set, m and M mempool transactions and bytes;
 * x, H 8 and 64 random hexadecimal digits, r 6 random digits, 1 one digit. */
static void put_value(struct log_state *s, const struct log_event *e, char letter, struct text *out)
{
    switch (letter) {
    case 's': text_number(out, e->slot); break;
    case 'c': text_number(out, e->length); break;
    case 'k': text_puts(out, layouts[e->line][s->host->legacy].kind); break;
    case 'p': text_puts(out, s->host->links[e->link].peer); break;
    case 'F': put_fetch_decisions(s, out); break;
    case 'R': put_resources(s, out); break;
    case 'U': text_number(out, 4000000 + e->slot / 3); break;
    case 'm': text_number(out, s->mempool_txs); break;
    case 'M': text_number(out, s->mempool_txs * UINT64_C(293)); break;
    case 'x': text_random_hex(out, &s->random, 8); break;
    case 'H': text_random_hex(out, &s->random, 64); break;
    case 'r': text_number(out, 100000 + random_below(&s->random, 900000)); break;
    case '1': text_number(out, 1 + random_below(&s->random, 9)); break;
    default:
        if (!put_tip_value(s, e, letter, out) && !put_block_value(s, e, letter, out)) {
            fprintf(stderr, "cluster-logs: %%%c in a line means nothing here\n", letter);
            abort();
        }
    }
}

/* --- Lines --- */

static void put_time(struct log_state *s, int64_t at_ns, struct text *out)
{
    int64_t at_s = at_ns / CLUSTER_NS;

    if (s->date_s != at_s || !s->date[0]) {
        time_t t = (time_t)(CLUSTER_SYSTEM_START_S + at_s);
        struct tm tm;

        strftime(s->date, sizeof s->date, "%Y-%m-%dT%H:%M:%S", gmtime_r(&t, &tm));
        s->date_s = at_s;
    }
    text_put(out, s->date, 19);
    text_fraction(out, (uint64_t)(at_ns % CLUSTER_NS), s->host->legacy ? 2 : 9);
    text_put(out, "Z", 1);
}

/* What a line changes before it is written. */
static void follow(struct log_state *s, const struct log_event *e)
{
    uint32_t removed;

    switch (e->line) {
    case LINE_ADDED_TX: s->mempool_txs += s->mempool_txs < MEMPOOL_TXS_MAX; break;
    case LINE_REMOVED_TXS:
        removed = s->cluster->blocks[e->block].txs;
        s->mempool_txs -= removed < s->mempool_txs ? removed : s->mempool_txs;
        break;
    case LINE_STARTED:
        s->uptime_s = s->cpu = s->gc = s->major_gcs = s->minor_gcs = s->alloc = 0;
        s->net_in = s->net_out = s->fs_out = 0;
        s->mempool_txs = s->spike_left = 0;
        break;
    default: break;
    }
}

static void put_body(struct log_state *s, const struct log_event *e, const struct piece *p,
                     struct text *out)
{
    for (;; p++) {
        text_put(out, p->text, p->length);
        if (!p->value)
            return;
        put_value(s, e, p->value, out);
    }
}

static void put_current(struct log_state *s, const struct log_event *e, struct text *out)
{
    const struct layout *l = &layouts[e->line][0];

    text_puts(out, "{\"at\":\"");
    put_time(s, e->at_ns, out);
    text_puts(out, l->head);
    put_body(s, e, l->pieces, out);
    text_puts(out, l->tail);
    text_number(out, lines[e->line].thread + 8u * e->link);
    text_puts(out, "\",\"host\":\"");
    text_puts(out, s->host->name);
    text_puts(out, "\"}\n");
}

static void put_legacy(struct log_state *s, const struct log_event *e, struct text *out)
{
    const struct layout *l = &layouts[e->line][1];

    text_puts(out, "{\"app\":[],\"at\":\"");
    put_time(s, e->at_ns, out);
    text_puts(out, l->head);
    put_body(s, e, l->pieces, out);
    text_puts(out, l->tail);
    text_put(out, s->host->name, strnlen(s->host->name, 8)); /* legacy tracing cuts it there */
    text_puts(out, "\",\"loc\":null,\"msg\":\"\",\"ns\":[\"cardano.node.");
    text_puts(out, lines[e->line].logger);
    text_puts(out, "\"],\"pid\":\"4711\",\"sev\":\"");
    text_puts(out, lines[e->line].sev);
    text_puts(out, "\",\"thread\":\"");
    text_number(out, lines[e->line].thread + 8u * e->link);
    text_puts(out, "\"}\n");
}

void lines_put(struct log_state *s, const struct log_event *e, struct text *out)
{
    follow(s, e);
    (s->host->legacy ? put_legacy : put_current)(s, e, out);
}
