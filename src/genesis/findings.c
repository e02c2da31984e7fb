#include "genesis/findings.h"

#include <stdarg.h>
#include <stdio.h>

/* Where the table is full, which takes hundreds of kinds of faults in one file, NULL: then each is told. */
static struct finding_class *class_of(struct genesis_teller *t, const void *what,
                                      enum genesis_severity severity, const char *reason)
{
    struct finding_class *c;

    for (size_t i = 0; i < t->class_count; i++)
        if (t->classes[i].what == what && t->classes[i].severity == severity)
            return &t->classes[i];
    if (t->class_count == FINDINGS_CLASSES_MAX)
        return NULL;
    c = &t->classes[t->class_count++];
    *c = (struct finding_class){ .what = what, .severity = severity };
    snprintf(c->reason, sizeof c->reason, "%.119s", reason);
    return c;
}

void genesis_tell(struct genesis_teller *t, enum genesis_severity severity, const void *what,
                  uint64_t line, uint64_t column, const char *path, const char *format, ...)
{
    char reason[FINDING_REASON_ROOM];
    const struct genesis_finding finding = { .severity = severity,
                                             .file = t->file ? t->file : "",
                                             .line = line,
                                             .column = column,
                                             .path = path,
                                             .reason = reason };
    struct finding_class *c;
    va_list args;

    va_start(args, format);
    vsnprintf(reason, sizeof reason, format, args);
    va_end(args);
    *(severity == GENESIS_FAULT ? &t->result->faults : &t->result->remarks) += 1;
    c = class_of(t, what, severity, reason);
    if (!c || ++c->count <= FINDINGS_ALIKE_MAX)
        t->found(t->context, &finding);
}

static void tell_rest(const struct genesis_teller *t, const struct finding_class *c)
{
    char reason[FINDING_REASON_ROOM];
    const struct genesis_finding finding = {
        .severity = c->severity, .file = t->file ? t->file : "", .path = "", .reason = reason
    };

    snprintf(reason, sizeof reason, "and %zu more of which the first was: %s",
             c->count - FINDINGS_ALIKE_MAX, c->reason);
    t->found(t->context, &finding);
}

void genesis_tell_of_file(struct genesis_teller *t, const char *file)
{
    for (size_t i = 0; i < t->class_count; i++)
        if (t->classes[i].count > FINDINGS_ALIKE_MAX)
            tell_rest(t, &t->classes[i]);
    t->class_count = 0;
    t->file = file;
}
