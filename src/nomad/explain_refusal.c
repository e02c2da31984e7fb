/* What an error answer of the API means, and what to do. */
#include <string.h>

#include "nomad/call.h"
#include "nomad/explain.h"
#include "nomad/facts.h"

/* What an answer has in it, and what to do; the first that fits. */
struct advice {
    int status;           /* 0: any */
    const char *contains; /* NULL: any text */
    const char *says;
};

/* Refusals that may pass. */
static const struct advice PASSING[] = {
    { 0, "No cluster leader",
      "the servers have elected none: wait, or see that most of them run "
      "(nomad server members)" },
    { 0, "No path to node",
      "the machine's client is not connected to the servers: see that it "
      "runs (nomad node status)" },
    { 429, NULL,
      "the agent has too many connections (limits.http_max_conns_per_client): wait, or "
      "raise it" },
    { 502, NULL, "a proxy stands before the agent and does not reach it" },
    { 503, NULL, "the agent, or a proxy before it, is not ready: wait" },
};

/* Those that are the same when asked again, among them many a 500. */
static const struct advice LASTING[] = {
    { 0, "HTTP request to an HTTPS server", "the agent speaks TLS: give its address as https://" },
    { 0, "ACL token not found",
      "the token is unknown or has expired: get a new one (nomad acl "
      "token create), and give it where this one is from" },
    { 0, "ACL token expired",
      "get a new token (nomad acl token create), and give it where this one is from" },
    { 403, NULL,
      "the token may not do that: its policy needs submit-job, read-job, list-jobs, "
      "read-logs and read-fs in the namespace, and read of nodes and agents" },
    { 401, NULL, "give a token (a token file, or NOMAD_TOKEN)" },
    { 0, "No path to region",
      "the servers know no such region: see nomad server members, and "
      "name one of theirs" },
    { 0, "Unknown node", "the machine is gone from the cluster (nomad node status)" },
    { 0, "Enforcing job modify index",
      "somebody else changed the job in between: look at it "
      "(nomad job status) before registering it again" },
    { 0, "nonexistent namespace",
      "make the namespace (nomad namespace apply), or name one that "
      "there is" },
    { 0, "required meta keys",
      "give the values that it names; they are set by the one who "
      "dispatches the job" },
    { 0, "unknown task name", "the group has no task of that name: see nomad alloc status" },
    { 0, "Path escapes", "name a file within the allocation's folder" },
    { 0, "failed to start command", "the program is not in the task's file system" },
    { 0, "no such file or directory", "it is not there (yet), or has been collected" },
    { 0, "nknown allocation",
      "Nomad has collected it, or it never was: fetch logs before its "
      "garbage collection" },
    { 0, "alloc not found",
      "Nomad has collected it, or it never was: see nomad job status for "
      "those there are" },
    { 0, "job not found", "it was purged, or is in another namespace or region" },
    { 0, "validation failed", "mend what it names in the placement plan" },
    { 0, "error occurred", "mend what it names in the placement plan" },
    { 0, "looking for beginning",
      "the request is no JSON: what lies between, a proxy perhaps, has "
      "changed it" },
    { 0, "input.hcl", "mend the job file there" },
    { 404, NULL, "it is not there; see that the address is that of a Nomad agent" },
    { 413, NULL, "the request is too large: put less into the job's files" },
};

static const char *advice_in(const struct advice *table, size_t count, int status, struct span text)
{
    for (size_t i = 0; i < count; i++)
        if ((table[i].status == 0 || table[i].status == status) &&
            (!table[i].contains || memmem(text.at ? text.at : "", text.len, table[i].contains,
                                          strlen(table[i].contains))))
            return table[i].says;
    return NULL;
}

static const char *passing_advice(int status, struct span text)
{
    return advice_in(PASSING, sizeof PASSING / sizeof PASSING[0], status, text);
}

static const char *lasting_advice(int status, struct span text)
{
    return advice_in(LASTING, sizeof LASTING / sizeof LASTING[0], status, text);
}

bool nomad_refusal_lasts(int status, struct span text)
{
    return !passing_advice(status, text) && lasting_advice(status, text);
}

static const char *advice_for(int status, struct span text)
{
    const char *passing = passing_advice(status, text), *lasting = lasting_advice(status, text);

    return passing ? passing : lasting ? lasting : "see the log of Nomad's servers";
}

/* Of what is refused for the asker's sake, the token counts before all. */
static void append_advice(int status, struct span text, const char *token, struct buffer *ret)
{
    bool is_of_token = (status == 401 || status == 403) && !passing_advice(status, text);

    if (is_of_token && !token) {
        buffer_text(ret, "; no token was given: put one into NOMAD_TOKEN, or into a file that the "
                         "plan names (nomad.token_file)");
        return;
    }
    buffer_printf(ret, "; %s", advice_for(status, text));
    if (is_of_token)
        buffer_printf(ret, "; the token is from %s", token);
}

void nomad_explain_refusal(int status, struct span text, const char *what, const char *token,
                           struct buffer *ret)
{
    size_t before;

    buffer_printf(ret, "Nomad would not %s: ", what);
    before = ret->len;
    facts_append_clean(ret, text);
    if (ret->len == before)
        buffer_printf(ret, "%d", status);
    else if (status != 200) /* an answer that looks like a good one, and is an error's text */
        buffer_printf(ret, " (%d)", status);
    append_advice(status, text, token, ret);
}
