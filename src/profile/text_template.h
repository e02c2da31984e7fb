/* Texts with words to be filled in: "--port=%{port}". Pure; any thread. */
#ifndef OU_PROFILE_TEXT_TEMPLATE_H
#define OU_PROFILE_TEXT_TEMPLATE_H

#include <stddef.h>

#include "base/buffer.h"
#include "base/status.h"

struct template_word {
    const char *name, *value;
};

/* Appends `text` to *out with each %{name} replaced by its value and each %% by a percent sign. OU_INVALID for a word that is
 * not among the `count` ones, with what may have been meant, and for a percent sign that stands alone. */
enum ou_status text_template_fill(const char *text, const struct template_word *words, size_t count,
                                  struct buffer *out, struct ou_error *err);

#endif
