#include "cmd/terminal.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "support/test.h"

/* A terminal that nobody looks at, and a file that is none. */
struct screens {
    int controller, terminal, file;
};

static int open_screens(void **state)
{
    static struct screens screens;

    screens.controller = posix_openpt(O_RDWR | O_NOCTTY);
    if (screens.controller < 0 || grantpt(screens.controller) || unlockpt(screens.controller))
        return -1;
    screens.terminal = open(ptsname(screens.controller), O_RDWR | O_NOCTTY);
    screens.file = open("/dev/null", O_RDWR);
    *state = &screens;
    return screens.terminal < 0 || screens.file < 0 ? -1 : 0;
}

static int close_screens(void **state)
{
    const struct screens *screens = *state;

    close(screens->terminal);
    close(screens->controller);
    close(screens->file);
    return 0;
}

static int set_usual_environment(void **state)
{
    (void)state;
    setenv("TERM", "xterm", 1);
    unsetenv("NO_COLOR");
    unsetenv("COLUMNS");
    return 0;
}

static void test_auto_colours_terminals_only(void **state)
{
    const struct screens *screens = *state;

    assert_true(terminal_colour(screens->terminal, WHEN_AUTO));
    assert_false(terminal_colour(screens->file, WHEN_AUTO));
}

static void test_no_color_and_dumb_terminals_are_respected(void **state)
{
    const struct screens *screens = *state;

    setenv("NO_COLOR", "", 1);
    assert_true(terminal_colour(screens->terminal, WHEN_AUTO));
    setenv("NO_COLOR", "1", 1);
    assert_false(terminal_colour(screens->terminal, WHEN_AUTO));
    assert_true(terminal_progress(screens->terminal, WHEN_AUTO));
    unsetenv("NO_COLOR");
    setenv("TERM", "dumb", 1);
    assert_false(terminal_colour(screens->terminal, WHEN_AUTO));
    assert_false(terminal_progress(screens->terminal, WHEN_AUTO));
}

static void test_what_the_user_asks_for_goes_first(void **state)
{
    const struct screens *screens = *state;

    setenv("NO_COLOR", "1", 1);
    assert_true(terminal_colour(screens->file, WHEN_ALWAYS));
    assert_true(terminal_progress(screens->file, WHEN_ALWAYS));
    assert_false(terminal_colour(screens->terminal, WHEN_NEVER));
    assert_false(terminal_progress(screens->terminal, WHEN_NEVER));
    assert_int_equal(when_of("always"), WHEN_ALWAYS);
    assert_int_equal(when_of("never"), WHEN_NEVER);
    assert_int_equal(when_of("auto"), WHEN_AUTO);
    assert_int_equal(when_of(NULL), WHEN_AUTO);
}

static void test_the_first_locale_that_is_set_says_whether_text_is_utf8(void **state)
{
    (void)state;
    unsetenv("LC_ALL");
    unsetenv("LC_CTYPE");
    unsetenv("LANG");
    assert_false(terminal_utf8());
    setenv("LANG", "de_DE.UTF-8", 1);
    assert_true(terminal_utf8());
    setenv("LC_CTYPE", "C", 1);
    assert_false(terminal_utf8());
    setenv("LC_ALL", "", 1);
    assert_false(terminal_utf8());
    setenv("LC_ALL", "en_GB.utf8", 1);
    assert_true(terminal_utf8());
}

static void test_the_width_is_the_terminals(void **state)
{
    const struct screens *screens = *state;
    struct winsize size = { .ws_col = 132, .ws_row = 24 };

    setenv("COLUMNS", "100", 1);
    assert_int_equal(ioctl(screens->terminal, TIOCSWINSZ, &size), 0);
    assert_int_equal(terminal_width(screens->terminal), 132);
    size.ws_col = 3;
    assert_int_equal(ioctl(screens->terminal, TIOCSWINSZ, &size), 0);
    assert_int_equal(terminal_width(screens->terminal), 40);
}

static void test_the_width_without_a_terminal_is_asked_for_or_80(void **state)
{
    const struct screens *screens = *state;

    assert_int_equal(terminal_width(screens->file), 80);
    setenv("COLUMNS", "100", 1);
    assert_int_equal(terminal_width(screens->file), 100);
    setenv("COLUMNS", "12 or so", 1);
    assert_int_equal(terminal_width(screens->file), 80);
    setenv("COLUMNS", "-7", 1);
    assert_int_equal(terminal_width(screens->file), 80);
    setenv("COLUMNS", "99999999999999999999", 1);
    assert_int_equal(terminal_width(screens->file), 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_auto_colours_terminals_only, set_usual_environment),
        cmocka_unit_test_setup(test_no_color_and_dumb_terminals_are_respected,
                               set_usual_environment),
        cmocka_unit_test_setup(test_what_the_user_asks_for_goes_first, set_usual_environment),
        cmocka_unit_test_setup(test_the_first_locale_that_is_set_says_whether_text_is_utf8,
                               set_usual_environment),
        cmocka_unit_test_setup(test_the_width_is_the_terminals, set_usual_environment),
        cmocka_unit_test_setup(test_the_width_without_a_terminal_is_asked_for_or_80,
                               set_usual_environment),
    };

    return cmocka_run_group_tests(tests, open_screens, close_screens);
}
