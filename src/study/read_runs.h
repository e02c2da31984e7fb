/* Reading finished runs back. */
#ifndef OU_STUDY_READ_RUNS_H
#define OU_STUDY_READ_RUNS_H

#include "base/span.h"
#include "study/finished_run.h"

/* Decompressed. Some 1.5 KB a block make 4 MB for 2,500 blocks; hostile JSON takes 80 times its bytes as a tree. */
#define ANALYSIS_FILE_MAX ((size_t)64 << 20)

/* Adds what `operand` names:
 *   RUN              a run directory: its analysis/analysis.json
 *   FILE.json        an analysis file (also .json.gz, .json.zst), or a variance file: all runs in it
 *   TABLE.tsv#RUN    a column of a table of published results; TABLE.tsv#WORKLOAD/RUN where several workloads have one
 *                    of that name; TABLE.tsv alone: all of it, each run once (history only wants that)
 * OU_NOT_FOUND with the next step ("ouroscope analyse RUN") where a run has not been analysed yet; OU_INVALID with file,
 * place and reason for anything that is no such file. Hostile files are refused, never trusted. */
enum ou_status run_set_add(struct run_set *s, const char *operand, struct ou_error *err);

/* The same of a text in memory, not packed: an analysis or variance file, or a table, of which all runs are added. name
 * stands in messages for its path, operand is what its runs were given as. OU_TOO_LARGE above ANALYSIS_FILE_MAX. */
enum ou_status run_set_add_text(struct run_set *s, struct span text, const char *name,
                                const char *operand, struct ou_error *err);

/* Gives the set its label once all runs are in it: fallback when they do not agree on an ident or node version. */
void run_set_name(struct run_set *s, const char *fallback);

/* By start; runs without one keep their place at the end. */
void run_set_sort(struct run_set *s);

#endif
