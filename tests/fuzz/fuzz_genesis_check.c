/* Any bytes as the genesis file of an era, which the first one names. Each finding has a place and a reason; what is
 * counted is told, but for those alike; and looking again finds the same. */
#include <stdint.h>
#include <stdlib.h>

#include "genesis/check.h"
#include "memory_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct told {
    size_t faults, remarks;
    uint64_t sum; /* of everything that was told, in order */
};

static void add(struct told *t, const char *text)
{
    for (; *text; text++)
        t->sum = (t->sum ^ (uint8_t)*text) * UINT64_C(0x100000001b3);
}

static void tell(void *context, const struct genesis_finding *f)
{
    struct told *t = context;

    MUST(f->reason[0] && f->path && f->file[0]);
    MUST((f->line == 0) == (f->column == 0));
    *(f->severity == GENESIS_FAULT ? &t->faults : &t->remarks) += 1;
    t->sum += f->line * 1000003 + f->column;
    add(t, f->path);
    add(t, f->reason);
}

static struct told look(const struct genesis_set *set, struct genesis_check_result *ret)
{
    struct told told = { 0 };
    struct ou_error err = { 0 };
    const enum ou_status status = genesis_check(set, tell, &told, ret, &err);

    MUST(status == OU_OK);
    return told;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct memory_file file;
    struct genesis_set set = { .config = NULL };
    struct genesis_check_result result, again;
    struct told first, second;
    enum genesis_era era;

    if (size == 0 || size > (1 << 20))
        return 0;
    if (!file.path[0])
        file = memory_file_new("genesis");
    memory_file_fill(&file, data + 1, size - 1);
    genesis_era_of(file.path, &era, NULL);
    set.files[data[0] % GENESIS_ERAS] = file.path;
    first = look(&set, &result);
    second = look(&set, &again);
    MUST(first.sum == second.sum && first.faults == second.faults);
    MUST(result.faults == again.faults && result.remarks == again.remarks);
    MUST((first.faults > 0) == (result.faults > 0));
    return 0;
}
