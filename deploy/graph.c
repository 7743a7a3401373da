/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include "deploy/graph.h"
#include "host/file.h"

/* Pixels. */
enum { ROW = 18, HEAD = 26, MODULE_GAP = 14, MODULE_WIDTH = 220, NODE_GAP = 130, PAD = 16 };
enum {
    NODE_HEAD = 48,
    MANAGER = 30,
    MARGIN = 40,
    PORTS_MAX = 64,
    REPLY = 5,
    WIDTH_MIN = 640,
    LEGEND = 3
};
enum side { LEFT, RIGHT, SIDES };

/* As the paper shades what is trusted; an owner each. */
static const char *const shades[] = {"#f2c9c4", "#f3dcb4", "#d9cdec", "#c9dbe8"};
enum { SHADES = sizeof shades / sizeof *shades };

struct box { /* a module, the deployer, another owner */
    const char *name;
    unsigned owner; /* which of the shades */
    bool provisioned, confidential;
    int node; /* its column; -1: that of people */
    int x, y, height;
    const char *ports[SIDES][PORTS_MAX];
    unsigned count[SIDES];
};

struct graph {
    const struct semo_descriptor *d;
    struct box *boxes; /* modules, then people */
    int *node_x, *node_height;
    int width, height;
    unsigned owners[SHADES],
        owner_count; /* vendors of nodes; those after the last share its shade */
    FILE *out;
};

static unsigned owner_of(struct graph *g, unsigned vendor)
{
    for (unsigned i = 0; i < g->owner_count; i++)
        if (g->owners[i] == vendor)
            return i;
    if (g->owner_count < SHADES)
        g->owners[g->owner_count++] = vendor;
    return g->owner_count - 1;
}

enum person { DEPLOYER, OTHER_OWNER, PEOPLE }; /* who is the end that no module is */

static struct box *person_of(const struct graph *g, enum person who)
{
    return &g->boxes[g->d->module_count + who];
}

static struct box *box_of(const struct graph *g, const struct semo_connection_spec *c, bool from)
{
    int module = from ? c->from : c->to;
    if (module == SEMO_DEPLOYER)
        return person_of(g, c->shared ? OTHER_OWNER : DEPLOYER);
    return &g->boxes[module];
}

/* The row of a port, made when it is new; further ones share the last row. */
static unsigned port(struct box *b, enum side side, const char *name)
{
    for (unsigned i = 0; i < b->count[side]; i++)
        if (strcmp(b->ports[side][i], name) == 0)
            return i;
    if (b->count[side] < PORTS_MAX)
        b->ports[side][b->count[side]++] = name;
    return b->count[side] - 1;
}

/* One end of a connection: at the deployer it is named after the connection. */
struct end {
    struct box *box;
    enum side side; /* towards the other end; within a column, the right one */
    unsigned row;
};

static struct end end_of(const struct graph *g, const struct semo_connection_spec *c, bool from)
{
    int module = from ? c->from : c->to;
    const char *name = module == SEMO_DEPLOYER ? c->name : from ? c->from_output : c->to_input;
    struct box *own = box_of(g, c, from), *other = box_of(g, c, !from);
    enum side side = other->node < own->node ? LEFT : RIGHT;
    return (struct end){.box = own, .side = side, .row = port(own, side, name)};
}

static void collect_ports(struct graph *g)
{
    for (unsigned i = 0; i < g->d->connection_count; i++) {
        const struct semo_connection_spec *c = &g->d->connections[i];
        end_of(g, c, true);
        end_of(g, c, false);
    }
}

static void place_box(struct box *b, int x, int *y)
{
    unsigned rows = b->count[LEFT] > b->count[RIGHT] ? b->count[LEFT] : b->count[RIGHT];
    b->x = x;
    b->y = *y;
    b->height = HEAD + (int)(rows ? rows : 1) * ROW;
    *y += b->height + MODULE_GAP;
}

static bool has_ports(const struct box *b)
{
    return b->count[LEFT] + b->count[RIGHT] > 0;
}

/* One column for people, then one for each node. */
static void place(struct graph *g)
{
    int x = MARGIN, y = MARGIN + NODE_HEAD;
    for (enum person who = DEPLOYER; who < PEOPLE; who++)
        if (has_ports(person_of(g, who)))
            place_box(person_of(g, who), x + PAD, &y);
    if (y > MARGIN + NODE_HEAD)
        x += MODULE_WIDTH + 2 * PAD + NODE_GAP;
    g->height = y;
    for (unsigned n = 0; n < g->d->node_count; n++) {
        g->node_x[n] = x;
        y = MARGIN + NODE_HEAD;
        for (unsigned i = 0; i < g->d->module_count; i++)
            if (g->d->modules[i].node == n)
                place_box(&g->boxes[i], x + PAD, &y);
        g->node_height[n] = y + MANAGER + PAD - MARGIN;
        if (y + MANAGER + PAD > g->height)
            g->height = y + MANAGER + PAD;
        x += MODULE_WIDTH + 2 * PAD + NODE_GAP;
    }
    g->width = x - NODE_GAP + MARGIN;
    if (g->width < WIDTH_MIN)
        g->width = WIDTH_MIN; /* of the legend */
    g->height += MARGIN;
}

/* ---- drawing ---- */

static void words(const struct graph *g, const char *at)
{
    static const char *const escaped[128] = {['<'] = "&lt;", ['>'] = "&gt;", ['&'] = "&amp;"};
    for (; *at; at++) {
        const char *as = (unsigned char)*at < 128 ? escaped[(unsigned char)*at] : NULL;
        as ? fputs(as, g->out) : fputc(*at, g->out);
    }
}

static void text(const struct graph *g, int x, int y, const char *class, const char *anchor,
                 const char *what)
{
    fprintf(g->out, "<text x=\"%d\" y=\"%d\" class=\"%s\" text-anchor=\"%s\">", x, y, class,
            anchor);
    words(g, what);
    fputs("</text>\n", g->out);
}

static void rectangle(const struct graph *g, const char *class, int x, int y, int width, int height)
{
    fprintf(g->out, "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"6\"/>\n",
            class, x, y, width, height);
}

static void draw_box(const struct graph *g, const struct box *b)
{
    fprintf(g->out,
            "<rect class=\"trusted\" style=\"fill:%s;stroke-width:%d\" x=\"%d\" y=\"%d\" "
            "width=\"%d\" height=\"%d\" rx=\"6\"/>\n",
            shades[b->owner], b->provisioned ? 3 : 1, b->x, b->y, MODULE_WIDTH, b->height);
    text(g, b->x + MODULE_WIDTH / 2, b->y + 18, b->confidential ? "module secret" : "module",
         "middle", b->name);
    for (unsigned side = 0; side < SIDES; side++)
        for (unsigned i = 0; i < b->count[side]; i++)
            text(g, side == LEFT ? b->x + 8 : b->x + MODULE_WIDTH - 8,
                 b->y + HEAD + (int)i * ROW + 12, "port", side == LEFT ? "start" : "end",
                 b->ports[side][i]);
}

static void draw_node(const struct graph *g, unsigned n)
{
    const struct semo_node_spec *s = &g->d->nodes[n];
    int x = g->node_x[n], width = MODULE_WIDTH + 2 * PAD, height = g->node_height[n];
    bool mcu = s->kind == SEMO_NODE_MCU;
    rectangle(g, "node", x, MARGIN, width, height);
    text(g, x + PAD, MARGIN + 22, "name", "start", s->name);
    char what[64];
    snprintf(what, sizeof what, "%s, vendor %u", mcu ? "microcontroller" : "Linux processes",
             s->vendor);
    text(g, x + PAD, MARGIN + 39, "port", "start", what);
    rectangle(g, "untrusted", x + PAD, MARGIN + height - MANAGER - PAD / 2, MODULE_WIDTH, MANAGER);
    text(g, x + width / 2, MARGIN + height - MANAGER - PAD / 2 + 19, "port", "middle",
         "event manager, loader");
}

static int end_x(const struct end *e)
{
    return e->side == LEFT ? e->box->x : e->box->x + MODULE_WIDTH;
}

static int end_y(const struct end *e)
{
    return e->box->y + HEAD + (int)e->row * ROW + 8;
}

struct curve {
    int x1, y1, bend1, bend2, x2, y2; /* the bends are x of the control points */
};

static struct curve curve_of(const struct end *from, const struct end *to)
{
    int x1 = end_x(from), x2 = end_x(to);
    int far = x2 > x1 ? x2 - x1 : x1 - x2, bend = far / 2 > 50 ? far / 2 : 50;
    return (struct curve){x1,
                          end_y(from),
                          from->side == LEFT ? x1 - bend : x1 + bend,
                          to->side == LEFT ? x2 - bend : x2 + bend,
                          x2,
                          end_y(to)};
}

static void draw_curve(const struct graph *g, const char *class, const struct curve *c)
{
    fprintf(g->out,
            "<path class=\"%s\" marker-end=\"url(#head)\" "
            "d=\"M%d %d C%d %d %d %d %d %d\"><title>",
            class, c->x1, c->y1, c->bend1, c->y1, c->bend2, c->y2, c->x2, c->y2);
}

/* The way back, a little below. */
static void draw_reply(const struct graph *g, const struct semo_connection_spec *c,
                       const struct curve *there)
{
    struct curve back = {there->x2,    there->y2 + REPLY, there->bend2,
                         there->bend1, there->x1,         there->y1 + REPLY};
    draw_curve(g, "reply", &back);
    words(g, c->name);
    fputs(", reply</title></path>\n", g->out);
}

static const char *const policies[] = {[SEMO_NEWEST] = "newest",
                                       [SEMO_STRICT] = "strict",
                                       [SEMO_ACKNOWLEDGED] = "acknowledged",
                                       [SEMO_REQUEST] = "request"};

static void draw_connection(const struct graph *g, const struct semo_connection_spec *c)
{
    struct end from = end_of(g, c, true), to = end_of(g, c, false);
    struct curve line = curve_of(&from, &to);
    draw_curve(g, "connection", &line);
    words(g, c->name);
    fprintf(g->out, ", %s, %s</title></path>\n", policies[c->policy], c->aes ? "AES" : "SPONGENT");
    if (c->policy == SEMO_REQUEST)
        draw_reply(g, c, &line);
}

/* In the middle of the curve; the default needs no word. */
static void draw_policy(const struct graph *g, const struct semo_connection_spec *c)
{
    struct end from = end_of(g, c, true), to = end_of(g, c, false);
    struct curve line = curve_of(&from, &to);
    if (c->policy != SEMO_NEWEST)
        text(g, (line.x1 + 3 * line.bend1 + 3 * line.bend2 + line.x2) / 8,
             (line.y1 + line.y2) / 2 - 3, "policy", "middle", policies[c->policy]);
}

static void draw_wire(const struct graph *g, const struct semo_wire_spec *w)
{
    int half = MODULE_WIDTH / 2 + PAD, y = MARGIN;
    int x1 = g->node_x[w->from] + half, x2 = g->node_x[w->to] + half;
    fprintf(g->out,
            "<path class=\"wire\" d=\"M%d %d C%d %d %d %d %d %d\"><title>mains wire</title>"
            "</path>\n",
            x1, y, x1, y - 30, x2, y - 30, x2, y);
}

static void draw_head(const struct graph *g)
{
    fprintf(g->out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
            "viewBox=\"0 0 %d %d\">\n<title>%s</title>\n",
            g->width, g->height + LEGEND * ROW, g->width, g->height + LEGEND * ROW, g->d->name);
    fputs("<style>text{font-family:sans-serif;fill:#222}.name{font-size:16px;font-weight:bold}"
          ".module{font-size:14px;font-weight:bold}.port{font-size:11px}"
          ".secret{text-decoration:underline}"
          ".node{fill:#fff;stroke:#555}.trusted{stroke:#8c2a22}"
          ".untrusted{fill:#fff;stroke:#999;stroke-dasharray:4 3}"
          ".connection{fill:none;stroke:#27508c;stroke-width:1.4}"
          ".reply{fill:none;stroke:#27508c;stroke-width:1.2;stroke-dasharray:3 3}"
          ".policy{font-size:10px;font-style:italic;fill:#27508c;stroke:#fff;stroke-width:3;"
          "paint-order:stroke}"
          ".wire{fill:none;stroke:#b05a00;stroke-width:2;stroke-dasharray:7 4}</style>\n"
          "<defs><marker id=\"head\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"7\" "
          "markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0 L8 4 L0 8 z\" fill=\"#27508c\"/>"
          "</marker></defs>\n<rect width=\"100%\" height=\"100%\" fill=\"#fafafa\"/>\n",
          g->out);
}

static void draw(const struct graph *g)
{
    static const char *const legend[LEGEND] = {
        "Shaded: trusted, a shade for each owner (vendor). Everything else may belong to the "
        "attacker.",
        "Thick frame: the chip knows the one module that may own its actuator. Name underlined: "
        "loaded encrypted (confidential).",
        "Arrows: authenticated, encrypted connections; dashed arrows: replies to requests."};
    draw_head(g);
    for (unsigned i = 0; i < g->d->wire_count; i++)
        draw_wire(g, &g->d->wires[i]);
    for (unsigned n = 0; n < g->d->node_count; n++)
        draw_node(g, n);
    for (unsigned i = 0; i < g->d->connection_count; i++)
        draw_connection(g, &g->d->connections[i]);
    for (unsigned i = 0; i < g->d->module_count; i++)
        draw_box(g, &g->boxes[i]);
    for (enum person who = DEPLOYER; who < PEOPLE; who++)
        if (has_ports(person_of(g, who)))
            draw_box(g, person_of(g, who));
    for (unsigned i = 0; i < g->d->connection_count; i++)
        draw_policy(g, &g->d->connections[i]);
    for (unsigned i = 0; i < LEGEND; i++)
        text(g, MARGIN, g->height + (int)i * ROW, "port", "start", legend[i]);
    fputs("</svg>\n", g->out);
}

enum semo_status semo_graph_write(const struct semo_descriptor *d, FILE *out)
{
    struct graph g = {.d = d, .out = out};
    g.boxes = semo_allocate(d->module_count + PEOPLE, sizeof *g.boxes);
    g.node_x = semo_allocate(d->node_count, sizeof *g.node_x);
    g.node_height = semo_allocate(d->node_count, sizeof *g.node_height);
    for (unsigned i = 0; i < d->module_count; i++)
        g.boxes[i] = (struct box){.name = d->modules[i].name,
                                  .owner = owner_of(&g, d->nodes[d->modules[i].node].vendor),
                                  .provisioned = d->modules[i].provisioned,
                                  .confidential = d->modules[i].confidential,
                                  .node = (int)d->modules[i].node};
    *person_of(&g, DEPLOYER) = (struct box){.name = "deployer", .node = -1};
    *person_of(&g, OTHER_OWNER) =
        (struct box){.name = "another owner", .owner = SHADES - 1, .node = -1};
    collect_ports(&g);
    place(&g);
    draw(&g);
    free(g.boxes);
    free(g.node_x);
    free(g.node_height);
    return fflush(out) == 0 && !ferror(out) ? SEMO_OK : SEMO_SYSTEM;
}
