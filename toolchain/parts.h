/* SPDX-License-Identifier: Apache-2.0 */
/* Between the files of the build tool. */
#ifndef SEMO_TOOLCHAIN_PARTS_H
#define SEMO_TOOLCHAIN_PARTS_H

#include "toolchain/toolchain.h"

/* ---- run.c: child processes ---- */

enum { TOOL_ARGUMENTS = 64 };
struct tool_command {
    char *argument[TOOL_ARGUMENTS + 1];
    unsigned count;
};
/* The argument is formatted into memory that tool_command_free returns. */
void tool_command_add(struct tool_command *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void tool_command_add_all(struct tool_command *c, const char *const *arguments);
void tool_command_free(struct tool_command *c);
/* Runs it; when it fails, the first error that it printed is the error. */
enum semo_status tool_command_run(struct tool_command *c, struct semo_error *e) SEMO_MUST_CHECK;
/* The same with "more" arguments (NULL: none), and -o output. */
enum semo_status tool_command_run_with(const struct tool_command *c, const char *const *more,
                                       const char *output, struct semo_error *e) SEMO_MUST_CHECK;
/* The program that variable names, else the first of the two names that PATH has. malloced. */
char *tool_find(const char *variable, const char *name, const char *other);

/* ---- cache.c: an output is reused while its command and every file it was made from are the same
 */

bool tool_cache_holds(const char *output, const struct tool_command *c);
enum semo_status tool_cache_store(const char *output, const struct tool_command *c,
                                  struct semo_error *e) SEMO_MUST_CHECK;

/* ---- object.c ---- */

/* c: the compiler, ending with a source for the microcontroller, without what to make of it. */
enum semo_status tool_object_make(const struct tool_command *c, const char *output,
                                  struct semo_error *e) SEMO_MUST_CHECK;

/* ---- rules.c: what a module's source may contain, seen in its unoptimised intermediate code ----
 */

struct tool_record { /* of include/semo/module.h */
    char kind[8];    /* driver, entry, handler, input, output, queue, request, until */
    char name[32];
    unsigned value; /* its last member: max, window or bytes */
    char file[256];
    unsigned line;
    enum {
        TOOL_RECORDED,
        TOOL_MARKED,
        TOOL_MARKED_DATA
    } made; /* of a published SM_ENTRY(m): the
record is still to be made, of a function without or with data */
};
struct tool_records {
    struct tool_record *at; /* sorted by kind, then name: the order of the linker's tables */
    unsigned count;
    bool prints; /* the module calls something of runtime/print.c */
    bool values; /* its variables have initial ones */
};
/* files: paths of the .ll files. */
enum semo_status tool_rules_check(const struct semo_module_source *m, char *const *files,
                                  unsigned count, struct tool_records *records,
                                  struct semo_error *e) SEMO_MUST_CHECK;

bool tool_record_has_payload(const struct tool_record *r); /* sealed; its value bounds one */
bool tool_record_is_entry(const struct tool_record *r);    /* the same for an open one */
bool tool_record_is_sample(const struct tool_record *r);

/* Puts the compiler's complaint about two equal records in the author's words. */
void tool_rules_explain(struct semo_error *e);

/* ---- made.c: sources that the build tool makes ---- */

struct tool_made {
    const char **files, **flags; /* of the author, with the copies in place of originals */
    char **copies, **folders;
    unsigned file_count, flag_count, copy_count;
};
/* Published sources that leave the module's name open are copied with it into the folder; m gets
 * the files and flags of `made` in place of its own. */
enum semo_status tool_made_files(struct semo_module_source *m, const char *folder,
                                 struct tool_made *made, struct semo_error *e) SEMO_MUST_CHECK;
void tool_made_free(struct tool_made *made);
/* What the author's files leave to be made: the module's name, for its prints, and the records of
 * published entries. malloced. */
char *tool_made_source(const struct semo_module_source *m, const struct tool_records *r);

/* ---- stack.c ---- */

/* Bytes of stack that a call of the module can need. objects: paths x.o, with x.su beside them. */
enum semo_status tool_stack_bound(char *const *objects, unsigned count, unsigned *bytes,
                                  struct semo_error *e) SEMO_MUST_CHECK;

/* ---- image.c ---- */

/* Of an executable. The text ends with room for the initial values, which it gets from .data. */
struct tool_image {
    uint8_t *text; /* malloced */
    uint32_t text_len, values_len, data_len;
};
enum semo_status tool_image_read(const char *path, struct tool_image *image,
                                 struct semo_error *e) SEMO_MUST_CHECK;

#endif
