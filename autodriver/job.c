/* The job: make, as the job's account, within its limits, until it ends or its time does. */
#include "autodriver.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Set a limit; where it may not be raised so far, the lower one that was inherited stays. */
static bool set_limit(__rlimit_resource_t which, rlim_t wanted)
{
    const struct rlimit both = {wanted, wanted};
    if (setrlimit(which, &both) == 0)
        return true;
    struct rlimit inherited;
    if (getrlimit(which, &inherited) < 0)
        return false;
    inherited.rlim_cur = inherited.rlim_max < wanted ? inherited.rlim_max : wanted;
    inherited.rlim_max = inherited.rlim_cur;
    return setrlimit(which, &inherited) == 0;
}

static bool set_limits(const struct options *options, const struct caller *caller)
{
    /* Those that are given go from our own, which have been raised; the others are the caller's. */
    for (int which = 0; which < RLIM_NLIMITS; which++) {
        const bool is_given = (which == RLIMIT_NPROC && options->processes != 0) ||
                              (which == RLIMIT_FSIZE && options->file_bytes != 0);
        if (!is_given)
            (void)setrlimit((__rlimit_resource_t)which, &caller->limits[which]);
    }
    return (options->processes == 0 || set_limit(RLIMIT_NPROC, options->processes)) &&
           (options->file_bytes == 0 || set_limit(RLIMIT_FSIZE, options->file_bytes)) && set_limit(RLIMIT_CORE, 0);
}

static bool set_environment(const struct options *options, const struct account *job)
{
    char limit[24];
    (void)snprintf(limit, sizeof limit, "%llu", (unsigned long long)options->time_s);
    return clearenv() == 0 && setenv("PATH", JOB_PATH, 1) == 0 && setenv("HOME", job->home, 1) == 0 &&
           setenv("USER", JOB_ACCOUNT, 1) == 0 && setenv("LOGNAME", JOB_ACCOUNT, 1) == 0 &&
           setenv("SHELL", job->shell, 1) == 0 && setenv("LANG", "C.UTF-8", 1) == 0 &&
           (options->time_s == 0 || setenv(TIME_LIMIT_VARIABLE, limit, 1) == 0);
}

static bool set_channels(int log)
{
    const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    return nothing >= 0 && dup2(nothing, STDIN_FILENO) >= 0 && dup2(log, STDOUT_FILENO) >= 0 &&
           dup2(log, STDERR_FILENO) >= 0;
}

static bool set_signals(void)
{
    for (int number = 1; number <= SIGRTMAX; number++)
        (void)signal(number, SIG_DFL); /* refused for KILL, STOP and two of glibc's own: these are as they should be */
    sigset_t none;
    return sigemptyset(&none) == 0 && sigprocmask(SIG_SETMASK, &none, NULL) == 0;
}

/* In the child: become the job. Returns only what could not be done, with errno. All descriptors but the three
   channels close on exec. */
static const char *become_job(const struct options *options, const struct account *job, const struct caller *caller,
                              const struct workplace *place)
{
    if (setsid() < 0)
        return "start a session";
    if (!set_channels(place->log))
        return "redirect its output";
    if (!set_limits(options, caller))
        return "set its limits";
    if (!set_environment(options, job))
        return "set its environment";
    if (!become_account(job))
        return "become user " JOB_ACCOUNT;
    /* So no setuid program serves the job, this one included. */
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return "give up new privileges";
    if (fchdir(place->folder) < 0)
        return "enter its folder";
    if (!set_signals())
        return "set its signals";
    execvp("make", (char *const[]){(char[]){"make"}, NULL});
    /* The kernel counts when the program is run, not when the user is changed. */
    return errno == EAGAIN ? "run make, since other processes on this host have its user id and use up -u" : "run make";
}

/* Start the job; its pid, or -1 after a complaint. */
static pid_t start_job(const struct options *options, const struct account *job, const struct caller *caller,
                       const struct workplace *place)
{
    int report[2];
    if (pipe2(report, O_CLOEXEC) < 0) {
        complain("cannot start the job: %s", strerror(errno));
        return -1;
    }
    const pid_t pid = fork();
    if (pid == 0) {
        const char *step = become_job(options, job, caller, place);
        char text[300];
        const int length = snprintf(text, sizeof text, "%s: %s", step, strerror(errno));
        (void)write_all(report[1], text, length > 0 ? (size_t)length : 0);
        _exit(EXIT_SYSTEM);
    }
    const int fork_error = errno;
    (void)close(report[1]);
    if (pid < 0) {
        (void)close(report[0]);
        complain("cannot start the job: %s", strerror(fork_error));
        return -1;
    }
    /* The end of file means that make runs: the pipe closed on exec. */
    char text[301] = "";
    ssize_t length = 0;
    do
        length = read(report[0], text, sizeof text - 1);
    while (length < 0 && errno == EINTR);
    (void)close(report[0]);
    if (length == 0)
        return pid;
    complain("cannot start the job, cannot %s", length > 0 ? text : strerror(errno));
    return -1;
}

/* What is left until then; nothing at all if it is past. */
static struct timespec time_left(const struct timespec *deadline)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    struct timespec left = {deadline->tv_sec - now.tv_sec, deadline->tv_nsec - now.tv_nsec};
    if (left.tv_nsec < 0) {
        left.tv_sec -= 1;
        left.tv_nsec += 1000000000;
    }
    return left.tv_sec < 0 ? (struct timespec){0, 0} : left;
}

static struct outcome exited(int status)
{
    if (WIFSIGNALED(status))
        return (struct outcome){.kind = EXITED, .status = 0, .signal = WTERMSIG(status)};
    return (struct outcome){.kind = EXITED, .status = WEXITSTATUS(status), .signal = 0};
}

/* Wait for make itself: what it leaves running behind is not waited for. A time of 0 has no end. */
static struct outcome wait_for_job(pid_t make, uint64_t time_s)
{
    sigset_t wanted;
    (void)sigemptyset(&wanted);
    (void)sigaddset(&wanted, SIGCHLD);
    for (int number = 1; number <= SIGRTMAX; number++) {
        struct sigaction is;
        if (asks_to_stop(number) && sigaction(number, NULL, &is) == 0 && is.sa_handler != SIG_IGN)
            (void)sigaddset(&wanted, number);
    }

    struct timespec deadline;
    (void)clock_gettime(CLOCK_MONOTONIC, &deadline);
    deadline.tv_sec += (time_t)time_s;
    for (;;) {
        int status = 0;
        for (pid_t ended; (ended = waitpid(-1, &status, WNOHANG)) > 0;)
            if (ended == make)
                return exited(status);
        const struct timespec left = time_left(&deadline);
        if (time_s != 0 && left.tv_sec == 0 && left.tv_nsec == 0)
            return (struct outcome){.kind = TIMED_OUT, .status = 0, .signal = 0};
        const int got = time_s != 0 ? sigtimedwait(&wanted, NULL, &left) : sigwaitinfo(&wanted, NULL);
        if (got > 0 && got != SIGCHLD)
            return (struct outcome){.kind = INTERRUPTED, .status = got, .signal = 0};
    }
}

/* Run make in the folder, until it ends or its time does. What it started may still run. */
struct outcome run_job(const struct options *options, const struct account *job, const struct caller *caller,
                       const struct workplace *place)
{
    const pid_t make = start_job(options, job, caller, place);
    if (make < 0)
        return (struct outcome){.kind = NOT_RUN, .status = 0, .signal = 0};
    return wait_for_job(make, options->time_s);
}
