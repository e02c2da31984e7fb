#include "study/reading.h"

void read_variance(struct reading *r, const json_t *document)
{
    (void)document;
    reading_fail(r, OU_INVALID, "variance files cannot be read by this version");
}
