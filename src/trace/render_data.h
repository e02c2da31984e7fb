/* The member `data` of a line, which all layouts share. */
#ifndef OU_TRACE_RENDER_DATA_H
#define OU_TRACE_RENDER_DATA_H

#include "base/buffer.h"
#include "trace/plan.h"
#include "trace/render_values.h"

/* data is one of the plan's; what is above detail is left out. */
void data_render(const struct plan *plan, const struct plan_data *data, const struct ou_message *m,
                 enum ou_detail detail, const struct value_form *form, struct buffer *out);

/* As the machine form has it. */
void data_render_machine(const struct plan *plan, const struct ou_message *m, enum ou_detail detail,
                         struct buffer *out);

#endif
