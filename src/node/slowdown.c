#include "node/slowdown.h"

#include "base/time.h"

int64_t slowdown_wait_ns(double percent, int64_t since_slot_ns)
{
    if (since_slot_ns <= 0 || since_slot_ns > SLOWDOWN_REACH_NS)
        return 0;
    return (int64_t)((double)since_slot_ns * percent / 100);
}

enum ou_status slowdown_start(struct slowdown *s, uv_loop_t *loop, const struct slot_clock *clock,
                              double percent, void (*resume)(void *context), void *context,
                              struct ou_error *err)
{
    enum ou_status status = OU_OK;

    *s = (struct slowdown){ .clock = clock };
    if (percent > 0)
        status = sharp_timer_open(&s->timer, loop, CLOCK_REALTIME, resume, context, err);
    if (!status)
        s->percent = percent;
    return status;
}

static void on_closed(void *context)
{
    (void)context; /* the memory is the owner's */
}

void slowdown_stop(struct slowdown *s)
{
    if (s->percent > 0)
        sharp_timer_close(&s->timer, on_closed);
    s->percent = 0;
}

/* The wait is fixed when the block is first asked about, which is just after it was stored. */
static void hold(struct slowdown *s, const struct chain_block *block, int64_t now_ns)
{
    int64_t start_ns = now_ns;

    slot_start(s->clock, block->facts.view.slot, &start_ns);
    s->held = block;
    s->until_ns = now_ns + slowdown_wait_ns(s->percent, now_ns - start_ns);
    if (s->until_ns > now_ns)
        sharp_timer_set(&s->timer, s->until_ns);
}

bool slowdown_holds(struct slowdown *s, const struct chain_block *next)
{
    int64_t now_ns;

    if (!next || !(s->percent > 0))
        return false;
    now_ns = time_wall_ns();
    if (next != s->held)
        hold(s, next, now_ns);
    return now_ns < s->until_ns;
}
