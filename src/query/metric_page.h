/* A page of metrics in the making, as Prometheus reads it: in its own text format, or in that of OpenMetrics. Samples of
 * one name stand together, in the order in which the names came. Loop thread. */
#ifndef OU_QUERY_METRIC_PAGE_H
#define OU_QUERY_METRIC_PAGE_H

#include <stdint.h>

#include "base/intern.h"
#include "query/label_set.h"

#define METRIC_PAGE_BYTES_MAX ((size_t)200 << 20)
#define METRIC_PAGE_FAMILIES_MAX (1 << 17)
#define METRIC_PAGE_SAMPLES_MAX (1 << 24)
/* Of these, what all nodes have together: each has its share. */
#define METRIC_PAGE_SHARED_BYTES ((size_t)100 << 20)
#define METRIC_PAGE_SHARED_NAMES (100 * 1000)

enum metric_type {
    METRIC_UNTYPED, /* a number of unknown nature */
    METRIC_GAUGE,
    METRIC_COUNTER,
    METRIC_INFO,      /* 1, and what there is to know stands in its labels */
    METRIC_HISTOGRAM, /* its samples are parts: _bucket with the label le, _sum and _count */
};

struct metric_family {
    enum metric_type type;
    const char *help;     /* NULL: none; not owned */
    uint32_t owner;       /* of the last sample */
    bool is_own;          /* begun by owner 0 */
    uint32_t first, last; /* samples, + 1; 0: none */
};

struct metric_sample {
    uint32_t next;  /* + 1, of the same family; 0: the last one */
    size_t at, len; /* of labels and value in the text */
};

struct metric_page {
    struct intern names; /* a family's number there is its place in `families` */
    struct metric_family *families;
    size_t family_cap;
    struct metric_sample *samples;
    size_t sample_count, sample_cap;
    struct buffer text;
    struct label_set labels;       /* of the sample that is being made */
    size_t bytes_left, names_left; /* of the share */
    size_t name_bytes;             /* of the sample that is being made */
    uint64_t left_out;             /* samples, for want of a share */
    enum ou_status status;         /* the first failure; after it nothing is added */
};

void metric_page_init(struct metric_page *p);
void metric_page_release(struct metric_page *p);

/* What is added from now on may take so many bytes and new names; more is left out, and counted: one node cannot make the page
 * too large for all. At first there is no such limit. */
void metric_page_share(struct metric_page *p, size_t bytes, size_t names);

/* The family of a name, which is added when new. NULL: the name cannot be shown (it is empty or begins with a digit), the
 * family has another type, this owner has a sample in it already (owner 0 may have many, and nobody else has one in its
 * families), the share is used up, or the page has failed. Valid until the next call. */
struct metric_family *metric_page_family(struct metric_page *p, struct span name,
                                         enum metric_type type, uint32_t owner);

/* Begins a sample of the family, which then gets labels and a value. */
struct label_set *metric_page_sample(struct metric_page *p, struct metric_family *f,
                                     uint32_t owner);
/* A sample whose name is the family's with this behind it: "_bucket". Of owner 0. */
struct label_set *metric_page_part(struct metric_page *p, struct metric_family *f,
                                   const char *suffix);
void metric_page_integer(struct metric_page *p, int64_t value);
void metric_page_unsigned(struct metric_page *p, uint64_t value);
void metric_page_real(struct metric_page *p, double value); /* finite */

/* The page, with # EOF at its end. open_metrics: its stricter rules, by which a counter's samples end in _total (counters
 * of another name are of unknown type there), and an info's in _info (else it is a gauge). The older format knows no info:
 * a gauge. */
enum ou_status metric_page_write(const struct metric_page *p, bool open_metrics,
                                 struct buffer *out);

#endif
