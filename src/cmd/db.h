/* Commands about a results database as a whole: `db check`, `db backup`, `db prune`, `db migrate`. */
#ifndef OU_CMD_DB_H
#define OU_CMD_DB_H

#include "cmd/commands.h"
#include "store/sql.h"

/* Rows of the option tables; the first one is the same in all. */
enum db_option { DB_PLACE, DB_OPTIONS };
enum db_check_option { DB_CHECK_JSON = DB_OPTIONS };
enum db_backup_option { DB_BACKUP_REPLACE = DB_OPTIONS, DB_BACKUP_JSON };
enum db_prune_option {
    DB_PRUNE_OLDER_THAN = DB_OPTIONS,
    DB_PRUNE_KEEP,
    DB_PRUNE_PROJECT,
    DB_PRUNE_AUDIT,
    DB_PRUNE_COMPUTED,
    DB_PRUNE_YES,
    DB_PRUNE_JSON,
};
enum db_migrate_option { DB_MIGRATE_JSON = DB_OPTIONS };

enum exit_code cmd_db_check(const struct parsed_options *options);
enum exit_code cmd_db_backup(const struct parsed_options *options);
enum exit_code cmd_db_prune(const struct parsed_options *options);
enum exit_code cmd_db_migrate(const struct parsed_options *options);

enum db_access { DB_READ, DB_WRITE, DB_MAKE /* a file that is not there is made */ };

/* Opens the database that --db names, or $OUROSCOPE_DB, or results.db. A server is OU_USAGE. */
enum ou_status db_open(const struct parsed_options *options, enum db_access how, struct sql **ret,
                       struct ou_error *err);

/* Tells what went wrong, and how the command ends. */
enum exit_code db_failed(const struct parsed_options *options, enum ou_status status,
                         const struct ou_error *err);

#endif
