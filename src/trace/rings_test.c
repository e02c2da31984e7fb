#include "trace/rings.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "support/test.h"

#define NUMBER_FIELDS(F) F(u64, number, "number", OU_DMINIMAL, "counts the calls of a thread")
OU_TRACE_POINT(number, "Test.Number", OU_INFO, OU_PUBLIC, NUMBER_FIELDS, "A number.");

#define TEXT_FIELDS(F) F(text, text, "text", OU_DMINIMAL, "any text")
OU_TRACE_POINT(text, "Test.Text", OU_INFO, OU_PUBLIC, TEXT_FIELDS, "A text.");

static void trace_number(uint64_t n)
{
    ou_emit_number(OU_STATE_RECORD, n, 0);
}

/* What a reading handed on. */
struct seen {
    uint64_t count, last_stamp, out_of_order;
    uint64_t next[16]; /* of the numbers of each thread, which must come without gaps */
    uint64_t gaps;
    uint32_t threads[16];
    int thread_count;
    size_t text_bytes;
};

static int index_of(struct seen *s, uint32_t thread)
{
    for (int i = 0; i < s->thread_count; i++)
        if (s->threads[i] == thread)
            return i;
    assert_true(s->thread_count < 16);
    s->threads[s->thread_count] = thread;
    return s->thread_count++;
}

static void see(void *context, const struct ou_record *record, uint32_t thread)
{
    struct seen *s = context;
    uint64_t n;

    s->count++;
    s->out_of_order += record->stamp < s->last_stamp;
    s->last_stamp = record->stamp;
    if (record->point == &ou_point_text) {
        s->text_bytes += record->bytes;
        return;
    }
    memcpy(&n, record + 1, sizeof(n));
    s->gaps += s->next[index_of(s, thread)]++ != n;
}

static uint64_t lost(void)
{
    uint64_t sum = 0;

    for (int i = 0; i < LOSSES; i++)
        sum += rings_lost((enum loss)i);
    return sum;
}

static int open_small_rings(void **state)
{
    (void)state;
    rings_forget();
    rings_open(RING_BYTES_MIN, OU_WHEN_FULL_DROP);
    return 0;
}

static void test_records_come_out_in_the_order_they_went_in(void **state)
{
    struct seen s = { 0 };

    (void)state;
    for (uint64_t i = 0; i < 1000; i++)
        trace_number(i);
    assert_int_equal(rings_pending(), 1000);
    assert_int_equal(rings_read(UINT64_MAX, see, &s), 1000);
    assert_int_equal(s.count, 1000);
    assert_int_equal(s.gaps, 0);
    assert_int_equal(s.out_of_order, 0);
    assert_int_equal(rings_pending(), 0);
    assert_int_equal(lost(), 0);
}

static void test_a_full_ring_drops_and_counts_and_goes_on_when_read(void **state)
{
    struct seen s = { 0 };

    (void)state;
    for (uint64_t i = 0; i < 10000; i++)
        trace_number(i);
    rings_read(UINT64_MAX, see, &s);
    assert_int_equal(s.count, RING_BYTES_MIN / 32); /* a head of 24 bytes, a number of 8 */
    assert_int_equal(rings_lost(LOSS_ring_full), 10000 - s.count);
    trace_number(s.count);
    rings_read(UINT64_MAX, see, &s);
    assert_int_equal(s.gaps, 0);
    assert_int_equal(s.count + lost(), 10001);
}

static void test_records_of_odd_sizes_go_round_the_end_whole(void **state)
{
    struct seen s = { 0 };
    char *text = malloc(OU_TEXT_MAX);
    uint64_t calls = 0;

    (void)state;
    memset(text, 'x', OU_TEXT_MAX);
    for (size_t len = 1; len < 16000; len += 61) {
        text[len] = 0;
        ou_emit_text(OU_STATE_RECORD, text, 0);
        calls++;
        text[len] = 'x';
        if (len % 2)
            rings_read(UINT64_MAX, see, &s);
    }
    rings_read(UINT64_MAX, see, &s);
    assert_int_equal(s.count, calls);
    assert_int_equal(lost(), 0);
    free(text);
}

static void see_place(void *highest, const struct ou_record *record, uint32_t thread)
{
    const char **place = highest;

    (void)thread;
    if ((const char *)record > *place)
        *place = (const char *)record;
}

static void test_a_ring_that_is_read_in_time_uses_its_beginning_alone(void **state)
{
    const char *highest = NULL;
    uint64_t read = 0;

    (void)state;
    for (uint64_t i = 0; i < 20 * RING_BYTES_MIN / 32; i++) {
        trace_number(i);
        if (i % 100 == 99)
            read += rings_read(UINT64_MAX, see_place, &highest);
    }
    assert_int_equal(read, 20 * RING_BYTES_MIN / 32 / 100 * 100);
    assert_int_equal(lost(), 0);
    assert_true(highest < ou_ring_here->data + RING_BYTES_MIN / 2);
}

static void test_a_ring_that_began_again_has_room_for_as_much_as_ever(void **state)
{
    struct seen s = { 0 };
    uint64_t i = 0;

    (void)state;
    for (; i < RING_BYTES_MIN / 32 / 4; i++)
        trace_number(i);
    rings_read(UINT64_MAX, see, &s);
    for (uint64_t more = 0; more < RING_BYTES_MIN / 32; more++)
        trace_number(i++);
    assert_int_equal(lost(), 0);
    trace_number(i++);
    assert_int_equal(lost(), 1);
    rings_read(UINT64_MAX, see, &s);
    assert_int_equal(s.gaps + s.out_of_order, 0);
    assert_int_equal(s.count + lost(), i);
}

static void test_a_record_above_a_quarter_of_the_ring_is_too_large(void **state)
{
    char *text = malloc(OU_TEXT_MAX + 1);

    (void)state;
    memset(text, 'x', OU_TEXT_MAX);
    text[OU_TEXT_MAX] = 0;
    ou_emit_text(OU_STATE_RECORD, text, 0); /* its head makes it larger than 16 KiB */
    assert_int_equal(rings_lost(LOSS_too_large), 1);
    assert_int_equal(rings_pending(), 0);
    free(text);
}

static void test_only_records_up_to_the_horizon_come_out(void **state)
{
    struct seen s = { 0 };
    uint64_t between;

    (void)state;
    trace_number(0);
    between = ou_ticks();
    trace_number(1);
    assert_int_equal(rings_read(between, see, &s), 1);
    assert_int_equal(rings_read(UINT64_MAX, see, &s), 1);
    assert_int_equal(s.gaps, 0);
}

static _Atomic int busy_threads;

static void *trace_much(void *count)
{
    for (uint64_t i = 0; i < *(uint64_t *)count; i++)
        trace_number(i);
    atomic_fetch_sub(&busy_threads, 1);
    return NULL;
}

/* Starts threads that trace, reads until they have ended, and joins them. */
static void run_threads(int n, uint64_t count, struct seen *s)
{
    pthread_t threads[16];

    atomic_store(&busy_threads, n);
    for (int i = 0; i < n; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, trace_much, &count), 0);
    while (atomic_load(&busy_threads))
        rings_read(UINT64_MAX, see, s);
    for (int i = 0; i < n; i++)
        pthread_join(threads[i], NULL);
    rings_read(UINT64_MAX, see, s);
}

static void test_every_record_of_saturated_rings_is_accounted_for(void **state)
{
    struct seen s = { 0 };

    (void)state;
    run_threads(8, 50000, &s);
    assert_int_equal(s.count + lost(), 8 * 50000);
    assert_int_equal(rings_lost(LOSS_ring_full), lost());
}

static void test_callers_that_may_wait_lose_nothing(void **state)
{
    struct seen s = { 0 };

    (void)state;
    rings_open(RING_BYTES_MIN, OU_WHEN_FULL_BLOCK);
    run_threads(4, 20000, &s);
    assert_int_equal(s.count, 4 * 20000);
    assert_int_equal(s.gaps, 0);
    assert_int_equal(lost(), 0);
}

static void test_the_reader_never_waits_for_itself(void **state)
{
    (void)state;
    rings_open(RING_BYTES_MIN, OU_WHEN_FULL_BLOCK);
    rings_set_reader(true);
    for (uint64_t i = 0; i < 10000; i++)
        trace_number(i);
    rings_set_reader(false);
    assert_true(rings_lost(LOSS_ring_full) > 0);
}

static void *trace_once(void *unused)
{
    (void)unused;
    trace_number(0);
    return ou_ring_here;
}

static void *ring_of_a_new_thread(void)
{
    pthread_t thread;
    void *ring;

    assert_int_equal(pthread_create(&thread, NULL, trace_once, NULL), 0);
    pthread_join(thread, &ring);
    assert_ptr_not_equal(ring, NULL);
    return ring;
}

static void test_a_ring_with_records_stays_its_threads(void **state)
{
    void *first = ring_of_a_new_thread();

    (void)state;
    rings_recycle();
    assert_ptr_not_equal(ring_of_a_new_thread(), first);
    assert_int_equal(rings_read(UINT64_MAX, see, &(struct seen){ 0 }), 2);
}

/* The kernel may take a moment to forget a thread that has been joined. */
static void test_a_ring_goes_from_a_thread_that_ended_to_another(void **state)
{
    void *first = ring_of_a_new_thread();
    bool again = false;

    (void)state;
    for (int i = 0; i < RINGS_MAX && !again; i++) {
        rings_read(UINT64_MAX, see, &(struct seen){ 0 });
        rings_recycle();
        again = ring_of_a_new_thread() == first;
    }
    assert_true(again);
}

static void on_signal(int number)
{
    (void)number;
    trace_number(7);
}

static void test_a_signal_handler_may_trace(void **state)
{
    struct sigaction action = { .sa_handler = on_signal }, before;
    struct seen s = { 0 };

    (void)state;
    sigaction(SIGUSR1, &action, &before);
    raise(SIGUSR1); /* as the first thing that this thread does */
    assert_int_equal(rings_read(UINT64_MAX, see, &s), 1);

    struct ou_record *open = ou_reserve(&ou_point_number, OU_STATE_RECORD, 32);
    raise(SIGUSR1); /* in the middle of a call */
    memset(open + 1, 0, 8);
    ou_commit(open, OU_STATE_RECORD);
    assert_int_equal(rings_lost(LOSS_interrupted), 1);
    assert_int_equal(rings_read(UINT64_MAX, see, &s), 1);
    raise(SIGUSR1);
    assert_int_equal(rings_read(UINT64_MAX, see, &s), 1);
    sigaction(SIGUSR1, &before, NULL);
}

/* Not under the thread sanitizer, whose own code would be stepped through, locks and all. */
#if defined(__x86_64__) && !defined(__SANITIZE_THREAD__)
#define CAN_STEP 1
#else
#define CAN_STEP 0
#endif

#if CAN_STEP
/* The processor stops behind each instruction while this flag is set. */
#define TRAP_FLAG 0x100

static struct {
    bool on;
    int left; /* until a handler traces */
} stepping = { .left = -1 };

static void on_step(int number, siginfo_t *info, void *context)
{
    greg_t *flags = &((ucontext_t *)context)->uc_mcontext.gregs[REG_EFL];

    (void)number;
    (void)info;
    if (stepping.on && stepping.left-- == 0)
        trace_number(7);
    *flags = stepping.on ? *flags | TRAP_FLAG : *flags & ~TRAP_FLAG;
}

static void step_through_a_call(int signal_after)
{
    stepping.left = signal_after;
    stepping.on = true;
    raise(SIGTRAP);
    trace_number(1);
    stepping.on = false;
    raise(SIGTRAP);
}

/* The next record goes without a look at the reader, the one behind it does not. */
static void leave_room_for_one(void)
{
    do {
        trace_number(0);
    } while (ou_ring_here->limit - ou_ring_here->head != 32);
}

static void test_a_signal_behind_any_instruction_of_a_call_takes_no_room_from_it(void **state)
{
    struct sigaction action = { .sa_sigaction = on_step, .sa_flags = SA_SIGINFO }, before;
    struct seen s = { 0 };

    (void)state;
    sigaction(SIGTRAP, &action, &before);
    for (int signal_after = 0; stepping.left < 0; signal_after++) {
        leave_room_for_one();
        rings_read(UINT64_MAX, see, &s);
        step_through_a_call(signal_after);
        assert_true(ou_ring_here->head <= ou_ring_here->limit);
    }
    sigaction(SIGTRAP, &before, NULL);
}
#endif

static void test_rings_are_quiet_when_no_call_is_under_way(void **state)
{
    struct ou_record *open;

    (void)state;
    trace_number(0);
    assert_true(rings_are_quiet());
    open = ou_reserve(&ou_point_number, OU_STATE_RECORD, 32);
    assert_false(rings_are_quiet());
    memset(open + 1, 0, 8);
    ou_commit(open, OU_STATE_RECORD);
    assert_true(rings_are_quiet());
}

/* Fills the ring and goes on, so that it has to wait. */
static void *fill_and_wait(void *unused)
{
    (void)unused;
    for (uint64_t i = 0; i <= RING_BYTES_MIN / 32; i++)
        trace_number(i);
    return NULL;
}

/* Between its calls the thread is quiet for a moment, too; hence several looks in a row. Without
 * an end to the waiting this test is ended by its time limit. */
static void wait_until_quiet(uint64_t records)
{
    static const struct timespec a_little = { 0, 1000000 };

    for (int in_a_row = 0; in_a_row < 20;) {
        nanosleep(&a_little, NULL);
        in_a_row = rings_pending() == records && rings_are_quiet() ? in_a_row + 1 : 0;
    }
}

static void test_a_caller_that_waits_for_room_is_quiet(void **state)
{
    struct seen s = { 0 };
    uint64_t before_it_goes_on;
    pthread_t thread;

    (void)state;
    rings_open(RING_BYTES_MIN, OU_WHEN_FULL_BLOCK);
    assert_int_equal(pthread_create(&thread, NULL, fill_and_wait, NULL), 0);
    wait_until_quiet(RING_BYTES_MIN / 32);
    before_it_goes_on = ou_ticks();
    assert_int_equal(rings_read(before_it_goes_on, see, &s), RING_BYTES_MIN / 32);
    pthread_join(thread, NULL);
    assert_int_equal(rings_read(UINT64_MAX, see, &s), 1);
    assert_true(s.last_stamp > before_it_goes_on);
    assert_int_equal(s.gaps + s.out_of_order + lost(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_records_come_out_in_the_order_they_went_in, open_small_rings),
        cmocka_unit_test_setup(test_a_full_ring_drops_and_counts_and_goes_on_when_read,
                               open_small_rings),
        cmocka_unit_test_setup(test_records_of_odd_sizes_go_round_the_end_whole, open_small_rings),
        cmocka_unit_test_setup(test_a_ring_that_is_read_in_time_uses_its_beginning_alone,
                               open_small_rings),
        cmocka_unit_test_setup(test_a_ring_that_began_again_has_room_for_as_much_as_ever,
                               open_small_rings),
        cmocka_unit_test_setup(test_a_record_above_a_quarter_of_the_ring_is_too_large,
                               open_small_rings),
        cmocka_unit_test_setup(test_only_records_up_to_the_horizon_come_out, open_small_rings),
        cmocka_unit_test_setup(test_every_record_of_saturated_rings_is_accounted_for,
                               open_small_rings),
        cmocka_unit_test_setup(test_callers_that_may_wait_lose_nothing, open_small_rings),
        cmocka_unit_test_setup(test_the_reader_never_waits_for_itself, open_small_rings),
        cmocka_unit_test_setup(test_a_ring_with_records_stays_its_threads, open_small_rings),
        cmocka_unit_test_setup(test_a_ring_goes_from_a_thread_that_ended_to_another,
                               open_small_rings),
        cmocka_unit_test_setup(test_a_signal_handler_may_trace, open_small_rings),
#if CAN_STEP
        cmocka_unit_test_setup(test_a_signal_behind_any_instruction_of_a_call_takes_no_room_from_it,
                               open_small_rings),
#endif
        cmocka_unit_test_setup(test_rings_are_quiet_when_no_call_is_under_way, open_small_rings),
        cmocka_unit_test_setup(test_a_caller_that_waits_for_room_is_quiet, open_small_rings),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
