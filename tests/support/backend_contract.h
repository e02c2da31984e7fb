/* What every kind of backend (deploy/backend.h) must do, as cmocka tests: the test program of a
 * kind has CONTRACT_TESTS among its own, between contract_set_up() and contract_tear_down(), which
 * are of a group. One cluster of two hosts stands for all of them. */
#ifndef OU_SUPPORT_BACKEND_CONTRACT_H
#define OU_SUPPORT_BACKEND_CONTRACT_H

#include "deploy/backend.h"
#include "support/test.h"

#define CONTRACT_HOSTS 2

/* Opens a backend of the kind for these hosts; the rest is the contract's. */
typedef enum ou_status (*contract_open_fn)(const char *run_directory, const struct host_want *wants,
                                           size_t count, struct backend **ret,
                                           struct ou_error *err);

/* Has the cluster stand, writes files into RUN (an absolute path of a folder that is there),
 * delivers, and begins the loop. What goes wrong is printed, and is no 0. */
int contract_set_up(const char *run_directory, contract_open_fn open);
/* Leaves the cluster. */
int contract_tear_down(void);

#define CONTRACT_TESTS                                                       \
    cmocka_unit_test(contract_sites_tell_where_hosts_are),                   \
        cmocka_unit_test(contract_an_end_is_told_once_with_the_last_lines),  \
        cmocka_unit_test(contract_a_service_has_its_folder_and_environment), \
        cmocka_unit_test(contract_files_that_were_delivered_are_there),      \
        cmocka_unit_test(contract_a_program_that_is_not_there_is_told),      \
        cmocka_unit_test(contract_stop_asks),                                \
        cmocka_unit_test(contract_stop_asks_with_the_signal_of_the_command), \
        cmocka_unit_test(contract_stop_kills_what_does_not_listen),          \
        cmocka_unit_test(contract_a_service_is_ready_by_a_line),             \
        cmocka_unit_test(contract_a_service_is_ready_by_a_file),             \
        cmocka_unit_test(contract_a_service_is_ready_by_a_port),             \
        cmocka_unit_test(contract_a_log_tells_of_blocks_and_transactions),   \
        cmocka_unit_test(contract_facts_have_processor_time_and_memory),     \
        cmocka_unit_test(contract_services_of_a_host_run_side_by_side),      \
        cmocka_unit_test(contract_a_service_starts_again),                   \
        cmocka_unit_test(contract_what_was_written_comes_home) /* ends the loop */

void contract_sites_tell_where_hosts_are(void **state);
void contract_an_end_is_told_once_with_the_last_lines(void **state);
void contract_a_service_has_its_folder_and_environment(void **state);
void contract_files_that_were_delivered_are_there(void **state);
void contract_a_program_that_is_not_there_is_told(void **state);
void contract_stop_asks(void **state);
void contract_stop_asks_with_the_signal_of_the_command(void **state);
void contract_stop_kills_what_does_not_listen(void **state);
void contract_a_service_is_ready_by_a_line(void **state);
void contract_a_service_is_ready_by_a_file(void **state);
void contract_a_service_is_ready_by_a_port(void **state);
void contract_a_log_tells_of_blocks_and_transactions(void **state);
void contract_facts_have_processor_time_and_memory(void **state);
void contract_services_of_a_host_run_side_by_side(void **state);
void contract_a_service_starts_again(void **state);
void contract_what_was_written_comes_home(void **state);

#endif
