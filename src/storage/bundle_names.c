#include "storage/bundle_names.h"

#include "base/utf8.h"

static bool has_control_characters(struct span name)
{
    uint32_t c;

    while (name.len > 0 && utf8_next(&name, &c))
        if (c < 0x20 || (c >= 0x7f && c < 0xa0))
            return true;
    return false;
}

static const char *part_fault(struct span part)
{
    if (part.len == 0)
        return "a part of it is empty";
    if (span_is(part, "."))
        return "it has a part \".\"";
    if (span_is(part, ".."))
        return "it has a part \"..\"";
    return part.len > BUNDLE_PART_BYTES_MAX ? "a part of it is too long" : NULL;
}

static const char *parts_fault(struct span name)
{
    for (unsigned depth = 1;; depth++) {
        const char *slash = memchr(name.at, '/', name.len);
        const struct span part = { name.at, slash ? (size_t)(slash - name.at) : name.len };
        const char *fault = part_fault(part);

        if (!fault && depth > BUNDLE_DEPTH_MAX)
            fault = "it has too many parts";
        if (fault || !slash)
            return fault;
        name = (struct span){ slash + 1, name.len - part.len - 1 };
    }
}

const char *bundle_name_fault(struct span name)
{
    if (name.len == 0)
        return "it is empty";
    if (name.len > BUNDLE_NAME_BYTES_MAX)
        return "it is too long";
    if (*name.at == '/')
        return "it is absolute";
    if (!utf8_is_valid(name))
        return "it is no UTF-8";
    if (has_control_characters(name))
        return "it has control characters";
    return parts_fault(name);
}

void bundle_name_shown(struct span name, char ret[BUNDLE_SHOWN_ROOM])
{
    const size_t most = BUNDLE_SHOWN_ROOM - sizeof "...";
    const size_t len = name.len < most ? name.len : most;

    for (size_t i = 0; i < len; i++)
        ret[i] = (char)(name.at[i] >= ' ' && name.at[i] < 0x7f ? name.at[i] : '?');
    memcpy(ret + len, name.len > len ? "..." : "", name.len > len ? sizeof "..." : 1);
}
