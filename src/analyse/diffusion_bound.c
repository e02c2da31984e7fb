#include "analyse/diffusion_bound.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LIGHT_KM_PER_S 299792.458
#define FIBRE_REFRACTION 1.4667
#define EARTH_RADIUS_KM 6371.0088
#define RADIANS_PER_DEGREE (M_PI / 180)
#define MATHIS 1.22

const struct diffusion_rules diffusion_open_window = { .segment_bytes = 1460,
                                                       .initial_window = 10 };

/* --- One hop --------------------------------------------------------------- */

/* After W rounds initial * (2^W - 1) bytes are sent. Counted, not by logarithm: a
 * body of just that size must not need another round for a rounding error. */
unsigned diffusion_rounds(const struct diffusion_rules *rules, double bytes)
{
    double window = rules->initial_window * rules->segment_bytes, sent = window;
    unsigned rounds = 1;

    while (sent < bytes) {
        window *= 2;
        sent += window;
        rounds++;
    }
    return rounds;
}

double diffusion_window_segments(const struct diffusion_rules *rules, double bytes)
{
    return ceil(bytes / rules->segment_bytes);
}

double diffusion_loss_rate(const struct diffusion_rules *rules, double rtt_s, double loss)
{
    return MATHIS * rules->segment_bytes / (rtt_s * sqrt(loss));
}

/* The round trips beyond the first one. */
static double further_rounds(const struct diffusion_rules *rules, double bytes)
{
    double rounds = rules->cold ? diffusion_rounds(rules, bytes) : 1;
    double segments = diffusion_window_segments(rules, bytes);

    if (rules->window_segments > 0)
        rounds = fmax(rounds, ceil(segments / rules->window_segments));
    return rounds - 1;
}

static double limit(double bytes_per_second)
{
    return bytes_per_second > 0 ? bytes_per_second : INFINITY;
}

double diffusion_hop_s(const struct diffusion_rules *rules, const struct diffusion_link *link,
                       double bytes)
{
    double rate =
        fmin(limit(link->bytes_per_second), diffusion_loss_rate(rules, link->rtt_s, link->loss));

    return (1.5 + further_rounds(rules, bytes)) * link->rtt_s + bytes / rate;
}

double diffusion_uplink_wait_s(double bytes, double j, double bytes_per_second)
{
    return bytes * j / limit(bytes_per_second);
}

/* --- The network ------------------------------------------------------------- */

static int by_origin(const void *a, const void *b)
{
    const struct diffusion_link *x = a, *y = b;

    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    return (x->to > y->to) - (x->to < y->to);
}

enum ou_status diffusion_net_init(struct diffusion_net *net, uint32_t hosts,
                                  const struct diffusion_link *links, size_t link_count)
{
    size_t at = 0;

    *net = (struct diffusion_net){ .rules = diffusion_open_window, .hosts = hosts };
    net->links = calloc(link_count + 1, sizeof(*net->links));
    net->first = calloc((size_t)hosts + 1, sizeof(*net->first));
    net->settled = calloc((size_t)hosts + 1, sizeof(*net->settled));
    if (!net->links || !net->first || !net->settled) {
        diffusion_net_release(net);
        return OU_NO_MEMORY;
    }
    if (link_count > 0)
        memcpy(net->links, links, link_count * sizeof(*links));
    qsort(net->links, link_count, sizeof(*net->links), by_origin);
    for (uint32_t host = 0; host <= hosts; host++) {
        while (at < link_count && net->links[at].from < host)
            at++;
        net->first[host] = at;
    }
    return OU_OK;
}

void diffusion_net_release(struct diffusion_net *net)
{
    free(net->links);
    free(net->first);
    free(net->settled);
    *net = (struct diffusion_net){ 0 };
}

/* --- The shortest paths --------------------------------------------------------- */

/* The link's bytes go through the uplink, too, at its rate at most. */
static double offer_s(const struct diffusion_net *net, const struct diffusion_link *link,
                      double bytes)
{
    struct diffusion_link through = *link;
    double check_s = net->check_s ? net->check_s[link->to] : 0;

    if (net->uplink_bytes_per_second)
        through.bytes_per_second =
            fmin(limit(link->bytes_per_second), limit(net->uplink_bytes_per_second[link->from]));
    return diffusion_hop_s(&net->rules, &through, bytes) + check_s;
}

/* The nearest host that is not settled yet and can be reached; net->hosts when there is none. */
static uint32_t nearest(const struct diffusion_net *net, const double *times_s)
{
    uint32_t best = net->hosts;

    for (uint32_t i = 0; i < net->hosts; i++)
        if (!net->settled[i] && isfinite(times_s[i]) &&
            (best == net->hosts || times_s[i] < times_s[best]))
            best = i;
    return best;
}

/* Dijkstra's, without a heap: clusters have tens of hosts, and many links each. */
void diffusion_times(struct diffusion_net *net, uint32_t source, double bytes, double *ret_s)
{
    uint32_t u;

    for (uint32_t i = 0; i < net->hosts; i++) {
        net->settled[i] = false;
        ret_s[i] = INFINITY;
    }
    ret_s[source] = 0;
    while ((u = nearest(net, ret_s)) != net->hosts) {
        net->settled[u] = true;
        for (size_t i = net->first[u]; i < net->first[u + 1]; i++) {
            uint32_t v = net->links[i].to;

            if (!net->settled[v])
                ret_s[v] = fmin(ret_s[v], ret_s[u] + offer_s(net, &net->links[i], bytes));
        }
    }
}

/* --- The ground ------------------------------------------------------------------ */

double diffusion_fibre_rtt_s(double km)
{
    return 2 * km * FIBRE_REFRACTION / LIGHT_KM_PER_S;
}

double diffusion_distance_km(double latitude_a, double longitude_a, double latitude_b,
                             double longitude_b)
{
    double a = latitude_a * RADIANS_PER_DEGREE, b = latitude_b * RADIANS_PER_DEGREE;
    double north = sin((b - a) / 2);
    double east = sin((longitude_b - longitude_a) * RADIANS_PER_DEGREE / 2);

    return 2 * EARTH_RADIUS_KM * asin(sqrt(north * north + cos(a) * cos(b) * east * east));
}
