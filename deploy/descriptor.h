/* SPDX-License-Identifier: Apache-2.0 */
/* What an application is: nodes, modules, connections, read from one or several descriptor files
 * (the paper's Listing 1 among them; docs/descriptor.md). A string "..." means: not given. */
#ifndef SEMO_DESCRIPTOR_H
#define SEMO_DESCRIPTOR_H

#include <stdbool.h>
#include <stdint.h>
#include "host/error.h"
#include "host/tree.h"
#include "lib/wire/wire.h"

#define SEMO_NODES_MAX       32
#define SEMO_MODULES_MAX     2048
#define SEMO_CONNECTIONS_MAX 4096
#define SEMO_NEVER_MAX       512

enum semo_node_kind { SEMO_NODE_MCU, SEMO_NODE_LINUX };

struct semo_node_spec {
    char name[SEMO_NAME_MAX + 1];
    enum semo_node_kind kind;
    unsigned vendor;
    unsigned latency_us; /* of a hop to this node */
    bool has_vendor_key; /* in the descriptor, in clear: loads with a warning */
    uint8_t vendor_key[16];
    bool emulated;        /* semo up starts it on this machine: so it says, or has no address */
    const char *host;     /* name or address, NULL: not given; borrowed as serial is */
    const char *serial;   /* path of the device that a board hangs on, NULL: none */
    unsigned deploy_port; /* 0: not given; reactive_port when only that is */
    unsigned reactive_port;
    const struct semo_tree *tree;
};

struct semo_module_spec {
    char name[SEMO_NAME_MAX + 1];
    enum semo_node_kind kind;
    unsigned node; /* index */
    char **files;  /* paths that exist */
    unsigned file_count;
    char **flags; /* -D, -U, -I for these files */
    unsigned flag_count;
    bool https;        /* linked with BearSSL, for <semo/https.h> */
    bool provisioned;  /* owns an actuator: the chip knows its measurement (semo provision) */
    bool confidential; /* its text leaves the deployer encrypted */
    unsigned priority, order;
    unsigned spare; /* room for connections that come while it runs */
    unsigned ends;  /* slots: one for each connection's end here, one for each back channel's */
    const struct semo_tree *tree;
};

#define SEMO_DEPLOYER (-1) /* as the module of a direct connection's end */

struct semo_connection_spec {
    char *name;
    int from, to; /* module index or SEMO_DEPLOYER */
    char from_output[SEMO_NAME_MAX + 1], to_input[SEMO_NAME_MAX + 1]; /* or request, handler */
    enum semo_policy policy; /* other than newest: there is a back channel */
    bool aes;                /* AES-128-GCM, else SPONGENT */
    bool shared;  /* the end that is not given is another owner's: semo offer, semo accept */
    bool expires; /* its events do; both modules know the time */
    const struct semo_tree *tree;
};

struct semo_periodic_spec { /* the deployer calls a stranger-callable entry every so often */
    unsigned module;
    char entry[SEMO_NAME_MAX + 1];
    unsigned period_ms;
    const struct semo_tree *tree;
};

struct semo_wire_spec { /* the relay of one node switches the supply of another's metering */
    unsigned from, to;
};

struct semo_never_spec { /* nothing that `from` knows may reach `to` */
    unsigned from, to;
    const struct semo_tree *tree;
};

struct semo_descriptor {
    char name[SEMO_NAME_MAX + 1]; /* of the application: its state folder */
    struct semo_node_spec *nodes; /* in byte order of their names: ties of virtual time */
    unsigned node_count;
    struct semo_module_spec *modules;
    unsigned module_count;
    struct semo_connection_spec *connections;
    unsigned connection_count;
    struct semo_periodic_spec *periodic;
    unsigned periodic_count;
    struct semo_wire_spec *wires;
    unsigned wire_count;
    struct semo_never_spec *never;
    unsigned never_count;
    struct semo_tree **trees; /* what everything above points into */
    char **paths;             /* of the files read, in order */
    unsigned tree_count;
    char **warnings; /* whole lines */
    unsigned warning_count;
};

/* Several files are one application; an "include" list adds files relative to the one it stands in.
 */
enum semo_status semo_descriptor_load(char *const paths[], unsigned count,
                                      struct semo_descriptor **out,
                                      struct semo_error *e) SEMO_MUST_CHECK;
void semo_descriptor_free(struct semo_descriptor *d);
int semo_descriptor_node(const struct semo_descriptor *d, const char *name);   /* -1: none */
int semo_descriptor_module(const struct semo_descriptor *d, const char *name); /* -1: none */

/* Where its output (or request), its input (or handler) is named; NULL at the deployer's end. */
const struct semo_tree *semo_connection_io(const struct semo_connection_spec *c, bool from);

/* deploy/published.c: a golden key, or the vendor key that follows from it; SEMO_KEY_LEN bytes. */
bool semo_key_is_published(const uint8_t *key, unsigned vendor);

/* deploy/flow.c: reads one pair of "never" and refuses connections that break it, with the shortest
 * path. Whatever a module receives may decide what it sends. */
enum semo_status semo_flow_read(struct semo_descriptor *d, const struct semo_tree *pair,
                                struct semo_error *e) SEMO_MUST_CHECK;
/* The shortest way from one module to another, "A.out > B.in, B.out > C.in"; false: there is none.
 * A reply flows back to the one who asked; with `control`, what a receiver reports to the sender of
 * a strict or acknowledged connection is a flow, too. */
bool semo_flow_path(const struct semo_descriptor *d, unsigned from, unsigned to, bool control,
                    char *path, size_t room);

/* deploy/fields.c: fields of a map into a struct, by table. */
enum semo_field_type {
    SEMO_FIELD_NAME,    /* char[SEMO_NAME_MAX + 1]: letters, digits, _ and - */
    SEMO_FIELD_TEXT,    /* char *, borrowed from the tree */
    SEMO_FIELD_NUMBER,  /* unsigned, min..max */
    SEMO_FIELD_BOOLEAN, /* bool */
    SEMO_FIELD_TREE,    /* const struct semo_tree *: somebody else reads it */
    SEMO_FIELD_IGNORED, /* of the published framework, nothing follows from it here: a warning */
    SEMO_FIELD_REFUSED  /* known, and there is something to say about it */
};

struct semo_field {
    const char *name;
    enum semo_field_type type;
    size_t at; /* offset in the struct */
    bool required;
    unsigned min, max;
    const char *hint; /* IGNORED: why; REFUSED: what to do */
};

/* `what`: "a node". The last row has a NULL name. */
enum semo_status semo_fields_read(const struct semo_tree *map, const char *what,
                                  const struct semo_field *fields, void *out,
                                  struct semo_error *e) SEMO_MUST_CHECK;
/* An error at a value, at a field's name. The text starts with the offending word. */
enum semo_status semo_fields_fail(const struct semo_tree *t, struct semo_error *e,
                                  const char *format, ...) __attribute__((format(printf, 3, 4)));
enum semo_status semo_fields_want(const struct semo_tree *t, enum semo_tree_kind kind,
                                  const char *what, struct semo_error *e) SEMO_MUST_CHECK;

#endif
