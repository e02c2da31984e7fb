/* Any bytes as what Nomad answers: as the text of a refusal, and, where they are JSON, as every document that is read. What is
 * said is text on one line (a line a reason, of placements), whatever the document is. */
#include <arpa/inet.h>
#include <string.h>

#include "base/utf8.h"
#include "guarded.h"
#include "json/tree.h"
#include "nomad/explain.h"

#define SAID_MAX ((size_t)1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct buffer said;

static void must_be_text(bool many_lines)
{
    MUST(buffer_status(&said) == OU_OK);
    MUST(utf8_is_valid((struct span){ said.at, said.len }));
    for (size_t i = 0; i < said.len; i++)
        MUST((unsigned char)said.at[i] >= 0x20 || (many_lines && said.at[i] == '\n'));
    buffer_clear(&said);
}

/* However long the text is. */
static void check_refusal(struct span text)
{
    nomad_explain_refusal(500, text, "answer", NULL, &said);
    MUST(said.len < 2000);
    must_be_text(false);
}

static void check_allocation(const json_t *document)
{
    struct nomad_allocation_facts facts;
    unsigned char binary[sizeof(struct in6_addr)];
    char address[64];
    uint16_t port;

    nomad_allocation_read(document, &facts);
    MUST(facts.id && facts.group && facts.node_id && facts.node_name && facts.previous &&
         facts.next);
    MUST(facts.state <= ALLOCATION_UNKNOWN);
    nomad_explain_allocation(document, &said);
    must_be_text(false);
    if (nomad_allocation_port(document, "node", address, &port))
        MUST(port > 0 &&
             inet_pton(strchr(address, ':') ? AF_INET6 : AF_INET, address, binary) == 1);
}

static void check_document(const json_t *document)
{
    bool has_line;

    MUST(nomad_explain_failures_on(document, json_object_get(document, "machines"), &said) ==
         (json_object_size(document) > 0));
    must_be_text(true);
    (void)nomad_evaluation_state(document, &said);
    must_be_text(true);
    check_allocation(document);
    has_line = nomad_event_line(document, &said);
    MUST(has_line == (said.len > 0));
    must_be_text(true);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span text = { (const char *)data, size };
    json_t *document = NULL;

    if (size > GUARDED_MAX)
        return 0;
    if (!said.from)
        buffer_init(&said, allocator_libc(), SAID_MAX);
    check_refusal(text);
    if (json_tree_parse(text, "answer", &document, NULL) == OU_OK) {
        check_document(document);
        /* The items of a list, as lists of allocations and evaluations have them. */
        for (size_t i = 0; i < json_array_size(document); i++)
            check_document(json_array_get(document, i));
    }
    json_decref(document);
    return 0;
}
