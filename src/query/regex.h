/* Regular expressions of matchers and of label_replace(): the syntax of RE2. A text matches as a whole or not at all. Matching takes time in
 * proportion to the text times the expression, whatever they are: all states are followed at
 * once (K. Thompson, "Regular expression search algorithm", CACM 11, 1968). */
#ifndef OU_QUERY_REGEX_H
#define OU_QUERY_REGEX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/span.h"
#include "base/status.h"

#define QUERY_REGEX_STATES_MAX 8192

struct query_regex;

/* Literals, . [a-z] [^...] [[:alpha:]] \d \w \s \D \W \S and escaped characters, groups (...)
 * (?:...) (?P<name>...), a|b, * + ? {n,m} and their lazy forms, ^ and $ at the ends, (?i) and
 * (?s) in front. OU_INVALID with a reason; OU_TOO_LARGE: above QUERY_REGEX_STATES_MAX. */
enum ou_status query_regex_compile(struct arena *memory, struct span text, struct query_regex **ret,
                                   struct ou_error *err);
/* For query_regex_find(): keeps what groups match, too. */
enum ou_status query_regex_compile_groups(struct arena *memory, struct span text,
                                          struct query_regex **ret, struct ou_error *err);

/* *work grows by the steps this took. One thread at a time per expression. */
bool query_regex_matches(struct query_regex *r, const char *text, uint64_t *work);

/* The places of groups in a text that matches as a whole; group 0 is all of it. ret has query_regex_groups() members; `at` is
 * NULL for a group that took no part. Of several ways to match it is that of RE2 and Perl: what stands in front has the first
 * choice. False: no match. */
size_t query_regex_groups(const struct query_regex *r);
bool query_regex_find(struct query_regex *r, const char *text, struct span *ret, uint64_t *work);
/* The number of a group by its name; -1: there is none. */
int query_regex_group(const struct query_regex *r, struct span name);

#endif
