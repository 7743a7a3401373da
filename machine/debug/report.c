/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include "machine/debug/report.h"
#include "machine/state.h"

enum { PLACE_ROOM = 512 };

static const char *fixed_region(uint16_t address)
{
    static const struct {
        uint32_t end;
        const char *name;
    } regions[] = {
        {SEMO_DATA_START, "peripherals"},  {SEMO_DATA_END, "data memory"},
        {SEMO_PROGRAM_START, "no memory"}, {SEMO_VECTORS, "program memory"},
        {0x10000, "interrupt vectors"},
    };
    unsigned i = 0;
    while (address >= regions[i].end)
        i++;
    return regions[i].name;
}

const char *semo_report_region(const struct semo_machine *m, uint16_t address, char *out,
                               size_t room)
{
    const struct semo_access_state *a = m->core.access;
    snprintf(out, room, "%s", fixed_region(address));
    if (semo_access_inside(address, SEMO_WINDOW_START, SEMO_WINDOW(SEMO_WINDOW_COUNT)))
        snprintf(out, room, "device window %u",
                 (unsigned)(address - SEMO_WINDOW_START) / SEMO_WINDOW_SIZE);
    for (unsigned i = 0; i < a->count; i++) {
        const struct semo_slot *s = &a->slots[i];
        if (s->enabled && semo_access_inside(address, s->ps, s->pe))
            snprintf(out, room, "text of module %u", s->id);
        else if (s->enabled && semo_access_inside(address, s->ss, s->se))
            snprintf(out, room, "private data of module %u", s->id);
    }
    return out;
}

/* Who is to blame: where a module was entered wrongly, the code that went there. */
static uint16_t culprit(const struct semo_machine *m)
{
    const struct semo_core *c = &m->core;
    bool entry = c->violation_rule == SEMO_RULE_ENTRY || c->violation_rule == SEMO_RULE_NESTED;
    return entry ? c->pc_before : c->violation_pc;
}

static uint16_t module_of(const struct semo_machine *m, const struct semo_violation *v)
{
    uint16_t at = culprit(m);
    return at == v->pc ? v->module : semo_machine_module_at(m, at);
}

static void name_code(const struct semo_machine *m, const struct semo_violation *v,
                      const struct semo_symbols *s, char *out)
{
    char position[PLACE_ROOM / 2];
    uint16_t at = culprit(m), module = module_of(m, v);
    struct semo_position p = semo_symbols_at(s, at);
    bool known = *semo_position_print(&p, position, sizeof position);
    int n = module ? sprintf(out, "module %u", module) : sprintf(out, "unprotected code");
    snprintf(out + n, PLACE_ROOM - (size_t)n, known ? " at %04x (%s)" : " at %04x", at, position);
}

/* A module that is gone by now, for what it did, touched its own text. */
static const char *target_region(const struct semo_machine *m, const struct semo_violation *v,
                                 char *out, size_t room)
{
    bool text = m->core.violation_rule == SEMO_RULE_TEXT;
    semo_report_region(m, v->address, out, room);
    if (text && v->module && !semo_machine_module_at(m, v->address))
        snprintf(out, room, "text of module %u, gone now", v->module);
    return out;
}

/* "word read at 7000 (table+2, text of module 1)" */
static void name_target(const struct semo_machine *m, const struct semo_violation *v,
                        const struct semo_symbols *s, char *out)
{
    char name[96] = "", region[64];
    struct semo_position p = semo_symbols_at(s, v->address);
    if (m->core.violation_rule == SEMO_RULE_CLIX) {
        snprintf(out, PLACE_ROOM, "%s for %u cycles", v->what, v->address);
        return;
    }
    p.source.file = NULL;
    semo_position_print(&p, name, sizeof name);
    snprintf(out, PLACE_ROOM, "%s at %04x (%s%s%s)", v->what, v->address, name, *name ? ", " : "",
             target_region(m, v, region, sizeof region));
}

const char *semo_report_violation(const struct semo_machine *m, const struct semo_symbols *s,
                                  char *out, size_t room)
{
    const struct semo_violation *v = semo_machine_violation(m);
    char who[PLACE_ROOM], target[PLACE_ROOM];
    name_code(m, v, s, who);
    name_target(m, v, s, target);
    snprintf(out, room, "cycle %" PRIu64 ": %s: %s: %s", v->cycle, who, target, v->rule);
    return out;
}

/* A name that is no UTF-8 is left out. */
static void set_text(json_t *o, const char *key, const char *text)
{
    json_t *value = text ? json_string(text) : NULL;
    json_object_set_new(o, key, value ? value : json_null());
}

static json_t *position_json(const struct semo_position *p, uint16_t address)
{
    json_t *o = json_pack("{s:i}", "address", address);
    set_text(o, "symbol", p->symbol);
    json_object_set_new(o, "offset", p->symbol ? json_integer(p->offset) : json_null());
    set_text(o, "folder", p->source.folder);
    set_text(o, "file", p->source.file);
    json_object_set_new(o, "line", p->source.line ? json_integer(p->source.line) : json_null());
    return o;
}

json_t *semo_report_json(const struct semo_machine *m, const struct semo_symbols *s)
{
    const struct semo_violation *v = semo_machine_violation(m);
    char region[64];
    uint16_t at = culprit(m);
    struct semo_position code = semo_symbols_at(s, at), target = semo_symbols_at(s, v->address);
    return json_pack("{s:I,s:i,s:i,s:i,s:s,s:s,s:s,s:o,s:o}", "cycle", (json_int_t)v->cycle,
                     "module", module_of(m, v), "pc", v->pc, "address", v->address, "what", v->what,
                     "rule", v->rule, "region", target_region(m, v, region, sizeof region), "who",
                     position_json(&code, at), "where", position_json(&target, v->address));
}
