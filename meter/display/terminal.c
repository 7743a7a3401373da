/* SPDX-License-Identifier: Apache-2.0 */
#include "display.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

static struct termios saved;
static volatile sig_atomic_t is_open;

static void write_all(const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = write(STDOUT_FILENO, bytes, len);
        if (n < 0 && errno == EAGAIN) {
            struct pollfd ready = {STDOUT_FILENO, POLLOUT, 0};
            poll(&ready, 1, 1000);
        } else if (n < 0 && errno != EINTR) {
            return;
        } else if (n > 0) {
            bytes += n;
            len -= (size_t)n;
        }
    }
}

/* Only async-signal-safe calls: it runs in the signal handler too. */
void semo_terminal_close(void)
{
    static const char leave[] = "\033[0m\033[?25h\033[?1049l";
    if (!is_open)
        return;
    is_open = 0;
    write_all(leave, sizeof leave - 1);
    tcsetattr(STDIN_FILENO, TCSANOW, &saved);
}

static void on_signal(int number)
{
    int kept = errno;
    semo_terminal_close();
    signal(number, SIG_DFL);
    raise(number);
    errno = kept;
}

bool semo_terminal_open(void)
{
    static const char enter[] = "\033[?1049h\033[?25l\033[2J";
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    struct termios raw;
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) || tcgetattr(STDIN_FILENO, &saved) != 0)
        return false;
    raw = saved;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    raw.c_cc[VMIN] = 0;
    raw.c_cc[VTIME] = 0;
    is_open = 1;
    atexit(semo_terminal_close);
    for (unsigned i = 0; i < sizeof signals / sizeof *signals; i++) {
        struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
        sigaction(signals[i], &action, NULL);
    }
    tcsetattr(STDIN_FILENO, TCSANOW, &raw);
    write_all(enter, sizeof enter - 1);
    return true;
}

void semo_terminal_write(const char *bytes, unsigned len)
{
    write_all(bytes, len);
}
