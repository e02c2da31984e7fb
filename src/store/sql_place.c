#include "store/sql_private.h"

bool sql_is_postgres(const char *place)
{
    struct span text = span_of(place);

    return span_starts(text, "postgres://") || span_starts(text, "postgresql://");
}
