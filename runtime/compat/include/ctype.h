/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SEMO_COMPAT_CTYPE_H
#define SEMO_COMPAT_CTYPE_H

/* Inline: a module that uses one has it inside. */
#define SEMO_CTYPE(name, is)                                                                       \
    static inline int name(int c)                                                                  \
    {                                                                                              \
        return is;                                                                                 \
    }
SEMO_CTYPE(isdigit, c >= '0' && c <= '9')
SEMO_CTYPE(isupper, c >= 'A' && c <= 'Z')
SEMO_CTYPE(islower, c >= 'a' && c <= 'z')
SEMO_CTYPE(isalpha, isupper(c) || islower(c))
SEMO_CTYPE(isalnum, isalpha(c) || isdigit(c))
SEMO_CTYPE(isxdigit, isdigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))
SEMO_CTYPE(isspace, c == ' ' || (c >= '\t' && c <= '\r'))
SEMO_CTYPE(isblank, c == ' ' || c == '\t')
SEMO_CTYPE(isprint, c >= ' ' && c <= '~')
SEMO_CTYPE(isgraph, c > ' ' && c <= '~')
SEMO_CTYPE(ispunct, isgraph(c) && !isalnum(c))
SEMO_CTYPE(iscntrl, (c >= 0 && c < ' ') || c == 0x7F)
SEMO_CTYPE(toupper, islower(c) ? c - 'a' + 'A' : c)
SEMO_CTYPE(tolower, isupper(c) ? c - 'A' + 'a' : c)

#endif
