/* How text for a person at a terminal is to look. */
#ifndef OU_REPORT_TEXT_STYLE_H
#define OU_REPORT_TEXT_STYLE_H

#include <stdbool.h>

struct text_style {
    int width;   /* columns to write in; writers have bounds of their own for it */
    bool colour; /* for emphasis only: nothing is said by colour alone */
    bool utf8;   /* else everything is plain ASCII */
    bool full;   /* documents: details, too */
};

#endif
