/* The least time in which a block can reach the hosts of a network, whatever the
 * nodes do: from round trips, bandwidths and the windows of TCP. Pure; any thread.
 *
 * A hop takes header, request and body, each of which crosses the link once:
 * one and a half round trips; the time that the body's bytes take; the further
 * round trips that a window too small for the body asks for; and the time to
 * check the header. A body is offered when it has come as a whole, so the hops
 * of a path add up, and the shortest path is the bound.
 *
 * Sources: the initial window of RFC 6928; slow start, RFC 5681; throughput under
 * loss, Mathis et al. 1997. */
#ifndef OU_ANALYSE_DIFFUSION_BOUND_H
#define OU_ANALYSE_DIFFUSION_BOUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* Blocks go from one host to another over it. */
struct diffusion_link {
    uint32_t from, to;
    double rtt_s;
    double bytes_per_second; /* 0: no limit */
    double loss;             /* share of segments; 0: none */
};

struct diffusion_rules {
    double segment_bytes;   /* 1460 */
    double initial_window;  /* segments: 10 */
    bool cold;              /* the window is the initial one and doubles: after a pause */
    double window_segments; /* an open window's size; 0: as large as the body needs */
};
extern const struct diffusion_rules diffusion_open_window; /* warm, no limit of the window */

/* A network ready to be searched. */
struct diffusion_net {
    struct diffusion_rules rules;
    uint32_t hosts;
    struct diffusion_link *links; /* by `from`; owned */
    size_t *first;                /* where the links of each host begin; hosts + 1; owned */
    bool *settled;                /* while searching; owned */
    /* By host; NULL: none. Borrowed, may be set after diffusion_net_init(). */
    const double *check_s;                 /* to check a header */
    const double *uplink_bytes_per_second; /* of all its links together; 0: no limit */
};

/* links are copied; from and to are below hosts. OU_NO_MEMORY is the only failure. */
enum ou_status diffusion_net_init(struct diffusion_net *net, uint32_t hosts,
                                  const struct diffusion_link *links, size_t link_count);
void diffusion_net_release(struct diffusion_net *net); /* a zeroed one is fine */

/* Round trips that a body takes from the initial window on, at least 1: slow start
 * doubles the window until all is sent. */
unsigned diffusion_rounds(const struct diffusion_rules *rules, double bytes);
/* Segments that a window must have for a body to pass in one round trip. */
double diffusion_window_segments(const struct diffusion_rules *rules, double bytes);
/* The most that a TCP connection carries under loss, in bytes a second: 1.22 segments
 * a round trip over the root of the loss. INFINITY without loss. */
double diffusion_loss_rate(const struct diffusion_rules *rules, double rtt_s, double loss);

/* One hop, without the check of the header. */
double diffusion_hop_s(const struct diffusion_rules *rules, const struct diffusion_link *link,
                       double bytes);

/* The least time from the announcement by `source` until each host has a body of so
 * many bytes: ret_s has room for all hosts; INFINITY: no path leads there. Where an uplink
 * is limited each host is counted as the first that is served: which one that is
 * cannot be known. The net is its own workspace: one search at a time. */
void diffusion_times(struct diffusion_net *net, uint32_t source, double bytes, double *ret_s);

/* How long the j-th host (from 1) waits that a limited uplink serves one after the other. */
double diffusion_uplink_wait_s(double bytes, double j, double bytes_per_second);

/* The round trip of light in fibre, of refraction 1.4667, over a distance. Real paths take 1.3 to 1.8
 * times that. */
double diffusion_fibre_rtt_s(double km);

/* Kilometres over the ground. */
double diffusion_distance_km(double latitude_a, double longitude_a, double latitude_b,
                             double longitude_b);

#endif
