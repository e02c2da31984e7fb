#include "api/counts.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "api/parts.h"

enum {
    OPERATIONS_MAX = 256, /* further ones are counted as "other" */
    NAME_ROOM = 48,
    CLASSES = 5, /* 1xx to 5xx */
};

static const char *const methods[] = { "GET",   "HEAD",   "POST",    "PUT",
                                       "PATCH", "DELETE", "OPTIONS", "other" };
enum { METHODS = sizeof methods / sizeof *methods };

/* Upper ends in seconds. */
static const double bounds[] = { .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10 };
enum { BOUNDS = sizeof bounds / sizeof *bounds };

struct operation_counts {
    char name[NAME_ROOM];
    uint64_t answered[METHODS][CLASSES];
    uint64_t within[BOUNDS + 1]; /* by the first bound that held */
    uint64_t total;
    double seconds, waited_seconds;
};

static struct counts {
    struct operation_counts operations[OPERATIONS_MAX];
    size_t operation_count;
    uint64_t bytes_in, bytes_out, delivered, not_delivered;
} counts;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* --- Counting --------------------------------------------------------------------------------- */

/* With the lock. The last place is for those that have none. */
static struct operation_counts *counts_of(const char *name)
{
    struct operation_counts *o = counts.operations;

    for (size_t i = 0; i < counts.operation_count; i++, o++)
        if (strncmp(o->name, name, NAME_ROOM - 1) == 0)
            return o;
    if (counts.operation_count == OPERATIONS_MAX)
        return o - 1;
    if (counts.operation_count++ == OPERATIONS_MAX - 1)
        name = "other";
    snprintf(o->name, sizeof o->name, "%s", name);
    return o;
}

static size_t method_of(const char *method)
{
    size_t i = 0;

    while (i < METHODS - 1 && strcmp(methods[i], method) != 0)
        i++;
    return i;
}

static size_t class_of(unsigned status)
{
    return status >= 100 && status < 600 ? status / 100 - 1 : CLASSES - 1;
}

void counts_request(const struct request_facts *facts)
{
    double seconds = (double)facts->duration_ns / 1e9;
    struct operation_counts *o;
    size_t bound = 0;

    while (bound < BOUNDS && seconds > bounds[bound])
        bound++;
    pthread_mutex_lock(&lock);
    o = counts_of(*facts->operation ? facts->operation : "none");
    o->answered[method_of(facts->method)][class_of(facts->status)]++;
    o->within[bound]++;
    o->total++;
    o->seconds += seconds;
    o->waited_seconds += (double)facts->waited_ns / 1e9;
    counts.bytes_in += facts->bytes_in;
    counts.bytes_out += facts->bytes_out;
    pthread_mutex_unlock(&lock);
}

void counts_delivery(bool is_sent)
{
    pthread_mutex_lock(&lock);
    counts.delivered += is_sent;
    counts.not_delivered += !is_sent;
    pthread_mutex_unlock(&lock);
}

void counts_reset(void)
{
    pthread_mutex_lock(&lock);
    counts = (struct counts){ 0 };
    pthread_mutex_unlock(&lock);
}

/* --- Showing ---------------------------------------------------------------------------------- */

static struct metric_family *family(struct metric_page *p, const char *name, enum metric_type type,
                                    const char *help)
{
    struct metric_family *f = metric_page_family(p, span_of(name), type, 0);

    if (f)
        f->help = help;
    return f;
}

static void show_answered(struct metric_page *p, const struct operation_counts *o)
{
    for (size_t m = 0; m < METHODS; m++)
        for (size_t c = 0; c < CLASSES; c++) {
            const char class[] = { (char)('1' + c), 'x', 'x', '\0' };
            struct metric_family *f = family(p, "ouroscope_api_requests_total", METRIC_COUNTER,
                                             "Requests answered, by their status.");
            struct label_set *labels;

            if (!f || o->answered[m][c] == 0)
                continue;
            labels = metric_page_sample(p, f, 0);
            label_set_add(labels, span_of("operation"), span_of(o->name));
            label_set_add(labels, span_of("method"), span_of(methods[m]));
            label_set_add(labels, span_of("status"), span_of(class));
            metric_page_unsigned(p, o->answered[m][c]);
        }
}

static struct metric_family *seconds_family(struct metric_page *p)
{
    return family(p, "ouroscope_api_request_seconds", METRIC_HISTOGRAM,
                  "From a request's arrival until its answer was ready.");
}

static void show_bucket(struct metric_page *p, const struct operation_counts *o, const char *bound,
                        uint64_t count)
{
    struct metric_family *f = seconds_family(p);
    struct label_set *labels;

    if (!f)
        return;
    labels = metric_page_part(p, f, "_bucket");
    label_set_add(labels, span_of("operation"), span_of(o->name));
    label_set_add(labels, span_of("le"), span_of(bound));
    metric_page_unsigned(p, count);
}

static void show_seconds(struct metric_page *p, const struct operation_counts *o)
{
    uint64_t count = 0;
    struct metric_family *f;

    for (size_t i = 0; i < BOUNDS; i++) {
        char bound[24];

        count += o->within[i];
        /* OpenMetrics wants them as floating-point numbers. */
        snprintf(bound, sizeof bound, bounds[i] >= 1 ? "%.1f" : "%g", bounds[i]);
        show_bucket(p, o, bound, count);
    }
    show_bucket(p, o, "+Inf", o->total);
    f = seconds_family(p);
    if (!f)
        return;
    label_set_add(metric_page_part(p, f, "_sum"), span_of("operation"), span_of(o->name));
    metric_page_real(p, o->seconds);
    label_set_add(metric_page_part(p, f, "_count"), span_of("operation"), span_of(o->name));
    metric_page_unsigned(p, o->total);
}

static void show_waited(struct metric_page *p, const struct operation_counts *o)
{
    struct metric_family *f =
        family(p, "ouroscope_api_waited_seconds_total", METRIC_COUNTER,
               "Time that requests waited until somebody was free to answer them.");

    if (!f)
        return;
    label_set_add(metric_page_sample(p, f, 0), span_of("operation"), span_of(o->name));
    metric_page_real(p, o->waited_seconds);
}

static void show_count(struct metric_page *p, const char *name, const char *help, uint64_t value)
{
    struct metric_family *f = family(p, name, METRIC_COUNTER, help);

    if (!f)
        return;
    metric_page_sample(p, f, 0);
    metric_page_unsigned(p, value);
}

/* With the lock, which is held for as long as some hundred lines take. */
static void show_all(struct metric_page *p)
{
    for (size_t i = 0; i < counts.operation_count; i++) {
        show_answered(p, &counts.operations[i]);
        show_seconds(p, &counts.operations[i]);
        show_waited(p, &counts.operations[i]);
    }
    show_count(p, "ouroscope_api_received_bytes_total", "Bytes of requests' bodies, as they came.",
               counts.bytes_in);
    show_count(p, "ouroscope_api_sent_bytes_total", "Bytes of answers' bodies, as they went.",
               counts.bytes_out);
    show_count(p, "ouroscope_alert_messages_sent_total", "Messages about alerts that were taken.",
               counts.delivered);
    show_count(p, "ouroscope_alert_messages_failed_total",
               "Attempts to send a message about an alert that came to nothing.",
               counts.not_delivered);
}

void counts_show(struct metric_page *page)
{
    pthread_mutex_lock(&lock);
    show_all(page);
    pthread_mutex_unlock(&lock);
}
