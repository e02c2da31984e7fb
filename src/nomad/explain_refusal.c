/* What an error answer of the API means, and what to do. */
#include <string.h>

#include "nomad/explain.h"
#include "nomad/facts.h"

/* What an answer has in it, and what to do; the first that fits. */
static const struct {
    int status;           /* 0: any */
    const char *contains; /* NULL: any text */
    const char *advice;
} ADVICE[] = {
    { 0, "HTTP request to an HTTPS server", "the agent speaks TLS: give its address as https://" },
    { 0, "ACL token not found",
      "the token is unknown or has expired: get a new one (nomad acl "
      "token create) and put it into the token file" },
    { 0, "ACL token expired",
      "get a new token (nomad acl token create) and put it into the token "
      "file" },
    { 403, NULL,
      "the token may not do that: its policy needs submit-job, read-job, list-jobs, "
      "read-logs, read-fs and alloc-lifecycle in the namespace, and node read; without "
      "a token, give one (a token file, or NOMAD_TOKEN)" },
    { 401, NULL, "give a token (a token file, or NOMAD_TOKEN)" },
    { 0, "No path to region",
      "the servers know no such region: see nomad server members, and "
      "name one of theirs" },
    { 0, "No cluster leader",
      "the servers have elected none: wait, or see that most of them run "
      "(nomad server members)" },
    { 0, "No path to node",
      "the machine's client is not connected to the servers: see that it "
      "runs (nomad node status)" },
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
    { 429, NULL,
      "the agent has too many connections (limits.http_max_conns_per_client): wait, or "
      "raise it" },
    { 502, NULL, "a proxy stands before the agent and does not reach it" },
    { 503, NULL, "the agent, or a proxy before it, is not ready: wait" },
    { 0, NULL, "see the log of Nomad's servers" },
};

static const char *advice_for(int status, struct span text)
{
    for (size_t i = 0; i < sizeof ADVICE / sizeof ADVICE[0]; i++)
        if ((ADVICE[i].status == 0 || ADVICE[i].status == status) &&
            (!ADVICE[i].contains || memmem(text.at ? text.at : "", text.len, ADVICE[i].contains,
                                           strlen(ADVICE[i].contains))))
            return ADVICE[i].advice;
    return ""; /* not reached: the last one fits all */
}

void nomad_explain_refusal(int status, struct span text, const char *what, struct buffer *ret)
{
    size_t before;

    buffer_printf(ret, "Nomad would not %s: ", what);
    before = ret->len;
    facts_append_clean(ret, text);
    if (ret->len == before)
        buffer_printf(ret, "%d", status);
    else if (status != 200) /* an answer that looks like a good one, and is an error's text */
        buffer_printf(ret, " (%d)", status);
    buffer_printf(ret, "; %s", advice_for(status, text));
}
