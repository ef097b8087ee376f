/* Ending every process of the job's account at one stroke.

   kill(-1) by that account ends all its processes at once, however they have forked, daemonised and changed their
   groups: the kernel lets no fork slip through it. It needs a process of that account. This one, the killer, is
   made before the job starts, since later no process may be left to be had, and it waits as root, since no job can
   signal root. Should autodriver itself be ended, the killer sees the end of its pipe and ends the job all the same.
   Only between its change of user and its stroke (a microsecond) could the job end or stop it; then comes another. */
#include "autodriver.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ATTEMPTS_MOST = 40 };
static const struct timespec pause_between = {.tv_sec = 0, .tv_nsec = 250000000};

static _Noreturn void strike_when_told(const struct account *job, int trigger)
{
    char byte;
    while (read(trigger, &byte, 1) < 0 && errno == EINTR)
        ;
    if (!become_account(job))
        _exit(EXIT_SYSTEM);
    (void)kill(-1, SIGKILL); /* fails only if there is nobody to end */
    _exit(EXIT_GOOD);
}

/* Make a killer that waits for end_processes(); false after a complaint. */
bool prepare_killer(const struct account *job, struct killer *killer)
{
    int trigger[2];
    *killer = (struct killer){.pid = -1, .trigger = -1};
    if (pipe2(trigger, O_CLOEXEC) < 0) {
        complain("cannot make a pipe: %s", strerror(errno));
        return false;
    }
    const pid_t pid = fork();
    if (pid == 0) {
        (void)close(trigger[1]);
        strike_when_told(job, trigger[0]);
    }
    const int fork_error = errno;
    (void)close(trigger[0]);
    if (pid < 0) {
        (void)close(trigger[1]);
        complain("cannot make a process: %s", strerror(fork_error));
        return false;
    }
    *killer = (struct killer){.pid = pid, .trigger = trigger[1]};
    return true;
}

/* Let the killer strike; false if it could not. */
static bool strike(struct killer *killer)
{
    int status = 0;
    (void)close(killer->trigger);
    const pid_t ended = waitpid(killer->pid, &status, WUNTRACED);
    const bool struck = ended == killer->pid && WIFEXITED(status) && WEXITSTATUS(status) == EXIT_GOOD;
    if (ended == killer->pid && WIFSTOPPED(status)) {
        (void)kill(killer->pid, SIGKILL);
        (void)waitpid(killer->pid, NULL, 0);
    }
    *killer = (struct killer){.pid = -1, .trigger = -1};
    return struck;
}

/* Wait a little for the dying: true if none of our descendants is left. All of them come to us when their parents
   end (PR_SET_CHILD_SUBREAPER). */
static bool all_are_gone(void)
{
    sigset_t child;
    (void)sigemptyset(&child);
    (void)sigaddset(&child, SIGCHLD);
    for (;;) {
        const pid_t ended = waitpid(-1, NULL, WNOHANG);
        if (ended < 0 && errno != EINTR)
            return true;
        if (ended == 0 && sigtimedwait(&child, NULL, &pause_between) < 0 && errno == EAGAIN)
            return waitpid(-1, NULL, WNOHANG) < 0;
    }
}

/* End all processes of the job's account, and see that none of ours is left; false after a complaint. */
bool end_processes(const struct account *job, struct killer *killer)
{
    for (int attempt = 0; attempt < ATTEMPTS_MOST; attempt++) {
        const bool ready = killer->pid > 0 || prepare_killer(job, killer);
        if (ready && strike(killer) && all_are_gone())
            return true;
        if (!ready)
            (void)nanosleep(&pause_between, NULL);
    }
    complain("some processes of user " JOB_ACCOUNT " cannot be ended");
    return false;
}
