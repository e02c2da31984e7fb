/* What the library traces about itself. These points are not filtered or
 * limited; they go to the backends of the root. */
#ifndef OU_TRACE_REFLECTION_H
#define OU_TRACE_REFLECTION_H

#include <ouroscope/trace.h>

#define LIMITING_FIELDS(F)                                              \
    F(text, name, "name", OU_HUMAN_ONLY, "the message that is limited") \
    F(u64, suppressed, "numSuppressed", OU_DMINIMAL, "messages held back since limiting began")

#define START_LIMITING_FIELDS(F) F(text, name, "name", OU_HUMAN_ONLY, "the message that is limited")

OU_TRACE_POINT(start_limiting, "Reflection.StartLimiting", OU_INFO, OU_PUBLIC,
               START_LIMITING_FIELDS,
               "A message comes more often than its maxFrequency allows; from now on some of its "
               "kind are held back.",
               .kind = "StartLimiting", .human = "Start of frequency limiting for {name}");
OU_TRACE_POINT(stop_limiting, "Reflection.StopLimiting", OU_INFO, OU_PUBLIC, LIMITING_FIELDS,
               "A message has become rare enough; all of its kind pass again.",
               .kind = "StopLimiting",
               .human = "Stop of frequency limiting for {name}; suppressed {suppressed} messages");
OU_TRACE_POINT(remember_limiting, "Reflection.RememberLimiting", OU_INFO, OU_PUBLIC,
               LIMITING_FIELDS, "A message is still being limited; told every ten seconds.",
               .kind = "RememberLimiting",
               .human = "Frequency limiting still active for {name}; suppressed so far: "
                        "{suppressed} messages");

#define CONSISTENCY_FIELDS(F) F(text, errors, "errors", OU_DMINIMAL, "what is odd, as a list")

OU_TRACE_POINT(consistency_warnings, "Reflection.TracerConsistencyWarnings", OU_WARNING, OU_PUBLIC,
               CONSISTENCY_FIELDS,
               "The configuration names what does not exist, or trace points are declared wrongly. "
               "Tracing goes on without that.",
               .kind = "TracerConsistencyWarnings", .human = "Consistency warnings: {errors}");

#define TRACER_INFO_FIELDS(F)                                                               \
    F(text, silent, "silentTracers", OU_DMINIMAL, "names whose messages are all held back") \
    F(text, no_metrics, "noMetrics", OU_DMINIMAL, "names that feed no metric")              \
    F(text, all, "allTracers", OU_DMINIMAL, "all names")

OU_TRACE_POINT(tracer_info, "Reflection.TracerInfo", OU_NOTICE, OU_PUBLIC, TRACER_INFO_FIELDS,
               "What the configuration does to this program's trace points.", .kind = "TracerMeta",
               .human = "Silent tracers: {silent}. Tracers without metrics: {no_metrics}.");

#define CONFIG_INFO_FIELDS(F) F(json, conf, "conf", OU_DMINIMAL, "the effective configuration")

OU_TRACE_POINT(config_info, "Reflection.TracerConfigInfo", OU_NOTICE, OU_PUBLIC, CONFIG_INFO_FIELDS,
               "The configuration that is in effect from now on.",
               .human = "Effective tracer configuration: {conf}");

#define CONFIG_REFUSED_FIELDS(F) F(text, reason, "reason", OU_DMINIMAL, "where and why")

OU_TRACE_POINT(config_refused, "Reflection.ConfigurationRefused", OU_ERROR, OU_PUBLIC,
               CONFIG_REFUSED_FIELDS,
               "The configuration was to be read again, and is wrong. The old one stays in effect.",
               .kind = "ConfigurationRefused",
               .human = "The new configuration is refused, the old one stays: {reason}");

#define RECORDS_LOST_FIELDS(F)                                                            \
    F(u64, ring_full, "ringFull", OU_DMINIMAL, "a thread's ring had no room")             \
    F(u64, too_large, "tooLarge", OU_DMINIMAL, "a record was larger than a ring allows")  \
    F(u64, interrupted, "interrupted", OU_DMINIMAL,                                       \
      "traced in a signal handler that had interrupted a trace call")                     \
    F(u64, no_memory, "noMemory", OU_DMINIMAL, "there was no memory for a thread's ring") \
    F(u64, output, "output", OU_DMINIMAL, "lines that could not be written")              \
    F(u64, lost, "lost", OU_DMINIMAL, "all of these together, since the last report")     \
    F(u64, total, "total", OU_DMINIMAL, "lost since tracing started")

OU_TRACE_POINT(
    records_lost, "Reflection.RecordsLost", OU_WARNING, OU_PUBLIC, RECORDS_LOST_FIELDS,
    "Messages were lost since the last report, by cause. Told once a second at most, and "
    "at the end.",
    .kind = "RecordsLost", .human = "{lost} messages were lost ({total} in all)");

#define FORWARDER_LOST_FIELDS(F)                                             \
    F(u64, dropped, "dropped", OU_DMINIMAL, "so many since the last report") \
    F(u64, total, "total", OU_DMINIMAL, "so many since tracing started")

OU_TRACE_POINT(
    forwarder_lost, "Reflection.ForwarderLost", OU_WARNING, OU_PUBLIC, FORWARDER_LOST_FIELDS,
    "Messages that were to go to the collector were dropped, the oldest first: it was away, or slow, and "
    "the queue for it was full. Told once a second at most, and to the collector itself where "
    "the dropped messages would have come.",
    .kind = "ForwarderLost",
    .human = "{dropped} messages for the collector were dropped ({total} in all)");

#define FORWARDER_FIELDS(F) \
    F(text, address, "address", OU_DMINIMAL, "the socket: a path, or host:port")
#define FORWARDER_FAILED_FIELDS(F) \
    FORWARDER_FIELDS(F)            \
    F(text, reason, "reason", OU_DMINIMAL, "why")

OU_TRACE_POINT(forwarder_listening, "Reflection.ForwarderListening", OU_INFO, OU_PUBLIC,
               FORWARDER_FIELDS, "Collectors can connect.", .kind = "ForwarderListening",
               .human = "Waiting for a collector at {address}");
OU_TRACE_POINT(forwarder_connected, "Reflection.ForwarderConnected", OU_INFO, OU_PUBLIC,
               FORWARDER_FIELDS, "A collector is connected.", .kind = "ForwarderConnected",
               .human = "A collector is connected at {address}");
OU_TRACE_POINT(forwarder_closed, "Reflection.ForwarderClosed", OU_NOTICE, OU_PUBLIC,
               FORWARDER_FIELDS, "The connection to the collector has ended.",
               .kind = "ForwarderClosed",
               .human = "The connection to the collector at {address} has ended");
OU_TRACE_POINT(
    forwarder_failed, "Reflection.ForwarderFailed", OU_WARNING, OU_PUBLIC, FORWARDER_FAILED_FIELDS,
    "The collector cannot be reached, or the connection was broken. It is tried again; what is traced "
    "meanwhile waits in the queue. Told once until there is a connection again.",
    .kind = "ForwarderFailed", .human = "No connection to the collector at {address}: {reason}");

/* Whether a point is one of these. */
bool is_reflection(const struct ou_point *point);

/* Whether it is about the connection to the collector, and is told on this side of it only. */
bool is_about_forwarding(const struct ou_point *point);

#endif
