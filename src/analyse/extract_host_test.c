/* A host that is written down and read again is the same; one that cannot be is refused. */
#include "analyse/extract_host.h"

#include "analyse/events_test.h"
#include "support/files.h"

static struct genesis genesis;
static struct filter_set filters;
static struct temp_dir dir;

struct fixture {
    struct analysis_request request;
    struct host_states states;
    struct host_state *host;
};

static void begin(struct fixture *f)
{
    f->request = (struct analysis_request){ .genesis = &genesis, .filters = &filters };
    host_states_init(&f->states, &f->request);
    f->host = host_states_add(&f->states, "node-0");
    assert_non_null(f->host);
}

static void take(struct fixture *f, struct event e)
{
    host_state_event(f->host, &e);
}

/* Two checks of the forge loop, a block with its parent, an event far ahead that nothing confirms. */
static void fill(struct fixture *f)
{
    struct event adopted = block_event(EVENT_ADDED_TO_CHAIN, AT(3, 700), "bb");

    take(f, slot_event(EVENT_START_LEADERSHIP_CHECK, AT(1, 2), 1));
    take(f, slot_event(EVENT_START_LEADERSHIP_CHECK, AT(3, 4), 3));
    take(f, block_event(EVENT_SEEN_HEADER, AT(3, 500), "bb"));
    adopted.parent = span_of("aa");
    adopted.tip_number = 7;
    take(f, adopted);
    take(f, slot_event(EVENT_START_LEADERSHIP_CHECK, AT(3, 5), 90000));
}

static struct extract_reader written(const struct buffer *inside)
{
    const char *path = temp_path(&dir, "host.extract");
    struct ou_error err = { "" };
    struct extract_reader r;
    struct buffer all;

    buffer_init(&all, allocator_libc(), 1u << 20);
    buffer_text(&all, EXTRACT_MAGIC);
    put_number(&all, EXTRACT_VERSION);
    buffer_append(&all, inside->at, inside->len);
    write_file(path, all.at, all.len);
    buffer_release(&all);
    assert_int_equal(extract_open(&r, path, &err), OU_OK);
    return r;
}

static void test_a_host_comes_back(void **state)
{
    struct fixture from, to;
    struct extract_reader r;
    const struct block_record *block;
    struct buffer b, again;

    (void)state;
    begin(&from);
    begin(&to);
    fill(&from);
    buffer_init(&b, allocator_libc(), 1u << 20);
    buffer_init(&again, allocator_libc(), 1u << 20);
    put_host(&b, from.host);
    r = written(&b);
    take_host(&r, to.host);
    assert_false(extract_failed(&r));
    block = machine_view_find(&to.host->view, span_of("bb"));
    assert_non_null(block);
    assert_true(block->noticed_ns == AT(3, 500) && block->adopted_ns == AT(3, 700));
    assert_int_equal(block->number, 7);
    assert_true(span_is(intern_text(&to.host->view.hashes, block->parent), "aa"));
    assert_null(machine_view_find(&to.host->view, span_of("aa")));
    assert_int_equal(to.host->fold.count, 3);
    assert_int_equal(to.host->fold.records[2].slot, 3);
    assert_true(to.host->fold.records[2].start_ns == AT(3, 0));
    assert_true(to.host->fold.records[2].phase_ns[SLOT_STARTED] == AT(3, 4));
    assert_int_equal(to.host->fold.wild_stamps, 1);
    put_host(&again, to.host);
    assert_int_equal(again.len, b.len);
    assert_memory_equal(again.at, b.at, b.len);
    extract_close(&r);
    buffer_release(&b);
    buffer_release(&again);
    host_states_release(&from.states);
    host_states_release(&to.states);
}

/* What fill() makes, spoilt, is refused with these words. */
static void lies(void (*spoil)(struct host_state *), const char *words)
{
    struct fixture from, to;
    struct extract_reader r;
    struct buffer b;

    begin(&from);
    begin(&to);
    fill(&from);
    spoil(from.host);
    buffer_init(&b, allocator_libc(), 1u << 20);
    put_host(&b, from.host);
    r = written(&b);
    take_host(&r, to.host);
    assert_true(extract_failed(&r));
    assert_non_null(strstr(r.error.text, words));
    extract_close(&r);
    buffer_release(&b);
    host_states_release(&from.states);
    host_states_release(&to.states);
}

static void test_what_a_load_generator_says_comes_back(void **state)
{
    struct fixture from, to;
    struct extract_reader r;
    struct buffer b;

    (void)state;
    begin(&from);
    begin(&to);
    take(&from, (struct event){ .kind = EVENT_GENERATOR_SETUP, .number = 480, .size = 621 });
    take(&from, (struct event){ .kind = EVENT_GENERATOR_SUMMARY, .number = 9 });
    buffer_init(&b, allocator_libc(), 1u << 20);
    put_host(&b, from.host);
    r = written(&b);
    take_host(&r, to.host);
    assert_false(extract_failed(&r));
    assert_true(host_is_generator(to.host));
    assert_int_equal(to.host->setup_taken, 480);
    assert_int_equal(to.host->setup_txs, 621);
    assert_int_equal(to.host->txs_sent, 9);
    extract_close(&r);
    buffer_release(&b);
    host_states_release(&from.states);
    host_states_release(&to.states);
}

static void more_than_there_is(struct host_state *h)
{
    h->load_events = 1;
    h->node_events = 0;
    h->setup_taken = 2;
    h->setup_txs = 1;
}

static void no_such_parent(struct host_state *h)
{
    h->view.records[0].parent = 2;
}

static void no_such_peer(struct host_state *h)
{
    h->view.records[0].sent_by = 0;
}

static void no_such_kind(struct host_state *h)
{
    h->view.records[0].kind = (enum record_kind)(RECORD_ERROR + 1);
}

static void long_ago(struct host_state *h)
{
    h->view.records[0].adopted_ns = -1;
}

static void far_ahead(struct host_state *h)
{
    h->fold.records[2].slot = UINT64_MAX - 1;
}

static void going_back(struct host_state *h)
{
    h->fold.records[2].slot = 0;
}

static void test_what_cannot_be_is_refused(void **state)
{
    (void)state;
    lies(more_than_there_is, "more of a fund is split than there is");
    lies(no_such_parent, "no such parent");
    lies(no_such_peer, "came from nobody");
    lies(no_such_kind, "cannot be");
    lies(long_ago, "before 1970");
    lies(far_ahead, "no time can be told");
    lies(going_back, "no time can be told");
}

static void test_stamps_of_a_host_are_all_known_or_none(void **state)
{
    struct host_tally tally = host_tally_empty;
    struct extract_reader r;
    struct buffer b;

    (void)state;
    buffer_init(&b, allocator_libc(), 1u << 20);
    put_tally(&b, &tally);
    tally.first_ns = START;
    put_tally(&b, &tally);
    r = written(&b);
    assert_true(take_tally(&r).first_ns == TIME_NONE);
    assert_false(extract_failed(&r));
    take_tally(&r);
    assert_true(extract_failed(&r));
    extract_close(&r);
    buffer_release(&b);
}

static int set_up(void **state)
{
    (void)state;
    temp_dir_make(&dir);
    genesis = second_genesis(1000);
    filter_set_init(&filters, genesis.max_block_body_bytes, false);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    filter_set_release(&filters);
    temp_dir_remove(&dir);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_host_comes_back),
        cmocka_unit_test(test_what_a_load_generator_says_comes_back),
        cmocka_unit_test(test_what_cannot_be_is_refused),
        cmocka_unit_test(test_stamps_of_a_host_are_all_known_or_none),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
