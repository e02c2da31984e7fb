/* Members of JSON objects: a key and its value in one. */
#ifndef OU_JSON_MEMBERS_H
#define OU_JSON_MEMBERS_H

#include "json/write.h"

void json_member_string(struct json_writer *w, const char *key, const char *text); /* NULL: null */
void json_member_count(struct json_writer *w, const char *key, uint64_t count);
/* Negative stands for not known: null. */
void json_member_known_count(struct json_writer *w, const char *key, int64_t count);
void json_member_double(struct json_writer *w, const char *key, double value); /* NaN: null */
void json_member_bool(struct json_writer *w, const char *key, bool value);
void json_member_instant(struct json_writer *w, const char *key, int64_t ns);
void json_member_seconds(struct json_writer *w, const char *key, int64_t ns);

/* [low, high] on a line: an interval. null where an end is NaN; an end that is null inside is unbounded. */
void json_member_range(struct json_writer *w, const char *key, double low, double high);

/* A number with six significant digits, for what is drawn and not calculated with: shorter than its exact form. */
void json_rounded(struct json_writer *w, double value);

#endif
