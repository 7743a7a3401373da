/* SPDX-License-Identifier: Apache-2.0 */
/* Between the files of semo cc: the program as it was read from the compiler's intermediate code.
 */
#ifndef SEMO_COMPAT_PROGRAM_H
#define SEMO_COMPAT_PROGRAM_H

#include <stdbool.h>
#include <stdint.h>
#include "toolchain/compat/compat.h"

enum {
    COMPAT_REGISTER_WORDS = 4,
    COMPAT_VECTORS = 16,
    COMPAT_NO_VECTOR = 1 << COMPAT_VECTORS,
    COMPAT_MODULES = 32,
    COMPAT_STACKED_MAX = 16,
    COMPAT_LIST = 100,
    COMPAT_PLACE_FILES = 64,
    COMPAT_OPTIONS = 32
};

struct compat_list {
    const char *at[COMPAT_LIST];
    unsigned count;
};

struct compat_arguments {
    struct compat_list option; /* of the compiler */
    struct compat_list source, assembly, object, folder, library;
    const char *config;
    unsigned stack, connections, program_start, data_end;
    bool only_objects, has_connections;
    bool confidential; /* every module is loaded encrypted */
};

struct compat_names {
    char **at;
    unsigned count;
};
struct compat_symbols {
    struct compat_names defined, wanted;
};

struct compat_object {
    char *name;     /* for messages */
    uint8_t *bytes; /* of the ELF file */
    size_t len;
    char *source, *ir; /* made by semo cc -c: from this file, this intermediate code; or NULL */
    struct compat_symbols symbols;
    bool lazy; /* in a library, and not needed so far */
};
struct compat_objects {
    struct compat_object *at;
    unsigned count;
};

enum compat_kind { COMPAT_PLAIN, COMPAT_FUNC, COMPAT_ENTRY, COMPAT_DRIVER };

struct compat_file { /* intermediate code, line by line */
    const char *source;
    char **line;
    unsigned count;
    char *more; /* to be appended */
};

struct compat_function {
    char *name, *result, *parameters; /* types as text */
    struct compat_module *module;     /* NULL: unprotected */
    enum compat_kind kind;
    unsigned file, first, last; /* its lines; last = 0: only declared */
    unsigned words, result_words;
    bool internal, variadic, structs;
    bool old_order;             /* of a driver: arguments from r15 downwards, the result in r15 */
    unsigned public_parameters; /* bit n: its argument n leaves the module */
};

struct compat_variable {
    char *name;
    struct compat_module *module;
    unsigned file, line;
    bool local, constant;
    bool initial; /* private, with a value other than zero */
};

struct compat_call { /* a stub of a module */
    char *stub;
    const struct compat_function *callee;
    const struct compat_module *module; /* the callee's; NULL: unprotected */
    unsigned words, stacked;
};

struct compat_module {
    char *name;
    bool driver, has_isr, has_values, wrapped;
    bool by_hand;                        /* an assembly file has all of it */
    unsigned declared, file;             /* how often, and where last */
    bool closed;                         /* makes no calls out */
    unsigned stack, offset;              /* bytes; of data in front of the data memory */
    unsigned connections;                /* of a reactive module */
    bool has_connections;                /* else as the program has it */
    unsigned low, high, caller, vectors; /* of drivers; bit n: interrupt n comes here */
    struct compat_call call[256];
    unsigned call_count;
    char *input[32], *output[32]; /* sorted by name: their numbers, outputs behind inputs */
    unsigned inputs, outputs;
    const struct compat_module *verified[32];
    unsigned verified_count;
};

struct compat_program {
    const struct semo_compat_request *request;
    struct compat_arguments arguments;
    char *folder; /* for intermediate files */
    struct compat_file *file;
    unsigned file_count;
    struct compat_function *function;
    unsigned function_count;
    struct compat_variable *variable;
    unsigned variable_count;
    struct compat_module module[COMPAT_MODULES];
    unsigned module_count;
    char *vector[COMPAT_VECTORS]; /* interrupt functions of the program */
};

/* ---- arguments.c ---- */
enum semo_status compat_read_arguments(const struct semo_compat_request *r,
                                       struct compat_arguments *a,
                                       struct semo_error *e) SEMO_MUST_CHECK;

/* ---- objects.c ---- */
/* An object, or every member of a library. */
enum semo_status compat_objects_read(struct compat_objects *list, const char *path,
                                     unsigned security, struct semo_error *e) SEMO_MUST_CHECK;
/* Members of libraries that define what is wanted are lazy no longer. all: of the rest. */
void compat_objects_select(struct compat_objects *list, struct compat_symbols *all);
/* What a line of intermediate code defines or wants. */
void compat_symbols_of_line(struct compat_symbols *s, const char *line);

/* ---- config.c ---- */
enum semo_status compat_read_config(struct compat_program *p, const char *path,
                                    struct semo_error *e) SEMO_MUST_CHECK;

/* ---- read.c ---- */
void compat_read_file(struct compat_program *p, unsigned file);
/* After all files were read. */
enum semo_status compat_check(struct compat_program *p, struct semo_error *e) SEMO_MUST_CHECK;
struct compat_function *compat_find_function(const struct compat_program *p, unsigned file,
                                             const char *name, size_t len);
struct compat_module *compat_find_module(struct compat_program *p, const char *name, size_t len);
bool compat_has_module(const struct compat_program *p, const char *name, size_t len);
/* Functions that a module has its own copies of; NULL ends the list. */
extern const char *const compat_copied_names[];
bool compat_is_copied(const char *name, size_t len);
/* Length of an identifier of the intermediate code. */
size_t compat_identifier(const char *at);
/* Is the function of this name an entry of the module, and defined? */
bool compat_is_entry(const struct compat_program *p, const struct compat_module *m,
                     const char *name, size_t len);
/* The words of a type, or -1. */
int compat_type_words(const char *type, size_t len);
/* Length of the type at the start of the text, pointers to functions whole. */
size_t compat_type_length(const char *at);
/* The argument at `*at` of a list; moves behind it and its comma. false: there is none. */
bool compat_next_argument(const char **at, const char **argument, size_t *len);
/* An error at the place that the line of the file was compiled from. */
enum semo_status compat_fail_at(const struct compat_program *p, unsigned file, const char *line,
                                struct semo_error *e, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* ---- rewrite.c: calls to stubs, literals into modules ---- */
enum semo_status compat_rewrite(struct compat_program *p, struct semo_error *e) SEMO_MUST_CHECK;
bool compat_depends(const struct compat_module *a, const struct compat_module *b);

/* ---- inline.c ---- */
/* Where the text comes from, while it is read line by line. */
struct compat_place {
    char *file[COMPAT_PLACE_FILES];
    const char *now;
    unsigned line;
};
void compat_note_place(struct compat_place *p, const char *line);
void compat_forget_places(struct compat_place *p);
/* An error of the assembler about a file that was made here gets the place of the source. */
void compat_place_error(const char *path, struct semo_error *e);
/* A line of inline assembly as the compiler itself would write it. NULL: *bad is no operand. */
char *compat_inline_line(const char *line, const char **bad, size_t *bad_len);

/* ---- byhand.c ---- */
struct compat_assembly { /* a file's text, or the object that was made of one */
    const char *text;
    size_t len;
    bool object;
};
/* A symbol of objects whose source compat_is_old. */
#define COMPAT_OLD_MARK "__semo_old_order"
bool compat_is_old(const char *text);
/* What assembly of the program is about; after all C was read. */
void compat_read_assembly(struct compat_program *p, const struct compat_assembly *a);
/* Functions in assembly files with the published order of registers; NULL: no more. */
const struct compat_function *compat_next_old(const struct compat_program *p, unsigned *at);

/* ---- assembly.c ---- */
/* Assembly text of the compiler -> the same for this core; module: of all of it, or NULL; weak: the
 * program may have functions of the same names. */
enum semo_status compat_assembly(const char *path, const char *module, bool weak,
                                 struct semo_error *e) SEMO_MUST_CHECK;

/* ---- stubs.c ---- */
enum semo_status compat_write_stubs(const struct compat_program *p, const struct compat_module *m,
                                    const char *path, struct semo_error *e) SEMO_MUST_CHECK;
enum semo_status compat_write_script(const struct compat_program *p, const char *path,
                                     struct semo_error *e) SEMO_MUST_CHECK;
/* What the vectors of the program's interrupt functions lead to. */
enum semo_status compat_write_vectors(const struct compat_program *p, const char *path,
                                      struct semo_error *e) SEMO_MUST_CHECK;
/* A main that enables every module. */
enum semo_status compat_write_main(const struct compat_program *p, const char *path,
                                   struct semo_error *e) SEMO_MUST_CHECK;
/* A source with the entries of a module that has inputs or outputs. */
enum semo_status compat_write_reactive(const struct compat_module *m, const char *path,
                                       struct semo_error *e) SEMO_MUST_CHECK;
void compat_print_listing(const struct compat_program *p, FILE *to);

/* ---- finish.c ---- */
/* Fills in the expected tags; refuses what the core would not execute. */
enum semo_status compat_finish(const struct compat_program *p, const char *path,
                               struct semo_error *e) SEMO_MUST_CHECK;

#endif
