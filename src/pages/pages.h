/* All pages, and how problems look to people. For api_config.site. */
#ifndef OU_PAGES_PAGES_H
#define OU_PAGES_PAGES_H

#include "api/operation.h"

extern const struct api_site pages_site;

#endif
