#include "cluster/silence.h"

enum silence_news silence_look(struct silence *s, int64_t seen_ns, int64_t now_ns,
                               int64_t patience_ns, int64_t *ret_for_ns)
{
    if (!s->since_ns && now_ns - seen_ns > patience_ns) {
        s->since_ns = seen_ns;
        *ret_for_ns = now_ns - seen_ns;
        return SILENCE_BEGUN;
    }
    if (s->since_ns && seen_ns > s->since_ns) {
        *ret_for_ns = seen_ns - s->since_ns;
        s->since_ns = 0;
        return SILENCE_OVER;
    }
    return SILENCE_NO_NEWS;
}
