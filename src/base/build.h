/* Facts about this build, for people and files that compare builds. Constants; any thread. */
#ifndef OU_BASE_BUILD_H
#define OU_BASE_BUILD_H

struct build_facts {
    const char *version; /* "0.1.0" */
    const char
        *commit; /* 40 digits, with "-modified" behind them where files differed; "": not known */
    const char *commit_time; /* "2026-11-22T12:00:00Z"; "": not known */
    const char *compiler;    /* "gcc 12.2.0" */
    /* What changes how fast it is, and how hard to break, each a word; NULL ends them. */
    const char *const *flags;
};

const struct build_facts *build_facts(void);

#endif
