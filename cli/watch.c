/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/watch.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static pthread_t thread;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t change;
static bool is_watched;

static void *watch(void *verb)
{
    struct timespec next;
    clock_gettime(CLOCK_MONOTONIC, &next);
    pthread_mutex_lock(&mutex);
    for (unsigned seconds = 1; is_watched; seconds++) {
        next.tv_sec++;
        while (is_watched && pthread_cond_timedwait(&change, &mutex, &next) == 0)
            ;
        if (is_watched && (seconds == 2 || seconds == 5 || seconds % 10 == 0))
            fprintf(stderr, "semo %s: at work for %u s\n", (const char *)verb, seconds);
    }
    pthread_mutex_unlock(&mutex);
    return NULL;
}

/* Signals are for the thread that works: it has its reasons to hold them back. */
void semo_watch_begin(const char *verb)
{
    pthread_condattr_t monotonic;
    sigset_t all, before;
    if (!isatty(STDERR_FILENO))
        return;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&change, &monotonic);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    is_watched = true;
    is_watched = pthread_create(&thread, NULL, watch, (void *)verb) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void semo_watch_end(void)
{
    pthread_mutex_lock(&mutex);
    const bool was = is_watched;
    is_watched = false;
    if (was)
        pthread_cond_signal(&change);
    pthread_mutex_unlock(&mutex);
    if (was)
        pthread_join(thread, NULL);
}
