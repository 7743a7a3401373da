/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <string.h>
#include "deploy/specs.h"
#include "host/file.h"

struct connection_text {
    const char *name, *policy, *encryption;
    char from_module[SEMO_NAME_MAX + 1], from_io[SEMO_NAME_MAX + 1];
    char to_module[SEMO_NAME_MAX + 1], to_io[SEMO_NAME_MAX + 1];
    bool direct, shared, expires;
};

static const struct semo_field connection_fields[] = {
    {"name", FIELD(connection_text, TEXT, name, false)},
    {"from_module", FIELD(connection_text, NAME, from_module, false)},
    {"from_output", FIELD(connection_text, NAME, from_io, false)},
    {"from_request", FIELD(connection_text, NAME, from_io, false)},
    {"to_module", FIELD(connection_text, NAME, to_module, false)},
    {"to_input", FIELD(connection_text, NAME, to_io, false)},
    {"to_handler", FIELD(connection_text, NAME, to_io, false)},
    {"policy", FIELD(connection_text, TEXT, policy, false)},
    {"expires", FIELD(connection_text, BOOLEAN, expires, false)},
    {"direct", FIELD(connection_text, BOOLEAN, direct, false)},
    {"shared", FIELD(connection_text, BOOLEAN, shared, false)},
    {"encryption", FIELD(connection_text, TEXT, encryption, false)},
    IGNORED("id", NO_NUMBERS),
    REFUSED("key", NO_KEYS),
    REFUSED("nonce", NO_KEYS),
    REFUSED("established", NO_KEYS),
    END};

struct end_fields {
    const char *module, *io, *asking; /* the last: its name in a request */
};
static const struct end_fields from_fields = {"from_module", "from_output", "from_request"};
static const struct end_fields to_fields = {"to_module", "to_input", "to_handler"};

const struct semo_tree *semo_connection_io(const struct semo_connection_spec *c, bool from)
{
    const struct end_fields *f = from ? &from_fields : &to_fields;
    return semo_tree_field(c->tree, c->policy == SEMO_REQUEST ? f->asking : f->io);
}

/* A request goes to a handler, an output to an input, and no end is both. */
static enum semo_status read_request(const struct semo_tree *map, bool *request,
                                     struct semo_error *e)
{
    const struct semo_tree *output = semo_tree_field(map, from_fields.io),
                           *asks = semo_tree_field(map, from_fields.asking),
                           *input = semo_tree_field(map, to_fields.io),
                           *answers = semo_tree_field(map, to_fields.asking);
    if (output && asks)
        return semo_fields_fail(asks, e, "contradicts from_output; give one of the two");
    if (input && answers)
        return semo_fields_fail(answers, e, "contradicts to_input; give one of the two");
    if (asks && input)
        return semo_fields_fail(input, e, "a request goes to a handler; write to_handler");
    if (output && answers)
        return semo_fields_fail(output, e, "a handler answers a request; write from_request");
    *request = asks || answers;
    return SEMO_OK;
}

/* One end: module and its output (input), both or, for the deployer's end, none. */
static enum semo_status read_end(struct semo_descriptor *d, const struct semo_tree *map,
                                 const struct end_fields *f, bool request, int *module,
                                 struct semo_error *e)
{
    const char *io_field = request ? f->asking : f->io;
    const struct semo_tree *m = semo_tree_field(map, f->module);
    const struct semo_tree *io = semo_tree_field(map, io_field);
    *module = SEMO_DEPLOYER;
    if (!m && !io)
        return SEMO_OK;
    if (!m || !io)
        return semo_fields_fail(m ? m : io, e, "%s without %s; add \"%s\"",
                                m ? f->module : io_field, m ? io_field : f->module,
                                m ? io_field : f->module);
    *module = semo_descriptor_module(d, m->text);
    if (*module < 0)
        return semo_fields_fail(m, e,
                                "no module of this name; declare it under modules, or name "
                                "the descriptor file that does");
    return SEMO_OK;
}

static enum semo_status read_policy(const struct semo_tree *map, const char *text, bool request,
                                    enum semo_policy *policy, struct semo_error *e)
{
    static const char *const names[] = {
        [SEMO_NEWEST] = "newest", [SEMO_STRICT] = "strict", [SEMO_ACKNOWLEDGED] = "acknowledged"};
    const struct semo_tree *t = semo_tree_field(map, "policy");
    *policy = request ? SEMO_REQUEST : SEMO_NEWEST;
    if (!text)
        return SEMO_OK;
    if (request)
        return semo_fields_fail(t, e, "a request is answered, that is its policy; remove it");
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(text, names[i]) == 0) {
            *policy = (enum semo_policy)i;
            return SEMO_OK;
        }
    return semo_fields_fail(t, e, "not a policy; write newest, strict or acknowledged");
}

/* Its keys have 128 bits. The deployer is a Linux program, too. */
static bool computes_aes(const struct semo_descriptor *d, int module)
{
    if (SEMO_SECURITY != 128)
        return false;
    return module == SEMO_DEPLOYER || d->modules[module].kind == SEMO_NODE_LINUX;
}

static enum semo_status read_encryption(const struct semo_descriptor *d,
                                        const struct semo_tree *map, const char *text,
                                        struct semo_connection_spec *c, struct semo_error *e)
{
    const struct semo_tree *t = semo_tree_field(map, "encryption");
    bool both = computes_aes(d, c->from) && computes_aes(d, c->to);
    c->aes = text ? strcmp(text, "aes") == 0 : both && !c->shared;
    if (text && !c->aes && strcmp(text, "spongent") != 0)
        return semo_fields_fail(t, e, "not an encryption; write spongent or aes");
    if (c->aes && !both)
        return semo_fields_fail(t, e, "not an encryption that both ends have; write spongent");
    return SEMO_OK;
}

static enum semo_status check_direct(const struct semo_tree *map, bool direct,
                                     const struct semo_connection_spec *c, struct semo_error *e)
{
    bool deployer = c->from == SEMO_DEPLOYER || c->to == SEMO_DEPLOYER;
    if (c->shared && direct)
        return semo_fields_fail(semo_tree_field(map, "shared"), e,
                                "contradicts direct; give one of the two");
    direct = direct || c->shared;
    if (c->from == SEMO_DEPLOYER && c->to == SEMO_DEPLOYER)
        return semo_fields_fail(map, e,
                                "a connection without modules; add from_module and "
                                "from_output, to_module and to_input");
    if (deployer && !direct)
        return semo_fields_fail(map, e,
                                "a connection with one end; add the other, or \"direct\": "
                                "true for the deployer");
    if (!deployer && direct)
        return semo_fields_fail(semo_tree_field(map, c->shared ? "shared" : "direct"), e,
                                "contradicts the two modules; remove it or one of them");
    if (c->to == SEMO_DEPLOYER && !c->shared && c->policy == SEMO_REQUEST)
        return semo_fields_fail(semo_tree_field(map, "from_request"), e,
                                "the deployer asks and answers nothing; name a handler");
    if (deployer && !c->shared && c->expires)
        return semo_fields_fail(semo_tree_field(map, "expires"), e,
                                "only modules ask a clock for the time; remove it");
    if (c->expires && c->policy == SEMO_REQUEST)
        return semo_fields_fail(semo_tree_field(map, "expires"), e,
                                "a request has a time-out of its own; remove it");
    if (!deployer && c->from == c->to)
        return semo_fields_fail(semo_tree_field(map, "to_module"), e,
                                "a connection from a module to itself; name two modules");
    return SEMO_OK;
}

static enum semo_status check_label(const struct semo_tree *map, const char *name,
                                    struct semo_error *e)
{
    for (const char *at = name ? name : ""; *at; at++)
        if (iscntrl((unsigned char)*at))
            return semo_fields_fail(semo_tree_field(map, "name"), e,
                                    "a character that cannot be shown; leave it out");
    return SEMO_OK;
}

static enum semo_status check_unique(const struct semo_descriptor *d,
                                     const struct semo_connection_spec *c, struct semo_error *e)
{
    for (unsigned i = 0; i < d->connection_count; i++) {
        const struct semo_connection_spec *o = &d->connections[i];
        bool from = o->from == c->from && strcmp(o->from_output, c->from_output) == 0;
        bool to = o->to == c->to && strcmp(o->to_input, c->to_input) == 0;
        if (from && to && !(o->shared && c->shared))
            return semo_specs_twice(semo_connection_io(c, c->to < 0), o->tree, e);
        if (from && c->from >= 0 && c->policy == SEMO_REQUEST && o->policy == SEMO_REQUEST)
            return semo_fields_fail(semo_connection_io(c, true), e,
                                    "a request has one handler, this one has another in %s:%u; "
                                    "remove one",
                                    o->tree->file, o->tree->line);
        if (strcmp(o->name, c->name) == 0) {
            const struct semo_tree *name = semo_tree_field(c->tree, "name");
            return semo_specs_twice(name ? name : c->tree, o->tree, e);
        }
    }
    return SEMO_OK;
}

static char *connection_name(const struct connection_text *t)
{
    if (t->name)
        return semo_format("%s", t->name);
    if (!t->from_module[0])
        return semo_format("%s>%s.%s", t->shared ? "other" : "deployer", t->to_module, t->to_io);
    if (!t->to_module[0])
        return semo_format("%s.%s>%s", t->from_module, t->from_io,
                           t->shared ? "other" : "deployer");
    return semo_format("%s.%s>%s.%s", t->from_module, t->from_io, t->to_module, t->to_io);
}

static void count_end(struct semo_descriptor *d, int module, enum semo_policy policy)
{
    if (module >= 0)
        d->modules[module].ends += policy == SEMO_NEWEST ? 1 : 2;
}

static enum semo_status read_ends(struct semo_descriptor *d, const struct semo_tree *map,
                                  const struct connection_text *t, struct semo_connection_spec *c,
                                  struct semo_error *e)
{
    bool request = false;
    enum semo_status status = read_request(map, &request, e);
    c->shared = t->shared;
    if (status == SEMO_OK)
        status = read_end(d, map, &from_fields, request, &c->from, e);
    if (status == SEMO_OK)
        status = read_end(d, map, &to_fields, request, &c->to, e);
    if (status == SEMO_OK)
        status = read_policy(map, t->policy, request, &c->policy, e);
    c->expires = t->expires;
    if (status == SEMO_OK)
        status = check_direct(map, t->direct, c, e);
    if (status == SEMO_OK)
        status = check_label(map, t->name, e);
    return status == SEMO_OK ? read_encryption(d, map, t->encryption, c, e) : status;
}

enum semo_status semo_specs_connection(struct semo_descriptor *d, const struct semo_tree *map,
                                       struct semo_error *e)
{
    struct connection_text text = {.name = NULL};
    struct semo_connection_spec *c = &d->connections[d->connection_count];
    enum semo_status status = semo_fields_read(map, "a connection", connection_fields, &text, e);
    if (status == SEMO_OK)
        status = read_ends(d, map, &text, c, e);
    if (status != SEMO_OK)
        return status;
    strcpy(c->from_output, text.from_io);
    strcpy(c->to_input, text.to_io);
    c->tree = map;
    c->name = connection_name(&text);
    status = check_unique(d, c, e);
    d->connection_count++;
    semo_specs_warn_ignored(d, map, connection_fields);
    count_end(d, c->from, c->policy);
    count_end(d, c->to, c->policy);
    return status;
}

/* SM_CLOCK declares a request of this name. */
static bool asks_clock(const struct semo_descriptor *d, int module)
{
    for (unsigned i = 0; i < d->connection_count; i++) {
        const struct semo_connection_spec *c = &d->connections[i];
        if (c->from == module && c->policy == SEMO_REQUEST && strcmp(c->from_output, "clock") == 0)
            return true;
    }
    return false;
}

enum semo_status semo_specs_clocks(const struct semo_descriptor *d, struct semo_error *e)
{
    for (unsigned i = 0; i < d->connection_count; i++) {
        const struct semo_connection_spec *c = &d->connections[i];
        for (unsigned end = 0; end < 2 && c->expires; end++) {
            int module = end ? c->to : c->from;
            if (module != SEMO_DEPLOYER && !asks_clock(d, module))
                return semo_fields_fail(semo_tree_field(c->tree, "expires"), e,
                                        "module %s asks no clock; connect its request clock to "
                                        "a handler that tells the time",
                                        d->modules[module].name);
        }
    }
    return SEMO_OK;
}
