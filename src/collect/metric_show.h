/* What of the nodes' metrics, and of the collector's own, stands on a page, and by which names. Loop thread. */
#ifndef OU_COLLECT_METRIC_SHOW_H
#define OU_COLLECT_METRIC_SHOW_H

#include "collect/pages.h"
#include "query/metric_page.h"

/* Adds what a node told. Each metric by the names that the configuration asks for (metricNames, metricsNoSuffix,
 * metricsComp), of two that get the same name the first. labelled: each sample has the label node_name. A text
 * that is neither a number nor a set of labels becomes an info, with the text as its label `value`; what is empty,
 * or a number without bounds, is left out. */
void metric_show_node(struct metric_page *p, const struct collector_config *config,
                      const struct collector_node *node, bool labelled);

/* Adds the collector's own: of each node that it knows (with the label node_name), and of itself. */
void metric_show_own(struct metric_page *p, const struct collector_view *view);

/* At the end of such a page: how much of nodes is not on it. */
void metric_show_left_out(struct metric_page *p);

/* Adds a counter of the collector's clock, as the stores of cardano-tracer have it. */
void metric_show_clock(struct metric_page *p, int64_t now_ns);

#endif
