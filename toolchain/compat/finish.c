/* SPDX-License-Identifier: Apache-2.0 */
/* The linked program: expected tags, a last look at every instruction, encrypted texts. */
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <semo/map.h>
#include "host/file.h"
#include "lib/crypto/aead.h"
#include "lib/kdf/kdf.h"
#include "toolchain/compat/program.h"

enum {
    ELF_MAX = 16 << 20,
    VERIFIED = sizeof((struct compat_module *)0)->verified / sizeof(void *)
};

struct image {
    const struct compat_program *p;
    uint8_t *bytes;
    size_t len;
    Elf *elf;
    Elf_Data *symbols;
    GElf_Shdr symbol_header;
    uint8_t *at[0x10000]; /* where the byte of an address is, or NULL */
};

static bool find_symbol(const struct image *i, const char *name, unsigned *value)
{
    size_t count = i->symbol_header.sh_size / i->symbol_header.sh_entsize;
    GElf_Sym symbol;
    for (size_t k = 0; k < count; k++) {
        const char *is = gelf_getsym(i->symbols, (int)k, &symbol)
                             ? elf_strptr(i->elf, i->symbol_header.sh_link, symbol.st_name)
                             : NULL;
        if (is && symbol.st_shndx != SHN_UNDEF && strcmp(is, name) == 0) {
            *value = (unsigned)symbol.st_value;
            return true;
        }
    }
    return false;
}

static unsigned module_symbol(const struct image *i, const char *module, const char *what)
{
    char *name = semo_format("__sm_%s_%s", module, what);
    unsigned value = 0;
    find_symbol(i, name, &value);
    free(name);
    return value;
}

/* The function that an address is in. */
static const char *function_at(const struct image *i, unsigned address)
{
    size_t count = i->symbol_header.sh_size / i->symbol_header.sh_entsize;
    const char *best = "";
    unsigned near = 0;
    GElf_Sym symbol;
    for (size_t k = 0; k < count; k++)
        if (gelf_getsym(i->symbols, (int)k, &symbol) && GELF_ST_TYPE(symbol.st_info) == STT_FUNC &&
            symbol.st_value <= address && symbol.st_value >= near) {
            near = (unsigned)symbol.st_value;
            best = elf_strptr(i->elf, i->symbol_header.sh_link, symbol.st_name);
        }
    return best;
}

/* ---- tags ---- */

static void fill_tag(struct image *i, const struct compat_module *m,
                     const struct compat_module *callee)
{
    static const uint8_t zero[16];
    uint8_t tag[16], *text;
    unsigned place = 0, bytes = i->p->request->security / 8;
    struct semo_layout l = {(uint16_t)module_symbol(i, callee->name, "public_start"),
                            (uint16_t)module_symbol(i, callee->name, "public_end"),
                            (uint16_t)module_symbol(i, callee->name, "secret_start"),
                            (uint16_t)module_symbol(i, callee->name, "secret_end")};
    char *name = semo_format("__sm_%s_mac_%s", m->name, callee->name);
    if (find_symbol(i, name, &place) && l.ps < l.pe && i->at[place] && i->at[l.ps]) {
        text = i->at[l.ps];
        semo_kdf_module(i->p->request->security, zero, text, (uint32_t)(l.pe - l.ps), &l, tag);
        memcpy(i->at[place], tag, bytes);
    }
    free(name);
}

/* What a module expects is part of its own measurement: the callees come first. */
static void fill_tags(struct image *i, const struct compat_module *m, bool *done)
{
    size_t index = (size_t)(m - i->p->module);
    if (done[index])
        return;
    done[index] = true;
    for (unsigned k = 0; k < m->verified_count; k++)
        if (!compat_depends(m->verified[k], m))
            fill_tags(i, m->verified[k], done);
    for (unsigned k = 0; k < m->verified_count; k++)
        if (!compat_depends(m->verified[k], m))
            fill_tag(i, m, m->verified[k]);
}

static void fill_all_tags(struct image *i)
{
    bool *done = semo_allocate(i->p->module_count, sizeof *done);
    for (unsigned k = 0; k < i->p->module_count; k++)
        fill_tags(i, &i->p->module[k], done);
    for (unsigned k = 0; k < i->p->module_count; k++) /* those that lie outside all texts */
        for (unsigned n = 0; n < i->p->module[k].verified_count; n++)
            if (compat_depends(i->p->module[k].verified[n], &i->p->module[k]))
                fill_tag(i, &i->p->module[k], i->p->module[k].verified[n]);
    free(done);
}

/* ---- encrypted texts ---- */

static bool read_digits(const char *text, unsigned bytes, uint8_t *key)
{
    if (!text || strlen(text) != 2 * bytes || strspn(text, "0123456789abcdefABCDEF") != 2 * bytes)
        return false;
    for (unsigned i = 0; i < bytes; i++)
        sscanf(text + 2 * i, "%2hhx", &key[i]);
    return true;
}

/* The digits themselves, or the file that has them: arguments are seen by everybody. */
static bool read_key(const char *given, unsigned bytes, uint8_t *key)
{
    struct semo_error none;
    uint8_t *text;
    size_t len;
    if (!given || !semo_file_exists(given))
        return read_digits(given, bytes, key);
    if (semo_file_read(given, 256, &text, &len, &none) != SEMO_OK)
        return false;
    text[strcspn((char *)text, "\r\n \t")] = 0;
    bool done = read_digits((char *)text, bytes, key);
    semo_bytes_wipe(text, len);
    free(text);
    return done;
}

/* The nonce is a digest of what is encrypted: never the same for two texts under one key. */
static enum semo_status encrypt(struct image *i, const struct compat_module *m,
                                struct semo_error *e)
{
    static const uint8_t zero[16];
    uint8_t key[16], digest[16];
    unsigned bytes = i->p->request->security / 8;
    unsigned ps = module_symbol(i, m->name, "public_start");
    unsigned len = module_symbol(i, m->name, "public_end") - ps;
    uint8_t *text = i->at[ps], *nonce = i->at[module_symbol(i, m->name, "wrap_nonce")],
            *tag = i->at[module_symbol(i, m->name, "wrap_tag")];
    struct semo_aead a;
    if (!read_key(i->p->request->vendor_key, bytes, key))
        return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, m->name, 0, 0,
                              "the text of this module is encrypted: give its vendor key with "
                              "--vendor-key, %u hexadecimal digits",
                              2 * bytes);
    semo_aead_key(&a, i->p->request->security, zero);
    semo_aead_mac(&a, text, len, digest);
    memcpy(nonce, digest, 2);
    if (nonce[0] == 0 && nonce[1] == 0)
        nonce[0] = 1; /* 0 means: not encrypted */
    semo_aead_key(&a, i->p->request->security, key);
    semo_aead_wrap(&a, nonce, 2, text, len, text, tag);
    semo_aead_forget(&a);
    semo_bytes_wipe(key, sizeof key);
    return SEMO_OK;
}

/* ---- instructions ---- */

static unsigned word(const struct image *i, unsigned address)
{
    const uint8_t *low = i->at[address & 0xFFFE], *high = i->at[address | 1];
    return low && high ? *low | (unsigned)*high << 8 : 0;
}

static bool has_extension(unsigned mode, unsigned reg)
{
    return (mode == 1 && reg != 3) || (mode == 3 && reg == 0);
}

/* Can this memory operand lie in program memory? */
static bool is_program(const struct image *i, unsigned mode, unsigned reg, unsigned extension)
{
    if (mode == 0 || reg == 1 || (reg >= 2 && reg <= 3 && mode > 1) || (reg == 3))
        return false;
    if (reg == 2)
        return word(i, extension) >= SEMO_PROGRAM_START;
    if (reg == 0)
        return mode == 1 && ((word(i, extension) + extension) & 0xFFFF) >= SEMO_PROGRAM_START;
    return true;
}

/* Length of the instruction in bytes; *wrong: it would run into the erratum of the core. */
static unsigned decode(const struct image *i, unsigned pc, bool *wrong)
{
    unsigned w = word(i, pc), size = 2, reg, mode;
    *wrong = false;
    if (w >> 13 == 1 || (w >= 0x1380 && w < 0x1400))
        return size;
    if (w < 0x2000) {
        reg = w & 15;
        mode = w >> 4 & 3;
        *wrong = w >= 0x1000 && (w >> 7 & 7) <= 3 && is_program(i, mode, reg, pc + 2);
        return size + (has_extension(mode, reg) ? 2 : 0);
    }
    size += has_extension(w >> 4 & 3, w >> 8 & 15) ? 2 : 0;
    if (w >> 7 & 1) {
        *wrong = (w >> 12 == 9 || w >> 12 == 11) && is_program(i, 1, w & 15, pc + size);
        size += 2;
    }
    return size;
}

static enum semo_status check_code(const struct image *i, unsigned from, unsigned to,
                                   const char *module, struct semo_error *e)
{
    /* Where a module's interrupt function goes back to, and what is no module yet. */
    unsigned reti = 0, not_enabled = 0;
    bool wrong;
    find_symbol(i, "__unprotected_reti", &reti);
    find_symbol(i, "__sm_not_enabled", &not_enabled);
    for (unsigned pc = from; pc < to;) {
        unsigned w = word(i, pc), target = word(i, pc + 2), size = decode(i, pc, &wrong);
        if (wrong)
            return semo_error_set(e, SEMO_UNSUPPORTED, SEMO_EXIT_USAGE, function_at(i, pc), 0, 0,
                                  "the core would lose an instruction behind the one at %04x: it "
                                  "compares or shifts program memory in place",
                                  pc);
        if (module && (w == 0x12B0 || w == 0x4030) && (target < from || target >= to) &&
            target != reti && target != not_enabled)
            return semo_error_set(
                e, SEMO_INPUT, SEMO_EXIT_USAGE, function_at(i, pc), 0, 0,
                "module %s goes to %s (%04x) without a stub: assembly may leave a "
                "module only through C",
                module, function_at(i, target), target);
        pc += size;
    }
    return SEMO_OK;
}

static enum semo_status check_all(const struct image *i, struct semo_error *e)
{
    enum semo_status status = SEMO_OK;
    Elf_Scn *s = NULL;
    GElf_Shdr header;
    size_t names;
    for (unsigned k = 0; k < i->p->module_count && status == SEMO_OK; k++) {
        const char *m = i->p->module[k].name;
        status = check_code(i, module_symbol(i, m, "public_start"), module_symbol(i, m, "code_end"),
                            m, e);
    }
    if (elf_getshdrstrndx(i->elf, &names) != 0)
        return status;
    while (status == SEMO_OK && (s = elf_nextscn(i->elf, s))) {
        const char *name =
            gelf_getshdr(s, &header) ? elf_strptr(i->elf, names, header.sh_name) : NULL;
        if (name && strcmp(name, ".text") == 0)
            status = check_code(i, (unsigned)header.sh_addr,
                                (unsigned)(header.sh_addr + header.sh_size), NULL, e);
    }
    return status;
}

/* ---- the file ---- */

static void map_segments(struct image *i)
{
    size_t count = 0;
    GElf_Phdr h;
    elf_getphdrnum(i->elf, &count);
    for (size_t k = 0; k < count; k++)
        if (gelf_getphdr(i->elf, (int)k, &h) && h.p_type == PT_LOAD)
            for (size_t n = 0; n < h.p_filesz && h.p_vaddr + n < 0x10000; n++)
                if (h.p_offset + n < i->len)
                    i->at[h.p_vaddr + n] = i->bytes + h.p_offset + n;
}

static bool open_image(struct image *i)
{
    Elf_Scn *s = NULL;
    if (elf_version(EV_CURRENT) == EV_NONE)
        return false;
    i->elf = elf_memory((char *)i->bytes, i->len);
    while (i->elf && (s = elf_nextscn(i->elf, s)))
        if (gelf_getshdr(s, &i->symbol_header) && i->symbol_header.sh_type == SHT_SYMTAB) {
            i->symbols = elf_getdata(s, NULL);
            break;
        }
    if (i->symbols)
        map_segments(i);
    return i->symbols != NULL;
}

enum semo_status compat_finish(const struct compat_program *p, const char *path,
                               struct semo_error *e)
{
    struct image *i = semo_allocate(1, sizeof *i);
    enum semo_status status = semo_file_read(path, ELF_MAX, &i->bytes, &i->len, e);
    i->p = p;
    if (status == SEMO_OK && !open_image(i))
        status = semo_error_set(e, SEMO_MALFORMED, SEMO_EXIT_FAILED, path, 0, 0,
                                "the linker left no symbols in it");
    if (status == SEMO_OK) {
        fill_all_tags(i);
        status = check_all(i, e);
    }
    for (unsigned k = 0; k < p->module_count && status == SEMO_OK; k++)
        if (p->module[k].wrapped)
            status = encrypt(i, &p->module[k], e);
    if (status == SEMO_OK)
        status = semo_file_write(path, i->bytes, i->len, 0755, e);
    if (i->elf)
        elf_end(i->elf);
    free(i->bytes);
    free(i);
    return status;
}
