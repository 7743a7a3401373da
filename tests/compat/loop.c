/* SPDX-License-Identifier: Apache-2.0 */
/* Reactive modules and an event manager with a queue: sensor -> average -> two displays, one of
 * them fed by two outputs. Keys come from the test, sealed as the deployer does. */
#include <sancus/reactive.h>
#include <sancus/sm_support.h>
#include <sancus_support/sm_io.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

DECLARE_SM(sensor, 0x1234);
DECLARE_SM(average, 0x1234);
DECLARE_SM(panel, 0x1234);

/* ---- sensor ---- */
SM_OUTPUT(sensor, measured);
SM_OUTPUT(sensor, alarm);

SM_ENTRY(sensor) void sensor_tick(uint16_t value)
{
    measured(&value, sizeof(value));
    if (value > 100)
        alarm(&value, sizeof value);
}

/* ---- average ---- */
static uint16_t SM_DATA(average) window[4];
static uint8_t SM_DATA(average) next;
SM_OUTPUT(average, mean);

SM_INPUT(average, sample, data, len)
{
    uint16_t sum = 0, result;
    if (len != sizeof *window)
        return;
    memcpy(&window[next++ % 4], data, len);
    for (int i = 0; i < 4; i++)
        sum += window[i];
    result = sum / 4;
    mean(&result, sizeof result);
}

/* ---- panel ---- */
SM_INPUT(panel, show, data, len)
{
    printf2("panel shows %u (%u bytes)\n", data[0] | data[1] << 8, len);
}

SM_INPUT(panel, warn, data, len)
{
    (void)len;
    printf1("panel warns of %u\n", data[0] | data[1] << 8);
}

/* ---- event manager ---- */
#define ENTRIES(m)                                                                                 \
    uint16_t SM_ENTRY(m)                                                                           \
        __sm_##m##_set_key(const uint8_t *, const uint8_t *, const uint8_t *, uint16_t *);         \
    uint16_t SM_ENTRY(m) __sm_##m##_handle_input(uint16_t, const void *, size_t);                  \
    static uint16_t SM_FUNC(m)                                                                     \
        m##_seal(const uint8_t *ad, uint16_t key, uint8_t *to, uint8_t *tag)                       \
    {                                                                                              \
        uint16_t plain[SANCUS_KEY_SIZE / 2];                                                       \
        for (unsigned i = 0; i < SANCUS_KEY_SIZE / 2; i++)                                         \
            plain[i] = key * 7 + i;                                                                \
        return sancus_wrap(ad, 6, plain, sizeof plain, to, tag);                                   \
    }                                                                                              \
    uint16_t SM_ENTRY(m) m##_seal_key(const uint8_t *ad, uint16_t key, uint8_t *to, uint8_t *tag)  \
    {                                                                                              \
        return m##_seal(ad, key, to, tag);                                                         \
    }
ENTRIES(sensor)
ENTRIES(average)
ENTRIES(panel)

typedef uint16_t (*set_key_fn)(const uint8_t *, const uint8_t *, const uint8_t *, uint16_t *);
typedef uint16_t (*seal_fn)(const uint8_t *, uint16_t, uint8_t *, uint8_t *);
typedef uint16_t (*input_fn)(uint16_t, const void *, size_t);

struct event {
    struct event *next;
    conn_index connection;
    size_t len;
    uint8_t bytes[32];
};
static struct event *queue, **last = &queue;
static struct {
    input_fn to;
    uint16_t index;
} routes[8];

void reactive_handle_output(conn_index connection, void *data, size_t len)
{
    struct event *e = malloc(sizeof *e);
    if (!e || len > sizeof e->bytes)
        return;
    e->next = NULL;
    e->connection = connection;
    e->len = len;
    memcpy(e->bytes, data, len);
    *last = e;
    last = &e->next;
}

static void end_of(conn_index connection, io_index io, seal_fn seal, set_key_fn set_key,
                   uint16_t *count, uint16_t *index)
{
    uint8_t ad[6] = {0, (uint8_t)connection, 0, (uint8_t)io, 0, (uint8_t)(*count)++};
    uint8_t key[SANCUS_KEY_SIZE], tag[SANCUS_TAG_SIZE];
    seal(ad, connection, key, tag);
    uint16_t result = set_key(ad, key, tag, index);
    if (result != Ok)
        printf("set_key: %u\n", result);
}

static void run(void)
{
    unsigned events = 0;
    while (queue) {
        struct event *e = queue;
        queue = e->next;
        if (!queue)
            last = &queue;
        uint16_t result = routes[e->connection].to(routes[e->connection].index, e->bytes, e->len);
        if (result != Ok)
            printf("connection %u: %u\n", e->connection, result);
        events++;
        free(e);
    }
    printf("%u events\n", events);
}

int main()
{
    uint16_t sensors = 0, averages = 0, panels = 0, unused;
    msp430_io_init();
    sancus_enable(&sensor);
    sancus_enable(&average);
    sancus_enable(&panel);
    end_of(1, SM_GET_OUTPUT_IDX(sensor, measured), sensor_seal_key, __sm_sensor_set_key, &sensors,
           &unused);
    end_of(1, SM_GET_INPUT_IDX(average, sample), average_seal_key, __sm_average_set_key, &averages,
           &routes[1].index);
    routes[1].to = __sm_average_handle_input;
    end_of(2, SM_GET_OUTPUT_IDX(sensor, alarm), sensor_seal_key, __sm_sensor_set_key, &sensors,
           &unused);
    end_of(2, SM_GET_INPUT_IDX(panel, warn), panel_seal_key, __sm_panel_set_key, &panels,
           &routes[2].index);
    routes[2].to = __sm_panel_handle_input;
    for (conn_index c = 3; c < 5; c++) {
        end_of(c, SM_GET_OUTPUT_IDX(average, mean), average_seal_key, __sm_average_set_key,
               &averages, &unused);
        end_of(c, SM_GET_INPUT_IDX(panel, show), panel_seal_key, __sm_panel_set_key, &panels,
               &routes[c].index);
        routes[c].to = __sm_panel_handle_input;
    }
    for (unsigned value = 40; value < 160; value += 40) {
        sensor_tick(value);
        run();
    }
    return 0;
}
