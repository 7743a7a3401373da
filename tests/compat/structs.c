/* SPDX-License-Identifier: Apache-2.0 */
/* Structures by value inside a module and out of it, bit fields, unions, arrays of them. */
#include <sancus/sm_support.h>
#include <stdio.h>
#include <string.h>

DECLARE_SM(shapes, 0x1234);

typedef struct {
    int x, y;
} point;
typedef struct {
    point corner[2];
    char name[6];
    unsigned char colour : 3, filled : 1;
} box;
typedef union {
    unsigned long word;
    unsigned char byte[4];
    struct {
        unsigned low, high;
    } half;
} mixed;

static box SM_DATA(shapes) boxes[4];
static unsigned SM_DATA(shapes) count;

static point SM_FUNC(shapes) middle(box b)
{
    point p = {(b.corner[0].x + b.corner[1].x) / 2, (b.corner[0].y + b.corner[1].y) / 2};
    return p;
}

static box SM_FUNC(shapes) shifted(box b, point by)
{
    for (int i = 0; i < 2; i++) {
        b.corner[i].x += by.x;
        b.corner[i].y += by.y;
    }
    b.colour++;
    return b;
}

int SM_ENTRY(shapes) shapes_add(const box *from)
{
    if (!sancus_is_outside_sm(shapes, from, sizeof *from) || count == 4)
        return -1;
    boxes[count] = *from;
    boxes[count] = shifted(boxes[count], (point){1, -1});
    return count++;
}

int SM_ENTRY(shapes) shapes_get(unsigned i, box *to, point *centre)
{
    if (i >= count || !sancus_is_outside_sm(shapes, to, sizeof *to) ||
        !sancus_is_outside_sm(shapes, centre, sizeof *centre))
        return 0;
    *to = boxes[i];
    *centre = middle(boxes[i]);
    return 1;
}

unsigned SM_ENTRY(shapes) shapes_turn(unsigned long value)
{
    mixed m = {.word = value};
    unsigned char first = m.byte[0];
    m.byte[0] = m.byte[3];
    m.byte[3] = first;
    return m.half.low ^ m.half.high;
}

static box outside_make(int n)
{
    box b = {{{n, n}, {n + 10, n + 20}}, "box", 5, 1};
    b.name[3] = (char)('0' + n);
    return b;
}

int main()
{
    sancus_enable(&shapes);
    for (int i = 0; i < 5; i++) {
        box b = outside_make(i);
        printf("add %d\n", shapes_add(&b));
    }
    for (unsigned i = 0; i < 5; i++) {
        box b;
        point p;
        memset(&b, 0, sizeof b);
        if (shapes_get(i, &b, &p))
            printf("%s (%d,%d) (%d,%d) centre (%d,%d) %u %u\n", b.name, b.corner[0].x,
                   b.corner[0].y, b.corner[1].x, b.corner[1].y, p.x, p.y, b.colour, b.filled);
    }
    printf("turn %x\n", shapes_turn(0x12345678UL));
    printf("inside %d\n", shapes_add((const box *)boxes));
    return 0;
}
