/* What is odd about a configuration file but no error, a line each: NAME:LINE: what. */
#ifndef OU_TRACE_CONFIG_WARNING_H
#define OU_TRACE_CONFIG_WARNING_H

#include <stdarg.h>

#include "base/buffer.h"

#define CONFIG_WARNINGS_MAX 200 /* further ones are counted only */

struct config_warnings {
    struct buffer *lines; /* NULL: nobody listens */
    size_t count;
};

/* name: of the document. */
void config_warning_add(struct config_warnings *w, const char *name, int line, const char *format,
                        va_list args) __attribute__((format(printf, 4, 0)));
/* Says how many were only counted. */
void config_warning_rest(const struct config_warnings *w, const char *name);

#endif
