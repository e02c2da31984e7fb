/* What the server of results says of itself: its access log, and what happens to it. Names begin with "Results.". */
#ifndef OU_API_POINTS_H
#define OU_API_POINTS_H

#include <ouroscope/trace.h>

#include "base/buffer.h"

#define RESULTS_POINT(name, last, severity, privacy, FIELDS, help_, human_) \
    OU_TRACE_POINT(name, "Results." last, severity, privacy, FIELDS, help_, \
                   .kind = "Results" last, .human = human_)

/* --- Requests ------------------------------------------------------------------------ */

#define RESULTS_REQUEST_FIELDS(F)                                                            \
    F(text, id, "requestId", OU_DMINIMAL,                                                    \
      "of the request, as in the answer's header X-Request-Id and in the audit")             \
    F(text, method, "method", OU_DMINIMAL, "as the client wrote it")                         \
    F(text, target, "target", OU_DMINIMAL,                                                   \
      "path and query; values that look like secrets are ***")                               \
    F(text, operation, "operation", OU_DMINIMAL,                                             \
      "of the API's description; page for pages; empty: there is none")                      \
    F(u64, status, "status", OU_DMINIMAL, "of the answer")                                   \
    F(text, client, "client", OU_DMINIMAL, "address; behind a trusted proxy what that says") \
    F(text, actor, "actor", OU_DMINIMAL, "id of the token; left out without one")            \
    F(u64, bytes_in, "bytesIn", OU_DMINIMAL, "of the request's body, as it came")            \
    F(u64, bytes_out, "bytesOut", OU_DMINIMAL, "of the answer's body, as it went")           \
    F(f64, duration_s, "durationSeconds", OU_DMINIMAL, "until the answer was ready to go")   \
    F(f64, waited_s, "waitedSeconds", OU_DMINIMAL, "of it, until a worker was free")         \
    F(f64, duration_ms, "durationMs", OU_HUMAN_ONLY, "durationSeconds, in milliseconds")

RESULTS_POINT(results_request, "Request", OU_INFO, OU_CONFIDENTIAL, RESULTS_REQUEST_FIELDS,
              "A request was answered: the access log. There is never a token or a body in it.",
              "{client} {method} {target}: {status}, {bytes_out} bytes in {duration_ms} ms");

#define RESULTS_FAILED_FIELDS(F)                                          \
    F(text, id, "requestId", OU_DMINIMAL, "as in Results.Request")        \
    F(text, operation, "operation", OU_DMINIMAL, "likewise")              \
    F(u64, status, "status", OU_DMINIMAL, "of the answer: 500 and above") \
    F(text, why, "why", OU_DMINIMAL, "what the client was not told")

RESULTS_POINT(
    results_request_failed, "RequestFailed", OU_ERROR, OU_CONFIDENTIAL, RESULTS_FAILED_FIELDS,
    "A request could not be answered for a reason that is the server's or the database's.",
    "{operation} failed: {why} (request {id})");

/* --- Life ------------------------------------------------------------------------------ */

#define RESULTS_STARTED_FIELDS(F)                              \
    F(text, version, "version", OU_DMINIMAL, "of the program") \
    F(text, at, "at", OU_DMINIMAL, "the server's address")     \
    F(text, database, "database", OU_DMINIMAL, "the place of the results, without a password")

RESULTS_POINT(results_started, "Started", OU_INFO, OU_PUBLIC, RESULTS_STARTED_FIELDS,
              "The server answers requests from now on.", "results of {database} at {at}");

#define RESULTS_WHY_FIELDS(F) F(text, why, "why", OU_DMINIMAL, "in words")

RESULTS_POINT(results_stopping, "Stopping", OU_INFO, OU_PUBLIC, RESULTS_WHY_FIELDS,
              "The server was asked to end: streams are ended, requests that go on are answered.",
              "ending: {why}");
RESULTS_POINT(results_stopped, "Stopped", OU_INFO, OU_PUBLIC, OU_NO_FIELDS,
              "All is answered and closed.", "ended");
RESULTS_POINT(
    results_warning, "Warning", OU_WARNING, OU_PUBLIC, RESULTS_WHY_FIELDS,
    "Something about how the server was started is not safe, or not as it might be meant.",
    "{why}");

/* --- The database ------------------------------------------------------------------------ */

RESULTS_POINT(results_database_away, "DatabaseAway", OU_ERROR, OU_PUBLIC, RESULTS_WHY_FIELDS,
              "The database does not answer; requests get 503 until it does. Told when it begins.",
              "the database is away: {why}");
RESULTS_POINT(results_database_back, "DatabaseBack", OU_NOTICE, OU_PUBLIC, OU_NO_FIELDS,
              "The database answers again.", "the database is back");

/* --- Messages about alerts ------------------------------------------------------------------ */

#define RESULTS_DELIVERY_FIELDS(F)                                            \
    F(text, outlet, "outlet", OU_DMINIMAL, "its name in the configuration")   \
    F(text, delivery, "delivery", OU_DMINIMAL, "its id")                      \
    F(boolean, again, "again", OU_DMINIMAL, "whether it will be tried again") \
    F(text, why, "why", OU_DMINIMAL, "in words")

RESULTS_POINT(results_delivery_failed, "DeliveryFailed", OU_WARNING, OU_PUBLIC,
              RESULTS_DELIVERY_FIELDS, "A message about an alert could not be delivered.",
              "{outlet}: {why}");

/* --- Who hears of it -------------------------------------------------------------------------- */

/* Any thread. Told once when it goes and once when it is back, whoever notices. why: NULL: it answers. */
void log_database(const char *why);
void log_delivery_failed(const char *outlet, const char *delivery, bool again, const char *why);

/* Appends the target of a request as it may stand in a log. Exported for its test. */
void log_target(const char *target, struct buffer *ret);

#endif
