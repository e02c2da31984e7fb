/* The page where the sides of a comparison are chosen. */
#ifndef OU_PAGES_CHOOSE_H
#define OU_PAGES_CHOOSE_H

#include "pages/page.h"

void page_choose(struct api_request *r);

#endif
