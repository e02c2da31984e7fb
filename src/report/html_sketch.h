/* Small pictures in cells, drawn without script. */
#ifndef OU_REPORT_HTML_SKETCH_H
#define OU_REPORT_HTML_SKETCH_H

#include "base/buffer.h"
#include "report/document.h"

/* An svg element of fixed size in the colour of the text around it; nothing where there is nothing
 * to draw. What it shows stands in other columns as numbers: those who cannot see it miss nothing. */
void html_sketch(const struct doc_sketch *sketch, struct buffer *out);

#endif
