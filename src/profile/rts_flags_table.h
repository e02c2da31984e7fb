/* What the flags of GHC's run-time system are: their names, values and what each sets. Data for rts_flags.c. */
#ifndef OU_PROFILE_RTS_FLAGS_TABLE_H
#define OU_PROFILE_RTS_FLAGS_TABLE_H

#include <stddef.h>
#include <stdint.h>

enum rts_value_kind {
    RTS_NO_VALUE,
    RTS_SIZE,    /* 16m, 1.5g, 4096 */
    RTS_COUNT,   /* 2 */
    RTS_DECIMAL, /* 0.3 */
    RTS_TEXT,
};

/* What a flag sets: a later flag undoes an earlier one that sets the same. Their order is that of the normal form. */
enum rts_setting {
    RTS_PROCESSORS,
    RTS_ALLOCATION_AREA,
    RTS_LARGE_OBJECTS,
    RTS_NURSERY_CHUNK,
    RTS_COLLECTOR,
    RTS_COMPACTING,
    RTS_COMPACTING_FROM,
    RTS_MARK_REGION,
    RTS_DENSE_ALLOCATORS,
    RTS_GENERATIONS,
    RTS_OLD_FACTOR,
    RTS_OLD_MINIMUM,
    RTS_RETURN_FACTOR,
    RTS_HEAP_AUTOMATIC,
    RTS_HEAP_HINT,
    RTS_HEAP_LIMIT,
    RTS_HEAP_GRACE,
    RTS_HEAP_FREE,
    RTS_IDLE_DELAY,
    RTS_IDLE_WAIT,
    RTS_PARALLEL,
    RTS_BALANCING,
    RTS_PARALLEL_THREADS,
    RTS_PARALLEL_IDLE,
    RTS_AFFINITY,
    RTS_MIGRATION,
    RTS_NUMA,
    RTS_STACK_LIMIT,
    RTS_STACK_FIRST,
    RTS_STACK_CHUNK,
    RTS_STACK_BUFFER,
    RTS_SWITCH_INTERVAL,
    RTS_TICK,
    RTS_SPARKS,
    RTS_SQUEEZING,
    RTS_STATISTICS,
    RTS_MACHINE_READABLE,
    RTS_INTERNAL_COUNTERS,
    RTS_LONG_SYNC,
    RTS_MEMORY_RETURN,
    RTS_ADDRESS_SPACE,
    RTS_HEAP_BASE,
    RTS_LINKER_BASE,
    RTS_LINKER_PIC,
    RTS_OPTIMISTIC_LINKING,
    RTS_ALLOCATION_GRACE,
    RTS_SIGNAL_HANDLERS,
    RTS_SEH_HANDLERS,
    RTS_STACK_TRACES,
    RTS_CRASH_DUMPS,
    RTS_IO_MANAGER,
    RTS_EVENTLOG,
    RTS_EVENTLOG_FILE,
    RTS_EVENTLOG_FLUSH,
    RTS_EVENTLOG_STDERR,
    RTS_COST_CENTRES,
    RTS_PROFILE_FILE,
    RTS_HEAP_PROFILE,
    RTS_HEAP_BY_STACK,
    RTS_HEAP_BY_CENTRE,
    RTS_HEAP_BY_MODULE,
    RTS_HEAP_BY_DESCRIPTION,
    RTS_HEAP_BY_TYPE,
    RTS_HEAP_BY_RETAINER,
    RTS_HEAP_BY_BIOGRAPHY,
    RTS_HEAP_SAMPLES,
    RTS_AUTOMATIC_HEAP_SAMPLES,
    RTS_AUTOMATIC_TIME_SAMPLES,
    RTS_RETAINERS,
    RTS_LABEL_LENGTH,
    RTS_HEAP_THREADS,
    RTS_EXCEPTION_STACKS,
    RTS_TICKY,
    RTS_TIX_READ,
    RTS_TIX_WRITE,
    RTS_BELL,
    RTS_DEBUG,
    RTS_ENDS, /* no setting: the program prints something and does not run */
    RTS_SETTINGS
};

struct rts_flag {
    const char *name; /* all before the value */
    const char *
        normal; /* what stands for the name, or for all of it, in the normal form; NULL: the name */
    enum rts_setting sets;
    enum rts_value_kind value;
    uint64_t min, max; /* sizes in bytes, decimals in units; texts: words of `max` below */
    const char *words; /* of a TEXT that is one of these, blanks between; NULL: any text */
};

/* A name with two rows may stand with a value and without. */
extern const struct rts_flag rts_flags_known[];
extern const size_t rts_flags_known_count;

/* Settings that do not count while the other one is made without a value. */
struct rts_silence {
    enum rts_setting setting, silenced_by;
};
extern const struct rts_silence rts_silenced[];
extern const size_t rts_silenced_count;

#endif
