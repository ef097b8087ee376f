/* Sentences on stderr, and writing to the end. */
#include "autodriver.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

/* Write all bytes, however slowly they are taken; false, with errno, if they are not. */
bool write_all(int fd, const void *bytes, size_t count)
{
    const char *next = bytes;
    while (count > 0) {
        const ssize_t written = write(fd, next, count);
        if (written > 0) {
            next += written;
            count -= (size_t)written;
        } else if (written < 0 && errno == EAGAIN) {
            /* The caller made it non-blocking. */
            struct pollfd ready = {.fd = fd, .events = POLLOUT, .revents = 0};
            (void)poll(&ready, 1, -1);
        } else if (written == 0 || errno != EINTR) {
            return false;
        }
    }
    return true;
}

/* Print one line, "autodriver: ...". Names come from the caller: what is not plain ASCII in them becomes a '?'. */
void complain(const char *format, ...)
{
    char line[1024] = "autodriver: ";
    const size_t start = 12;
    va_list arguments;
    va_start(arguments, format);
    const int wanted = vsnprintf(line + start, sizeof line - start - 1, format, arguments);
    va_end(arguments);
    if (wanted < 0)
        return;
    size_t end = start;
    for (; line[end] != '\0'; end++)
        if (line[end] < ' ' || line[end] > '~')
            line[end] = '?';
    line[end++] = '\n';
    (void)write_all(STDERR_FILENO, line, end);
}
