/* Databases for tests that run on each kind that can be had: SQLite always, PostgreSQL where it is installed. */
#ifndef OU_SUPPORT_DATABASES_H
#define OU_SUPPORT_DATABASES_H

/* Two rows of a table of tests: a case on SQLite and on PostgreSQL, skipped with a word where there is none. Its table is run
 * with databases_start and databases_stop as the group's fixtures. */
#define database_test(name)                                                                    \
    { #name " (SQLite)", name, databases_set_up, databases_tear_down, (void *)"sqlite" },      \
    {                                                                                          \
#name " (PostgreSQL)", name, databases_set_up, databases_tear_down, (void *)"postgres" \
    }

int databases_start(void **state);
int databases_stop(void **state);
int databases_set_up(void **state); /* for cases with a fixture of their own: to be called first */
int databases_tear_down(void **state);

/* The place of an empty database of the kind whose turn it is, a new one with each call; and of the last one again. Skips
 * the running test where that kind cannot be had: to be called before anything that wants to be released. Valid until
 * the test ends. */
const char *database_empty(void);
const char *database_again(void);
/* Whether it is PostgreSQL's turn. */
_Bool database_is_postgres(void);

#endif
