/* SPDX-License-Identifier: Apache-2.0 */
/* A module for benches: throws a ball so many times and says when it came back for the last time;
 * who was not told to throw throws back. */
#include <semo/module.h>

SM_OUTPUT(Bouncer, ball);
SM_OUTPUT(Bouncer, done);

static SM_DATA(Bouncer) uint8_t left;

SM_INPUT(Bouncer, caught, data, len)
{
    if (left == 0 || --left > 0)
        ball(data, len);
    else
        done(data, len);
}

SM_ENTRY(Bouncer, serve, data, len)
{
    left = data[0];
    ball(data, len);
    return 0;
}
