/* The page where the sides of a comparison are chosen. */
#ifndef OU_API_PAGE_CHOOSE_H
#define OU_API_PAGE_CHOOSE_H

#include "api/page.h"

void page_choose(struct api_request *r);

#endif
