/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <string.h>
#include <unistd.h>
#include "host/file.h"
#include "toolchain/parts.h"

static Elf_Scn *find_section(Elf *elf, const char *name, GElf_Shdr *header)
{
    Elf_Scn *s = NULL;
    size_t names;
    if (elf_getshdrstrndx(elf, &names) != 0)
        return NULL;
    while ((s = elf_nextscn(elf, s)))
        if (gelf_getshdr(s, header) && strcmp(elf_strptr(elf, names, header->sh_name), name) == 0)
            return s;
    return NULL;
}

enum semo_status tool_image_read(const char *path, uint8_t **text, uint32_t *text_len,
                                 uint32_t *bss_len, struct semo_error *e)
{
    enum semo_status status = SEMO_OK;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    Elf *elf = elf_version(EV_CURRENT) != EV_NONE ? elf_begin(fd, ELF_C_READ, NULL) : NULL;
    GElf_Shdr header, bss;
    Elf_Scn *section = elf ? find_section(elf, ".text", &header) : NULL;
    Elf_Data *data = section ? elf_getdata(section, NULL) : NULL;
    if (data && data->d_size && data->d_size % 2 == 0) {
        *text = semo_allocate(data->d_size, 1);
        *text_len = (uint32_t)data->d_size;
        memcpy(*text, data->d_buf, data->d_size);
        *bss_len = find_section(elf, ".bss", &bss) ? (uint32_t)bss.sh_size : 0;
    } else {
        status = semo_error_set(e, SEMO_MALFORMED, SEMO_EXIT_FAILED, path, 0, 0,
                                "the linker left no text in it");
    }
    if (elf)
        elf_end(elf);
    if (fd >= 0)
        close(fd);
    return status;
}
