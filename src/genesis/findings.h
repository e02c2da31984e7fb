/* Telling findings: counted, and beyond a hundred alike in one file only counted. */
#ifndef OU_GENESIS_FINDINGS_H
#define OU_GENESIS_FINDINGS_H

#include "genesis/check.h"

#define FINDINGS_ALIKE_MAX 100
#define FINDINGS_CLASSES_MAX 512
#define FINDING_REASON_ROOM 600

struct finding_class {
    const void *what;
    enum genesis_severity severity;
    size_t count;
    char reason[120]; /* of the first one, cut */
};

struct genesis_teller {
    void (*found)(void *context, const struct genesis_finding *finding);
    void *context;
    struct genesis_check_result *result; /* faults and remarks are counted there */
    const char *file;
    struct finding_class classes[FINDINGS_CLASSES_MAX];
    size_t class_count;
};

/* Findings of one `what` (a field of the table, a format) are alike. line 0: of the whole file. path: "" for none. */
void genesis_tell(struct genesis_teller *t, enum genesis_severity severity, const void *what,
                  uint64_t line, uint64_t column, const char *path, const char *format, ...)
    __attribute__((format(printf, 7, 8)));

/* Says how many were not told, and begins another file (its name is kept as a view; NULL: none). */
void genesis_tell_of_file(struct genesis_teller *t, const char *file);

#endif
