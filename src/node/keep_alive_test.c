#include "wire/keep_alive.h"

#include "node/gossip_test.h"
#include "support/hex.h"

static struct gossip g;
static struct script asked, asking; /* what the far end answers; what it asks */

static void stop(struct peer *peer)
{
    keep_alive_stop(peer->keep_alive);
    peer->keep_alive = NULL;
}

static int set_up(void **state)
{
    struct ou_error err;

    (void)state;
    gossip_begin(&g, stop);
    script_open(&g, &asked, &protocol_keep_alive, false); /* the driver asks at once */
    g.peer.keep_alive = keep_alive_start(&g.peer, &err);
    assert_non_null(g.peer.keep_alive);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    gossip_end(&g);
    script_close(&asked);
    return 0;
}

static void say(struct script *s, struct keep_alive_message m)
{
    buffer_clear(&s->out);
    keep_alive_write(&s->out, m);
    script_say(s, bytes_of(&s->out));
}

static struct keep_alive_message hear(struct script *s)
{
    struct keep_alive_message m = { 0 };
    const char *why = "";

    assert_int_equal(keep_alive_read(script_hear(&g, s), &m, &why), WIRE_OK);
    return m;
}

static void test_the_one_who_asks_learns_the_distance(void **state)
{
    struct keep_alive_message question;

    (void)state;
    question = hear(&asked);
    assert_int_equal(question.key, KEEP_ALIVE_PING);
    assert_true(isnan(g.peer.latency_s));
    say(&asked, (struct keep_alive_message){ KEEP_ALIVE_PONG, question.cookie });
    while (isnan(g.peer.latency_s))
        uv_run(&g.loop, UV_RUN_ONCE);
    assert_true(g.peer.latency_s > 0 && g.peer.latency_s < 60);
    gossip_expect_calm(&g, &asked); /* the next question is ten seconds away */
}

static void test_another_cookie_ends_the_connection(void **state)
{
    struct keep_alive_message question;
    char why[64];

    (void)state;
    question = hear(&asked);
    say(&asked, (struct keep_alive_message){ KEEP_ALIVE_PONG, question.cookie ^ 1 });
    snprintf(why, sizeof why, "cookie %u was answered with %u", (unsigned)question.cookie,
             (unsigned)question.cookie ^ 1);
    gossip_expect_end(&g, &protocol_keep_alive, why);
}

static void test_an_answer_that_is_malformed_ends_the_connection(void **state)
{
    (void)state;
    hear(&asked);
    script_say(&asked, from_hex("82011a00010000"));
    gossip_expect_end(&g, &protocol_keep_alive, "a cookie above 65535");
    assert_true(isnan(g.peer.latency_s));
}

static void test_a_question_that_is_malformed_ends_the_connection(void **state)
{
    static const struct {
        const struct protocol *protocol;
        const char *says, *why;
    } faults[] = {
        { &protocol_keep_alive, "82001a00010000", "a cookie above 65535" },
        { &protocol_peer_sharing, "8200190100", "more than 255 peers are asked for" },
    };

    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        if (i > 0)
            set_up(state);
        script_open(&g, &asking, faults[i].protocol, true);
        script_say(&asking, from_hex(faults[i].says));
        gossip_expect_end(&g, faults[i].protocol, faults[i].why);
        script_close(&asking);
        if (i + 1 < sizeof faults / sizeof *faults)
            tear_down(state);
    }
}

static void test_questions_are_answered_also_after_a_done(void **state)
{
    struct keep_alive_message answer;

    (void)state;
    script_open(&g, &asking, &protocol_keep_alive, true);
    for (uint16_t cookie = 100; cookie < 110; cookie++) {
        say(&asking, (struct keep_alive_message){ KEEP_ALIVE_PING, cookie });
        answer = hear(&asking);
        assert_int_equal(answer.key, KEEP_ALIVE_PONG);
        assert_int_equal(answer.cookie, cookie);
    }
    say(&asking, (struct keep_alive_message){ .key = KEEP_ALIVE_DONE });
    gossip_expect_calm(&g, &asking);
    script_close(&asking);
}

static void test_who_asks_for_peers_hears_of_none(void **state)
{
    static const uint8_t request[] = { 0x82, 0x00, 0x05 }, none[] = { 0x82, 0x01, 0x80 };
    struct bytes answer;

    (void)state;
    script_open(&g, &asking, &protocol_peer_sharing, true);
    script_say(&asking, (struct bytes){ request, sizeof request });
    answer = script_hear(&g, &asking);
    assert_int_equal(answer.count, sizeof none);
    assert_memory_equal(answer.at, none, sizeof none);
    script_close(&asking);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_the_one_who_asks_learns_the_distance, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_another_cookie_ends_the_connection, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_an_answer_that_is_malformed_ends_the_connection,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_question_that_is_malformed_ends_the_connection,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_questions_are_answered_also_after_a_done, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_who_asks_for_peers_hears_of_none, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
