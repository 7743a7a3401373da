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

static void take_values(struct tool_image *image, const Elf_Data *values)
{
    image->values_len = (uint32_t)values->d_size;
    image->data_len += image->values_len + 2; /* the crypto unit reads one word ahead */
    if (image->values_len <= image->text_len)
        memcpy(image->text + image->text_len - image->values_len, values->d_buf, values->d_size);
}

enum semo_status tool_image_read(const char *path, struct tool_image *image, struct semo_error *e)
{
    enum semo_status status = SEMO_OK;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    Elf *elf = elf_version(EV_CURRENT) != EV_NONE ? elf_begin(fd, ELF_C_READ, NULL) : NULL;
    GElf_Shdr header, other;
    Elf_Scn *section = elf ? find_section(elf, ".text", &header) : NULL, *values;
    Elf_Data *data = section ? elf_getdata(section, NULL) : NULL;
    if (data && data->d_size && data->d_size % 2 == 0) {
        image->text = semo_allocate(data->d_size, 1);
        image->text_len = (uint32_t)data->d_size;
        memcpy(image->text, data->d_buf, data->d_size);
        image->data_len = find_section(elf, ".bss", &other) ? (uint32_t)other.sh_size : 0;
        values = find_section(elf, ".data", &other);
        data = values ? elf_getdata(values, NULL) : NULL;
        if (data && data->d_size && data->d_buf)
            take_values(image, data);
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
