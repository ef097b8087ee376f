/* Who we are: nothing of the caller's is trusted, root for as long as it takes, then someone else for good. */
#include "autodriver.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DRAWS_MOST = 100 };

bool asks_to_stop(int signal_number)
{
    return signal_number == SIGHUP || signal_number == SIGINT || signal_number == SIGQUIT || signal_number == SIGTERM;
}

/* Put aside all that a caller can hand to a program beside its arguments: environment, descriptors, signals,
   umask. From here on every signal is blocked, that of a timer left running too, and none has a handler. */
void settle(void)
{
    (void)clearenv();
    /* A closed 0, 1 or 2 would be the next file that we open. */
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
            _exit(EXIT_SYSTEM);
    closefrom(STDERR_FILENO + 1);

    /* Whoever ignores SIGCHLD is told of no child's end. What asks us to stop may stay ignored (nohup). */
    for (int number = 1; number <= SIGRTMAX; number++)
        if (!asks_to_stop(number))
            (void)signal(number, SIG_DFL);
    sigset_t all;
    (void)sigfillset(&all);
    (void)sigprocmask(SIG_SETMASK, &all, NULL);
    (void)umask(077);
}

/* Look at who calls, and whether we are setuid root at all: EXIT_GOOD, or what to exit with after a complaint. */
enum exit_status check_caller(const struct caller *caller)
{
    if (geteuid() != 0) {
        if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1)
            complain("setuid programs are forbidden here (no_new_privs is set): start the container without "
                     "--security-opt no-new-privileges");
        else
            complain("this program is not setuid root (chown root, chmod 4755), or its file system is mounted nosuid");
        return EXIT_SYSTEM;
    }
    if (caller->uid == 0) {
        complain("root must not run this program: run it as another user, as in su autolab -c \"autodriver ...\"");
        return EXIT_USAGE;
    }
    return EXIT_GOOD;
}

/* Root in every respect: so the caller can neither end us nor stop us half way. */
bool become_root(void)
{
    if (setresgid(0, 0, 0) == 0 && setresuid(0, 0, 0) == 0 && setgroups(0, NULL) == 0)
        return true;
    complain("cannot become root wholly: %s; does the container drop the capabilities SETUID and SETGID?",
             strerror(errno));
    return false;
}

/* The caller's limits are the job's, but not ours: we must get to the end. Where no limit may be raised (no
   CAP_SYS_RESOURCE, as in Docker), the highest that is allowed has to do. */
void raise_limits(struct caller *caller)
{
    for (int which = 0; which < RLIM_NLIMITS; which++) {
        struct rlimit *limit = &caller->limits[which];
        if (getrlimit((__rlimit_resource_t)which, limit) < 0) {
            *limit = (struct rlimit){RLIM_INFINITY, RLIM_INFINITY};
            continue;
        }
        if (which == RLIMIT_CORE)
            continue; /* no core is dumped of us in any case, nor of the job */
        const struct rlimit highest = {RLIM_INFINITY, RLIM_INFINITY};
        const struct rlimit allowed = {limit->rlim_max, limit->rlim_max};
        if (setrlimit((__rlimit_resource_t)which, &highest) < 0)
            (void)setrlimit((__rlimit_resource_t)which, &allowed);
    }
}

static bool copy_text(char *to, size_t room, const char *from)
{
    const int length = snprintf(to, room, "%s", from);
    return length >= 0 && (size_t)length < room;
}

/* Look the job's account up. */
bool find_account(struct account *job)
{
    errno = 0;
    const struct passwd *entry = getpwnam(JOB_ACCOUNT);
    if (entry == NULL) {
        complain("there is no user " JOB_ACCOUNT "%s%s", errno ? ": " : "", errno ? strerror(errno) : "");
        return false;
    }
    if (entry->pw_uid == 0 || entry->pw_gid == 0) {
        complain("user " JOB_ACCOUNT " has root's user or group id");
        return false;
    }
    job->owner = job->uid = entry->pw_uid;
    job->gid = entry->pw_gid;
    const bool has_shell = entry->pw_shell != NULL && entry->pw_shell[0] == '/';
    if (entry->pw_dir == NULL || entry->pw_dir[0] != '/' || !copy_text(job->home, sizeof job->home, entry->pw_dir) ||
        !copy_text(job->shell, sizeof job->shell, has_shell ? entry->pw_shell : "/bin/sh")) {
        complain("user " JOB_ACCOUNT " has no proper home folder");
        return false;
    }
    job->group_count = (int)(sizeof job->groups / sizeof *job->groups);
    if (getgrouplist(JOB_ACCOUNT, job->gid, job->groups, &job->group_count) < 0) {
        complain("user " JOB_ACCOUNT " is in too many groups");
        return false;
    }
    return true;
}

/* Whether a job has this user id: the account's own, or one of those that are drawn. */
bool is_job_uid(const struct account *job, uid_t uid)
{
    return uid == job->owner || (uid - JOB_UID_FIRST < JOB_UID_COUNT && getpwuid(uid) == NULL);
}

/* A user id that is a job's and no account's; the job account's own where none can be drawn. */
uid_t fresh_uid(const struct account *job)
{
    for (int attempt = 0; attempt < DRAWS_MOST; attempt++) {
        uint32_t drawn = 0;
        if (getrandom(&drawn, sizeof drawn, 0) != (ssize_t)sizeof drawn)
            break;
        const uid_t uid = (uid_t)(JOB_UID_FIRST + drawn % JOB_UID_COUNT);
        if (getpwuid(uid) == NULL)
            return uid;
    }
    return job->owner;
}

static bool is_wholly(uid_t uid, gid_t gid)
{
    uid_t uids[3];
    gid_t gids[3];
    if (getresuid(&uids[0], &uids[1], &uids[2]) < 0 || getresgid(&gids[0], &gids[1], &gids[2]) < 0)
        return false;
    for (int which = 0; which < 3; which++)
        if (uids[which] != uid || gids[which] != gid)
            return false;
    /* Neither must be root's again, unless the group was root's by right. */
    return setresuid((uid_t)-1, 0, (uid_t)-1) < 0 && (gid == 0 || setresgid((gid_t)-1, 0, (gid_t)-1) < 0);
}

/* Become the job's account, with no way back. Says nothing itself: errno has the reason. */
bool become_account(const struct account *job)
{
    if (setgroups((size_t)job->group_count, job->groups) < 0 || setresgid(job->gid, job->gid, job->gid) < 0 ||
        setresuid(job->uid, job->uid, job->uid) < 0)
        return false;
    if (is_wholly(job->uid, job->gid))
        return true;
    errno = EPERM;
    return false;
}

/* Become the caller again, with no way back: what is left to do needs no more than the caller may. */
bool become_caller(const struct caller *caller)
{
    if (setgroups(0, NULL) == 0 && setresgid(caller->gid, caller->gid, caller->gid) == 0 &&
        setresuid(caller->uid, caller->uid, caller->uid) == 0 && is_wholly(caller->uid, caller->gid))
        return true;
    complain("cannot become the caller again: %s", strerror(errno));
    return false;
}
