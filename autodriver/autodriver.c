/* autodriver: runs one grading job as user autograde, for Tango, which calls it in the grading image as
   `autodriver -u PROCESSES -f FILE_BYTES -t SECONDS -o OUTPUT_BYTES DIRECTORY`. The job's user id is its own: see
   JOB_UID_FIRST.

   It is setuid root, so it is written against two parties: the caller, who must not gain anything by it, and the
   job, which must neither outlive its time nor spoil what is printed.

     1  forget all that came along: environment, descriptors, signals                identity.c
     2  read the command line; refuse root and autograde as callers                  options.c
     3  become root wholly; a second process does the work from here on, as the
        caller may have left children to the first                                   below
     4  end what an earlier job may have left running                                killer.c
     5  move DIRECTORY to autograde's home, every file made anew                     folder.c
     6  run make in it as autograde, until it ends or its time does                  job.c
     7  end every process of autograde                                               killer.c
     8  remove every file of autograde                                               clean.c
     9  become the caller for good; print one header line, then the log              report.c

   The log is printed last, when nobody is left who could add to it: its last line is the score, and what we complain
   of comes before. Signals are blocked throughout and awaited where it is safe. Exit status: enum exit_status. */
#include "autodriver.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* One job at a time: a second autodriver would end the first one's. */
static bool take_lock(void)
{
    const int lock = open(LOCK_FILE, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) == 0)
        return true; /* until we end */
    if (lock >= 0 && errno == EWOULDBLOCK)
        complain("another autodriver is at work: wait until it has ended");
    else
        complain("cannot lock " LOCK_FILE ": %s", strerror(errno));
    if (lock >= 0)
        (void)close(lock);
    return false;
}

/* Open the job account's home; `mode` gets what its mode shall be afterwards, and `owner` whose it is: an earlier job's
   that was ended half way, perhaps. -1 after a complaint. */
static int open_home(const struct account *job, mode_t *mode, uid_t *owner)
{
    struct stat is;
    const int home = open(job->home, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (home < 0 || fstat(home, &is) < 0) {
        complain("cannot open %s, the home of user " JOB_ACCOUNT ": %s", job->home, strerror(errno));
    } else if (!is_job_uid(job, is.st_uid) || (is.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        complain("%s must belong to user " JOB_ACCOUNT ", and no other may write to it", job->home);
    } else {
        *mode = (is.st_mode & 0777U) | 0700U;
        *owner = is.st_uid;
        return home;
    }
    if (home >= 0)
        (void)close(home);
    return -1;
}

static bool is_there(int home, const char *name)
{
    struct stat is;
    return fstatat(home, name, &is, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Lay out what the job needs in its home; false after a complaint. */
static bool lay_out(const struct options *options, const struct account *job, const struct caller *caller,
                    struct workplace *place)
{
    if (!move_folder(options->folder, caller->uid, job, place->home, &place->folder))
        return false;
    /* Root's own, so that what has lost its descriptors cannot open it by name; what still has one may rewrite it. */
    const int flags = O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    place->log = openat(place->home, LOG_NAME, flags | O_WRONLY | O_APPEND, 0600);
    place->written = openat(place->home, LOG_NAME, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (place->log >= 0 && place->written >= 0)
        return true;
    complain("cannot make %s/" LOG_NAME ": %s", job->home, strerror(errno));
    return false;
}

/* Say what became of the job, and print its log. */
static enum exit_status report(const struct options *options, const struct outcome *outcome, int log)
{
    char header[80];
    int length = 0;
    switch (outcome->kind) {
    case NOT_RUN:
        return EXIT_SYSTEM;
    case INTERRUPTED:
        complain("stopped by a signal (%s): the job has been ended", strsignal(outcome->status));
        return EXIT_SYSTEM;
    case EXITED:
        if (outcome->signal != 0) /* to Tango's program that is status 0 */
            complain("make was ended by a signal (%s)", strsignal(outcome->signal));
        length = snprintf(header, sizeof header, "Autodriver: Job exited with status %d\n", outcome->status);
        break;
    case TIMED_OUT:
        length = snprintf(header, sizeof header, "Autodriver: Job timed out after %llu seconds\n",
                          (unsigned long long)options->time_s);
        break;
    }
    if (length <= 0 || !write_all(STDOUT_FILENO, header, (size_t)length) ||
        !print_log(log, options->output_bytes, STDOUT_FILENO)) {
        complain("cannot print the output: %s", strerror(errno));
        return EXIT_SYSTEM;
    }
    return outcome->kind == EXITED ? EXIT_GOOD : EXIT_TIMED_OUT;
}

/* Give the home to a user id that has no other process on this host; where there is no such id (in a user namespace of
   a few), the account's own has to do. False after a complaint. */
static bool give_home(struct account *job, int home)
{
    job->uid = fresh_uid(job);
    if (fchown(home, job->uid, (gid_t)-1) == 0)
        return true;
    if (errno == EINVAL && job->uid != job->owner) {
        job->uid = job->owner;
        if (fchown(home, job->uid, (gid_t)-1) == 0)
            return true;
    }
    complain("cannot give %s to the job: %s; does the container drop the capability CHOWN?", job->home,
             strerror(errno));
    return false;
}

/* End what an earlier job, or anybody else, has left running as the job's account, and remove what it has left in its
   home. False after a complaint. */
static bool end_earlier(const struct account *job, const struct workplace *place, uid_t home_owner, const char *folder)
{
    struct killer killer = {.pid = -1, .trigger = -1};
    struct account earlier = *job;
    earlier.uid = job->owner;
    if (!end_processes(&earlier, &killer))
        return false;
    earlier.uid = home_owner;
    if (home_owner != job->owner && !end_processes(&earlier, &killer))
        return false;
    return !(is_there(place->home, folder) || is_there(place->home, LOG_NAME)) || clean_up(&earlier);
}

/* Do the whole work; see the head of this file. */
static enum exit_status serve(const struct options *options, struct account *job, const struct caller *caller)
{
    mode_t home_mode = 0;
    uid_t home_owner = 0;
    struct killer killer = {.pid = -1, .trigger = -1};
    struct workplace place = {.home = -1, .folder = -1, .log = -1, .written = -1};
    struct outcome outcome = {.kind = NOT_RUN, .status = 0, .signal = 0};
    if (!take_lock() || (place.home = open_home(job, &home_mode, &home_owner)) < 0 ||
        !end_earlier(job, &place, home_owner, options->folder) || !give_home(job, place.home))
        return EXIT_SYSTEM;
    if (fchmod(place.home, home_mode) < 0) {
        complain("cannot use %s: %s; does the container drop the capability FOWNER?", job->home, strerror(errno));
        return EXIT_SYSTEM;
    }
    if (lay_out(options, job, caller, &place) && prepare_killer(job, &killer))
        outcome = run_job(options, job, caller, &place);
    if (!end_processes(job, &killer))
        return EXIT_SYSTEM;
    (void)clean_up(job); /* its complaint is enough: the job has been run */
    (void)fchmod(place.home, home_mode);
    if (fchown(place.home, job->owner, (gid_t)-1) < 0)
        complain("cannot give %s back to user " JOB_ACCOUNT ": %s", job->home, strerror(errno));
    return become_caller(caller) ? report(options, &outcome, place.written) : EXIT_SYSTEM;
}

/* Wait for the process that works, and hand on what asks us to stop. Returns what to exit with. */
static enum exit_status wait_for(pid_t worker)
{
    sigset_t all;
    (void)sigfillset(&all);
    for (;;) {
        const int got = sigwaitinfo(&all, NULL);
        if (got == SIGCHLD) {
            int status = 0;
            if (waitpid(worker, &status, WNOHANG) != worker)
                continue;
            if (WIFEXITED(status))
                return (enum exit_status)WEXITSTATUS(status);
            complain("ended by a signal (%s)", strsignal(WTERMSIG(status)));
            return EXIT_SYSTEM;
        }
        if (asks_to_stop(got))
            (void)kill(worker, got);
    }
}

int main(int argc, char *argv[])
{
    struct options options;
    struct account job;
    struct caller caller = {.uid = getuid(), .gid = getgid()};
    bool help = false;
    if (argc < 1)
        return EXIT_USAGE;
    settle();
    enum exit_status status = parse_options(argc, argv, &options, &help);
    if (help)
        return write_all(STDOUT_FILENO, usage_text, strlen(usage_text)) ? EXIT_GOOD : EXIT_SYSTEM;
    if (status == EXIT_USAGE)
        (void)write_all(STDERR_FILENO, usage_text, strlen(usage_text));
    if (status == EXIT_GOOD)
        status = check_caller(&caller);
    if (status != EXIT_GOOD)
        return (int)status;
    if (!become_root() || !find_account(&job))
        return EXIT_SYSTEM;
    if (is_job_uid(&job, caller.uid)) {
        complain("user " JOB_ACCOUNT " must not run this program: it runs jobs as that user");
        return EXIT_USAGE;
    }
    raise_limits(&caller);

    const pid_t first = getpid();
    const pid_t worker = fork();
    if (worker < 0) {
        complain("cannot make a process: %s", strerror(errno));
        return EXIT_SYSTEM;
    }
    if (worker > 0)
        return (int)wait_for(worker);
    /* What the job orphans comes to us; and should the first process be ended, we are asked to stop. */
    if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0 || prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0) < 0 ||
        getppid() != first) {
        complain("cannot keep the job's processes together: %s", strerror(errno));
        return EXIT_SYSTEM;
    }
    return (int)serve(&options, &job, &caller);
}
