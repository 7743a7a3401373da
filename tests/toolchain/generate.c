/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/toolchain/generate.h"

static unsigned pick(struct generator *g, unsigned below)
{
    g->state = g->state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(g->state >> 33) % below;
}

static void expression(struct generator *g, unsigned bits);

static const char *type_of(unsigned bits)
{
    return bits == 8 ? "uint8_t" : bits == 16 ? "uint16_t" : "uint32_t";
}

/* Everything is cast to its type at once: the two machines differ in what they promote to. */
static void leaf(struct generator *g, unsigned bits)
{
    static const char *const names[] = {"a", "b",   "c",   "d",   "e",   "g",
                                        "h", "s.x", "s.y", "s.z", "r.y", "r.z"};
    switch (pick(g, 6)) {
    case 0:
        fprintf(g->out, "(%s)%uu", type_of(bits), pick(g, pick(g, 2) ? 10 : 65536));
        break;
    case 1:
        fprintf(g->out, "(%s)t[a & 7]", type_of(bits));
        break;
    case 2:
        fprintf(g->out, "(%s)constant[b & 3]", type_of(bits));
        break;
    default:
        fprintf(g->out, "(%s)%s", type_of(bits), names[pick(g, 12)]);
    }
}

static void binary(struct generator *g, unsigned bits)
{
    static const char *const op[] = {"+", "-", "&", "|", "^", "*", "/", "%", "<<", ">>"};
    unsigned k = pick(g, 10);
    fprintf(g->out, "(%s)((%s)", type_of(bits), bits == 32 || k == 5 ? "uint32_t" : "uint16_t");
    expression(g, bits);
    fprintf(g->out, " %s ", op[k]);
    if (k >= 8) { /* a count below the width */
        fprintf(g->out, "(");
        expression(g, 8);
        fprintf(g->out, " & %u))", bits == 32 ? 31 : 7);
        return;
    }
    fprintf(g->out, "(");
    expression(g, bits);
    fprintf(g->out, "%s))", k == 6 || k == 7 ? " | 1u" : "");
}

static void condition(struct generator *g)
{
    static const char *const op[] = {"<", ">", "<=", ">=", "==", "!="};
    unsigned bits = 8u << pick(g, 3);
    const char *sign = pick(g, 3)   ? ""
                       : bits == 8  ? "(int8_t)"
                       : bits == 16 ? "(int16_t)"
                                    : "(int32_t)";
    fprintf(g->out, "%s(", sign);
    expression(g, bits);
    fprintf(g->out, ") %s %s(", op[pick(g, 6)], sign);
    expression(g, bits);
    fprintf(g->out, ")");
}

static void expression(struct generator *g, unsigned bits)
{
    if (g->depth >= 3 || pick(g, 4) == 0) {
        leaf(g, bits);
        return;
    }
    g->depth++;
    switch (pick(g, 6)) {
    case 0:
        fprintf(g->out, "(");
        condition(g);
        fprintf(g->out, " ? ");
        expression(g, bits);
        fprintf(g->out, " : ");
        expression(g, bits);
        fprintf(g->out, ")");
        break;
    case 1: /* signed shift and the like: on values that keep their sign in 16 bits */
        fprintf(g->out, "(%s)(uint16_t)((int16_t)", type_of(bits));
        expression(g, 16);
        fprintf(g->out, " >> %u)", pick(g, 15));
        break;
    default:
        binary(g, bits);
    }
    g->depth--;
}

static void statement(struct generator *g);

static void block(struct generator *g)
{
    unsigned n = 1 + pick(g, 3);
    fprintf(g->out, "{\n");
    while (n-- && g->budget)
        statement(g);
    fprintf(g->out, "}\n");
}

static void assignment(struct generator *g)
{
    static const char *const names[] = {"a", "b", "c", "d", "e", "g", "h", "s.x", "s.y", "s.z"};
    static const unsigned bits[] = {16, 16, 16, 32, 32, 8, 8, 8, 16, 32};
    unsigned k = pick(g, 13);
    if (k < 10) {
        fprintf(g->out, "%s = ", names[k]);
        expression(g, bits[k]);
    } else if (k == 10) {
        fprintf(g->out, "t[");
        expression(g, 16);
        fprintf(g->out, " & 7] = ");
        expression(g, 16);
    } else {
        fprintf(g->out, k == 11 ? "r = s" : "s = r");
    }
    fprintf(g->out, ";\n");
}

static void switch_statement(struct generator *g)
{
    unsigned cases = 2 + pick(g, 6);
    fprintf(g->out, "switch (");
    expression(g, 16);
    fprintf(g->out, " & 7) {\n");
    for (unsigned i = 0; i < cases; i++) {
        fprintf(g->out, "case %u: ", i);
        assignment(g);
        fprintf(g->out, "%s", pick(g, 4) ? "break;\n" : "/* fall through */\n");
    }
    fprintf(g->out, "default: ");
    assignment(g);
    fprintf(g->out, "}\n");
}

static void loop(struct generator *g)
{
    unsigned i = g->loops++;
    fprintf(g->out, "for (uint8_t i%u = 0; i%u < %u; i%u++) ", i, i, 1 + pick(g, 5), i);
    block(g);
    g->loops--;
}

static void statement(struct generator *g)
{
    g->budget--;
    switch (pick(g, 9)) {
    case 0:
        fprintf(g->out, "if (");
        condition(g);
        fprintf(g->out, ") ");
        block(g);
        if (pick(g, 2)) {
            fprintf(g->out, "else ");
            block(g);
        }
        break;
    case 1:
        if (g->loops < 2)
            loop(g);
        else
            assignment(g);
        break;
    case 2:
        switch_statement(g);
        break;
    case 3:
        if (g->function && g->loops == 0)
            fprintf(g->out, "t[1] = a; t[2] = b; d ^= f%u(t);\n", pick(g, g->function));
        else
            assignment(g);
        break;
    default:
        assignment(g);
    }
}

void generate_function(struct generator *g)
{
    FILE *o = g->out;
    g->depth = g->loops = 0;
    g->budget = 10;
    fprintf(o, "static __attribute__((noinline)) uint32_t f%u(const uint16_t *in)\n{\n",
            g->function);
    fprintf(o, "struct both s = {(uint8_t)in[1], in[2], in[3]}, r = {1, 2, 3};\n"
               "uint16_t a = in[0], b = in[1], c = in[2], t[8] = {0};\n"
               "uint32_t d = (uint32_t)in[3] << 16 | in[0], e = (uint32_t)in[1] << 16 | in[2];\n"
               "uint8_t g = (uint8_t)in[0], h = (uint8_t)in[3], i;\n"
               "for (i = 0; i < 8; i++) t[i] = (uint16_t)(in[i & 3] + i);\n");
    while (g->budget)
        statement(g);
    fprintf(o, "d = d * 31 + e; d = d * 31 + a; d = d * 31 + b; d = d * 31 + c; d = d * 31 + g;\n"
               "d = d * 31 + h; d = d * 31 + s.x; d = d * 31 + s.y; d = d * 31 + s.z;\n"
               "d = d * 31 + r.x; d = d * 31 + r.y; d = d * 31 + r.z;\n"
               "for (i = 0; i < 8; i++) d = d * 31 + t[i];\nreturn d;\n}\n");
    g->function++;
}
