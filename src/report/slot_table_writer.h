/* The table of slots as CSV: a row per host and slot, hosts by name, slots in
 * order; the columns are the dictionary's slot timeline with host and
 * slotStart before it and the other resources behind it.
 *
 * Hosts are finished in any order and by several threads at once, while the
 * table is sorted, and all of it does not fit in memory. So each host's rows
 * are formatted by the thread that brings them and parked in one temporary file
 * that has no name; at the end they are copied out host by host. */
#ifndef OU_REPORT_SLOT_TABLE_WRITER_H
#define OU_REPORT_SLOT_TABLE_WRITER_H

#include <pthread.h>
#include <stdint.h>
#include <sys/types.h>

#include "analyse/slot_table.h"
#include "base/file.h"
#include "base/status.h"
#include "chain/genesis.h"

struct slot_table_writer {
    const struct genesis *genesis; /* not owned */
    int spool;                     /* descriptor of the temporary file */

    pthread_mutex_t lock; /* guards what follows */
    off_t spool_end;
    struct slot_table_chunk *chunks; /* owned */
    size_t chunk_count, chunk_cap;
    enum ou_status status; /* first failure, sticky */
    int os_error;          /* errno of it */
};

/* Makes the temporary file: in `directory`, which should be on the disk that
 * gets the table, or, when that is NULL, in $TMPDIR or /var/tmp. genesis gives
 * the clock and must stay valid. Release after OU_OK only. */
enum ou_status slot_table_open(struct slot_table_writer *w, const struct genesis *genesis,
                               const char *directory, struct ou_error *err);

/* Where analysis_run() puts the rows. Any thread; failures stick. The sink
 * lives as long as the writer. */
struct slot_sink slot_table_sink(struct slot_table_writer *w);

/* Writes header and rows, to a file or to a descriptor; tells what has failed
 * since slot_table_open(), too. After the analysis, one thread. */
enum ou_status slot_table_write_file(struct slot_table_writer *w, struct out_file *to,
                                     struct ou_error *err);
enum ou_status slot_table_write_fd(struct slot_table_writer *w, int fd, struct ou_error *err);

void slot_table_release(struct slot_table_writer *w);

#endif
