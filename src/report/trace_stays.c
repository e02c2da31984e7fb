#include "report/trace_stays.h"

static int64_t after(int64_t at_ns, int64_t delta_ns)
{
    int64_t sum;

    if (at_ns == TIME_NONE || delta_ns == TIME_NONE ||
        __builtin_add_overflow(at_ns, delta_ns, &sum))
        return TIME_NONE;
    return sum;
}

/* The stay reaches over every instant that is known. */
static void widen(struct block_stay *s, int64_t at_ns)
{
    if (at_ns == TIME_NONE)
        return;
    if (s->from_ns == TIME_NONE || at_ns < s->from_ns)
        s->from_ns = at_ns;
    if (s->to_ns == TIME_NONE || at_ns > s->to_ns)
        s->to_ns = at_ns;
}

/* A viewer cannot draw what begins before its predecessor has ended. Returns the phase's index, or -1. */
static int add_phase(struct block_stay *s, const char *name, int64_t from_ns, int64_t to_ns)
{
    const int64_t free_ns = s->phase_count ? s->phases[s->phase_count - 1].to_ns : INT64_MIN;

    widen(s, to_ns);
    if (from_ns == TIME_NONE || to_ns == TIME_NONE)
        return -1;
    widen(s, from_ns);
    if (to_ns < from_ns || from_ns < free_ns) {
        s->left_out++;
        return -1;
    }
    s->phases[s->phase_count] = (struct stay_phase){ name, from_ns, to_ns };
    return (int)s->phase_count++;
}

static struct block_stay begin(uint32_t host)
{
    return (struct block_stay){ .host = host,
                                .sender = NO_HOST,
                                .from_ns = TIME_NONE,
                                .to_ns = TIME_NONE,
                                .leading_ns = TIME_NONE,
                                .announced_ns = TIME_NONE,
                                .sending_ns = TIME_NONE,
                                .fetch = -1 };
}

/* --- Where it was forged ------------------------------------------------------ */

static const char *const loop_names[FORGER_FORGED + 1] = {
    [FORGER_STARTED] = "loop start",
    [FORGER_BLOCK_CONTEXT] = "block context",
    [FORGER_LEDGER_STATE] = "ledger state",
    [FORGER_LEDGER_VIEW] = "ledger view",
    [FORGER_LEADING] = "leadership check",
    [FORGER_TICKED] = "ledger ticking",
    [FORGER_MEMPOOL_SNAPSHOT] = "mempool snapshot",
    [FORGER_FORGED] = "forging",
};

/* The steps of the forge loop, each from the end of the one before; two have another base where that is missing. */
static void add_loop(const struct chain_block *b, struct block_stay *s)
{
    int64_t at_ns[FORGER_FORGED + 1];

    for (int i = 0; i <= FORGER_FORGED; i++) {
        int64_t from_ns = i ? at_ns[i - 1] : b->slot_start_ns;

        if (i == FORGER_LEADING && from_ns == TIME_NONE)
            from_ns = at_ns[FORGER_STARTED];
        if (i == FORGER_FORGED && from_ns == TIME_NONE)
            from_ns = at_ns[FORGER_LEADING];
        at_ns[i] = after(from_ns, b->forger_delta_ns[i]);
        add_phase(s, loop_names[i], at_ns[i] == TIME_NONE ? TIME_NONE : from_ns, at_ns[i]);
    }
    s->leading_ns = at_ns[FORGER_LEADING];
}

bool stay_of_forger(const struct chain_block *b, struct block_stay *ret)
{
    *ret = begin(b->forger);
    if (b->forger == NO_HOST)
        return false;
    ret->forged = true;
    add_loop(b, ret);
    ret->announced_ns = after(b->forged_at_ns, b->forger_delta_ns[FORGER_ANNOUNCED]);
    ret->sending_ns = after(b->forged_at_ns, b->forger_delta_ns[FORGER_SENDING]);
    add_phase(ret, "adoption", b->forged_at_ns,
              after(b->forged_at_ns, b->forger_delta_ns[FORGER_ADOPTED]));
    widen(ret, b->forged_at_ns);
    widen(ret, ret->announced_ns);
    widen(ret, ret->sending_ns);
    return ret->from_ns != TIME_NONE;
}

/* --- Elsewhere ---------------------------------------------------------------- */

bool stay_of_observer(const struct chain_block *b, const struct block_observation *o,
                      struct block_stay *ret)
{
    const int64_t *d = o->delta_ns;
    int64_t noticed = after(b->slot_start_ns, d[OBSERVER_NOTICED]);
    int64_t requested = after(noticed, d[OBSERVER_REQUESTED]);
    int64_t fetched = after(requested, d[OBSERVER_FETCHED]);

    *ret = begin(o->host);
    ret->sender = o->sender;
    ret->announced_ns = after(fetched, d[OBSERVER_ANNOUNCED]);
    ret->sending_ns = after(fetched, d[OBSERVER_SENDING]);
    widen(ret, noticed);
    add_phase(ret, "request", noticed, requested);
    ret->fetch = add_phase(ret, "fetch", requested, fetched);
    add_phase(ret, "adoption", fetched, after(fetched, d[OBSERVER_ADOPTED]));
    widen(ret, after(b->slot_start_ns, o->adoption_ns));
    widen(ret, ret->announced_ns);
    widen(ret, ret->sending_ns);
    return ret->from_ns != TIME_NONE;
}
