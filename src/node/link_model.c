#include "node/link_model.h"

#include "base/time.h"

__extension__ typedef unsigned __int128 wide;

/* The time that bytes take on the line, rounded up; as much as an int64_t can say for absurd ones. */
static int64_t sending_ns(uint64_t bytes, uint64_t bytes_per_second)
{
    const wide ns = ((wide)bytes * (wide)NS_PER_SECOND + bytes_per_second - 1) / bytes_per_second;

    return ns > INT64_MAX / 4 ? INT64_MAX / 4 : (int64_t)ns;
}

int64_t link_line_due(struct link_line *line, int64_t now_ns, uint64_t bytes)
{
    if (line->free_ns < now_ns)
        line->free_ns = now_ns;
    if (line->model.bytes_per_second > 0)
        line->free_ns += sending_ns(bytes, line->model.bytes_per_second);
    return line->free_ns + line->model.latency_ns;
}
