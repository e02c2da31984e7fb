#include "pages/pages.h"

#include "pages/page.h"

static const struct api_page pages[] = {
    { "/", 0, page_overview },
    { "/runs", 0, page_runs },
    { "/runs/{run}", OPERATION_LONG, page_run },
    { "/compare", OPERATION_LONG, page_compare },
    { "/history", OPERATION_LONG, page_history },
    { "/series/{series}", 0, page_series },
    { "/alerts", 0, page_alerts },
    { "/live", 0, page_live_list },
    { "/live/{run}", 0, page_live },
    { "/dictionary", OPERATION_NO_DATABASE, page_dictionary },
    { "/docs", OPERATION_NO_DATABASE, page_docs },
    { "/docs/{page}", OPERATION_NO_DATABASE, page_document_of_docs },
    { "/static/{file}", OPERATION_NO_DATABASE | OPERATION_OPEN, page_static },
    { "/favicon.ico", OPERATION_NO_DATABASE | OPERATION_OPEN, page_icon },
    { NULL, 0, NULL },
};

const struct api_site pages_site = { .pages = pages, .problem = page_of_problem };
