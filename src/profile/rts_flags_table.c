#include "profile/rts_flags_table.h"

#define KIB (UINT64_C(1) << 10)
#define MIB (UINT64_C(1) << 20)
#define TIB (UINT64_C(1) << 40)
#define BLOCK (4 * KIB) /* the unit of GHC's storage manager */
#define WORD 8
#define SIZE_LIMIT (16 * TIB) /* what is above is a slip of the finger */
#define PROCESSORS_MAX 1024
#define GENERATIONS_MAX 100
#define SECONDS_MAX 1000000

/* clang-format off */
#define FLAG(name, sets) { name, NULL, sets, RTS_NO_VALUE, 0, 0, NULL }
#define ALIAS(name, sets, normal) { name, normal, sets, RTS_NO_VALUE, 0, 0, NULL }
#define SIZED(name, sets, min, max) { name, NULL, sets, RTS_SIZE, min, max, NULL }
#define COUNTED(name, sets, min, max) { name, NULL, sets, RTS_COUNT, min, max, NULL }
#define TIMED(name, sets, max) { name, NULL, sets, RTS_DECIMAL, 0, max, NULL }
#define WITH_TEXT(name, sets) { name, NULL, sets, RTS_TEXT, 0, 0, NULL }
#define YES_OR_NO(name, sets) { name, NULL, sets, RTS_TEXT, 0, 0, "yes no" }
#define HEAP_BY(name, sets) FLAG(name, RTS_HEAP_PROFILE), WITH_TEXT(name, sets)

/* The run-time systems of GHC 8.10 to 9.14, of all ways to link. A name with two rows may stand with a value and
 * without. Least values are those that the run-time system takes; greatest ones are ours where it takes nearly any. */
const struct rts_flag rts_flags_known[] = {
    FLAG("-N", RTS_PROCESSORS), COUNTED("-N", RTS_PROCESSORS, 1, PROCESSORS_MAX),
    COUNTED("-maxN", RTS_PROCESSORS, 1, PROCESSORS_MAX),

    SIZED("-A", RTS_ALLOCATION_AREA, 2 * BLOCK, SIZE_LIMIT),
    SIZED("-AL", RTS_LARGE_OBJECTS, 2 * BLOCK, SIZE_LIMIT),
    SIZED("-n", RTS_NURSERY_CHUNK, 2 * BLOCK, SIZE_LIMIT),
    FLAG("--copying-gc", RTS_COLLECTOR), FLAG("--nonmoving-gc", RTS_COLLECTOR),
    ALIAS("-xn", RTS_COLLECTOR, "--nonmoving-gc"),
    FLAG("-c", RTS_COMPACTING), { "-c", NULL, RTS_COMPACTING_FROM, RTS_DECIMAL, 0, 100, NULL },
    FLAG("-w", RTS_MARK_REGION),
    COUNTED("--nonmoving-dense-allocator-count=", RTS_DENSE_ALLOCATORS, 1, 1000000),
    COUNTED("-G", RTS_GENERATIONS, 1, GENERATIONS_MAX),
    TIMED("-F", RTS_OLD_FACTOR, 1000), TIMED("-Fd", RTS_RETURN_FACTOR, 1000),
    SIZED("-O", RTS_OLD_MINIMUM, BLOCK, SIZE_LIMIT),
    FLAG("-H", RTS_HEAP_AUTOMATIC), SIZED("-H", RTS_HEAP_HINT, BLOCK, SIZE_LIMIT),
    SIZED("-M", RTS_HEAP_LIMIT, BLOCK, SIZE_LIMIT), SIZED("-Mgrace=", RTS_HEAP_GRACE, BLOCK, SIZE_LIMIT),
    TIMED("-m", RTS_HEAP_FREE, 100),
    TIMED("-I", RTS_IDLE_DELAY, SECONDS_MAX), TIMED("-Iw", RTS_IDLE_WAIT, SECONDS_MAX),

    FLAG("-qg", RTS_PARALLEL), COUNTED("-qg", RTS_PARALLEL, 0, GENERATIONS_MAX),
    ALIAS("-g1", RTS_PARALLEL, "-qg"),
    FLAG("-qb", RTS_BALANCING), COUNTED("-qb", RTS_BALANCING, 0, GENERATIONS_MAX),
    COUNTED("-qn", RTS_PARALLEL_THREADS, 1, PROCESSORS_MAX),
    COUNTED("-qi", RTS_PARALLEL_IDLE, 0, 1000000),
    FLAG("-qa", RTS_AFFINITY), FLAG("-qm", RTS_MIGRATION),
    FLAG("--numa", RTS_NUMA), COUNTED("--numa=", RTS_NUMA, 1, UINT32_MAX),
    COUNTED("--debug-numa=", RTS_NUMA, 1, 16),

    SIZED("-K", RTS_STACK_LIMIT, 0, UINT32_MAX),
    SIZED("-ki", RTS_STACK_FIRST, WORD, SIZE_LIMIT), { "-k", "-ki", RTS_STACK_FIRST, RTS_SIZE, WORD, SIZE_LIMIT, NULL },
    SIZED("-kc", RTS_STACK_CHUNK, WORD, SIZE_LIMIT), SIZED("-kb", RTS_STACK_BUFFER, WORD, SIZE_LIMIT),

    ALIAS("-C", RTS_SWITCH_INTERVAL, "-C0"), TIMED("-C", RTS_SWITCH_INTERVAL, SECONDS_MAX),
    ALIAS("-V", RTS_TICK, "-V0"), TIMED("-V", RTS_TICK, SECONDS_MAX),
    COUNTED("-e", RTS_SPARKS, 1, 1000000000), FLAG("-Z", RTS_SQUEEZING),

    FLAG("-T", RTS_STATISTICS),
    FLAG("-t", RTS_STATISTICS), WITH_TEXT("-t", RTS_STATISTICS),
    FLAG("-s", RTS_STATISTICS), WITH_TEXT("-s", RTS_STATISTICS),
    FLAG("-S", RTS_STATISTICS), WITH_TEXT("-S", RTS_STATISTICS),
    FLAG("--machine-readable", RTS_MACHINE_READABLE), FLAG("--internal-counters", RTS_INTERNAL_COUNTERS),
    TIMED("--long-gc-sync=", RTS_LONG_SYNC, SECONDS_MAX),

    FLAG("--disable-delayed-os-memory-return", RTS_MEMORY_RETURN),
    SIZED("-xr", RTS_ADDRESS_SPACE, MIB, 1024 * TIB),
    WITH_TEXT("-xb", RTS_HEAP_BASE), WITH_TEXT("-xm", RTS_LINKER_BASE), FLAG("-xp", RTS_LINKER_PIC),
    FLAG("--optimistic-linking", RTS_OPTIMISTIC_LINKING),
    SIZED("-xq", RTS_ALLOCATION_GRACE, 0, SIZE_LIMIT),
    YES_OR_NO("--install-signal-handlers=", RTS_SIGNAL_HANDLERS),
    YES_OR_NO("--install-seh-handlers=", RTS_SEH_HANDLERS),
    YES_OR_NO("--generate-stack-traces=", RTS_STACK_TRACES), FLAG("--generate-crash-dumps", RTS_CRASH_DUMPS),
    WITH_TEXT("--io-manager=", RTS_IO_MANAGER),

    FLAG("-l", RTS_EVENTLOG), WITH_TEXT("-l", RTS_EVENTLOG), WITH_TEXT("-ol", RTS_EVENTLOG_FILE),
    TIMED("--eventlog-flush-interval=", RTS_EVENTLOG_FLUSH, SECONDS_MAX),
    FLAG("-v", RTS_EVENTLOG_STDERR), WITH_TEXT("-v", RTS_EVENTLOG_STDERR),

    FLAG("-p", RTS_COST_CENTRES), FLAG("-P", RTS_COST_CENTRES),
    FLAG("-pa", RTS_COST_CENTRES), ALIAS("-Pa", RTS_COST_CENTRES, "-pa"),
    FLAG("-pj", RTS_COST_CENTRES), ALIAS("-Pj", RTS_COST_CENTRES, "-pj"),
    WITH_TEXT("-po", RTS_PROFILE_FILE), { "-Po", "-po", RTS_PROFILE_FILE, RTS_TEXT, 0, 0, NULL },
    FLAG("-h", RTS_HEAP_PROFILE), FLAG("-hT", RTS_HEAP_PROFILE), FLAG("-hi", RTS_HEAP_PROFILE),
    FLAG("-he", RTS_HEAP_PROFILE),
    HEAP_BY("-hc", RTS_HEAP_BY_STACK), HEAP_BY("-hC", RTS_HEAP_BY_CENTRE), HEAP_BY("-hm", RTS_HEAP_BY_MODULE),
    HEAP_BY("-hd", RTS_HEAP_BY_DESCRIPTION), HEAP_BY("-hy", RTS_HEAP_BY_TYPE),
    HEAP_BY("-hr", RTS_HEAP_BY_RETAINER), HEAP_BY("-hb", RTS_HEAP_BY_BIOGRAPHY),
    TIMED("-i", RTS_HEAP_SAMPLES, SECONDS_MAX),
    FLAG("--no-automatic-heap-samples", RTS_AUTOMATIC_HEAP_SAMPLES),
    FLAG("--no-automatic-time-samples", RTS_AUTOMATIC_TIME_SAMPLES),
    COUNTED("-R", RTS_RETAINERS, 1, 1000000), COUNTED("-L", RTS_LABEL_LENGTH, 1, 1000000),
    FLAG("-xt", RTS_HEAP_THREADS), FLAG("-xc", RTS_EXCEPTION_STACKS), WITH_TEXT("-r", RTS_TICKY),
    YES_OR_NO("--read-tix-file=", RTS_TIX_READ), YES_OR_NO("--write-tix-file=", RTS_TIX_WRITE),
    FLAG("-B", RTS_BELL), WITH_TEXT("-D", RTS_DEBUG),

    FLAG("-?", RTS_ENDS), FLAG("--info", RTS_ENDS),
};
/* clang-format on */
const size_t rts_flags_known_count = sizeof rts_flags_known / sizeof *rts_flags_known;

/* Settings that do not count while the other one is made without a value: -c compacts always, -H chooses by itself,
 * and -qg leaves one thread that collects. */
const struct rts_silence rts_silenced[] = {
    { RTS_COMPACTING_FROM, RTS_COMPACTING }, { RTS_HEAP_HINT, RTS_HEAP_AUTOMATIC },
    { RTS_BALANCING, RTS_PARALLEL },         { RTS_PARALLEL_THREADS, RTS_PARALLEL },
    { RTS_PARALLEL_IDLE, RTS_PARALLEL },
};
const size_t rts_silenced_count = sizeof rts_silenced / sizeof *rts_silenced;
