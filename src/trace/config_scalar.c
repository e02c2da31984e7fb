/* What a scalar without quotes is. */
#include <ctype.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "trace/config_tree.h"

/* Whether a plain scalar is one of the words: as they are, in capitals, or with
 * the first letter one. */
static bool is_word(const struct config_node *node, const char *const *words)
{
    const struct span text = node->text;

    if (node->kind != CONFIG_SCALAR || !node->plain)
        return false;
    for (; *words; words++) {
        bool all = true, first = true, none = true;

        if (strlen(*words) != text.len)
            continue;
        for (size_t i = 0; i < text.len; i++) {
            char small = (*words)[i], capital = (char)toupper((unsigned char)small);

            none &= text.at[i] == small;
            all &= text.at[i] == capital;
            first &= text.at[i] == (i ? small : capital);
        }
        if (all || first || none)
            return true;
    }
    return false;
}

bool config_is_null(const struct config_node *node)
{
    static const char *const words[] = { "", "~", "null", NULL };

    return is_word(node, words);
}

bool config_is_bool(const struct config_node *node, bool *ret)
{
    static const char *const yes[] = { "true", "yes", "on", NULL };
    static const char *const no[] = { "false", "no", "off", NULL };

    *ret = is_word(node, yes);
    return *ret || is_word(node, no);
}

static size_t digits(const char *at)
{
    return strspn(at, "0123456789");
}

/* The length of the decimal number at the start; 0: none. */
static size_t number_length(const char *text)
{
    const char *at = text;
    size_t whole, decimals = 0, exponent;

    at += *at == '-' || *at == '+';
    whole = digits(at);
    at += whole;
    if (*at == '.') {
        decimals = digits(at + 1);
        at += 1 + decimals;
    }
    if (whole + decimals == 0)
        return 0;
    if (*at == 'e' || *at == 'E') {
        at += 1 + (at[1] == '-' || at[1] == '+');
        exponent = digits(at);
        at += exponent;
        if (exponent == 0)
            return 0;
    }
    return (size_t)(at - text);
}

bool config_is_number(const struct config_node *node, double *ret)
{
    locale_t c;

    if (node->kind != CONFIG_SCALAR || !node->plain || node->text.len == 0 ||
        number_length(node->text.at) != node->text.len)
        return false;
    c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (!c) /* there is always one of that name */
        return false;
    *ret = strtod_l(node->text.at, NULL, c);
    freelocale(c);
    return isfinite(*ret);
}
