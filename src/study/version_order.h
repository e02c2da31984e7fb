/* The order of version numbers as people write them: 8.7.1-pre, 8.7.1, 10.3.0-ghc965, 10.10. Pure; any thread. */
#ifndef OU_STUDY_VERSION_ORDER_H
#define OU_STUDY_VERSION_ORDER_H

/* Below, equal or above 0. Numbers are compared as numbers, a missing one is 0: 10.2 is 10.2.0. Behind them a suffix of what
 * comes before a release (-pre, -rc2, -alpha, -beta, -dev) stands before the version without, any other (-ghc965, -rerun)
 * behind it; two suffixes by their letters, and by their numbers as numbers. What stands before the first digit
 * does not count: "(10.3)" and "v10.3" are versions. What has none ("unknown") stands behind all versions. */
int version_compare(const char *a, const char *b);

/* Where the number of a version begins; NULL: it has none. */
const char *version_number(const char *text);

#endif
