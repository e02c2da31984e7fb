/* Answers and arguments in the shape of Prometheus' API. */
#ifndef OU_QUERY_ANSWER_H
#define OU_QUERY_ANSWER_H

#include "http/server.h"
#include "json/write.h"
#include "query/query.h"

/* Instants beyond this, either way, are not taken (the year 2255): they are nanoseconds at
 * times. */
#define API_TIME_MAX_MS INT64_C(9000000000000)

/* {"status":"success","data": ... is left open: the caller writes the data, and json_end()s. */
void api_begin(struct http_answer *answer, struct json_writer *ret);

/* {"status":"error","errorType":type,"error":...}; what was in the body goes. */
void api_error(struct http_answer *answer, unsigned status, const char *type, const char *format,
               ...) __attribute__((format(printf, 4, 5)));
/* With the status and type that Prometheus has for it: 400 bad_data, 422 execution, 503 timeout,
 * 500 internal, 503 unavailable. */
void api_query_error(struct http_answer *answer, enum query_fault fault, const char *text);

/* {"__name__":"a","node_name":"b"} */
void api_labels(struct json_writer *w, struct query_labels labels);
/* [1435781451.781,"1.5"], the value also "NaN", "+Inf" or "-Inf". */
void api_point(struct json_writer *w, int64_t at_ms, double value);
/* An array of them, written past the writer: they are most of an answer. */
void api_points(struct json_writer *w, const struct query_point *points, size_t count);

/* "1435781451.781" or "2015-07-01T20:10:51.781Z", also with an offset. */
bool api_time(const char *text, int64_t *ret_ms);
/* "15", "0.5" (seconds) or "1m30s"; negative ones, too. */
bool api_duration(const char *text, int64_t *ret_ms);

#endif
