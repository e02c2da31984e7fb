/* The sketch of a figure, with names and scale, on a page. */
#ifndef OU_REPORT_SKETCH_PAGE_H
#define OU_REPORT_SKETCH_PAGE_H

#include "report/document.h"
#include "report/text_page.h"

/* Draws nothing when no number of the sketch is finite. */
void page_sketch(struct page *p, const struct doc_sketch *sketch);

#endif
