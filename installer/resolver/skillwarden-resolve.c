/* Says what lies at a path that its caller's daemon may not look at itself.
 *
 * The daemon runs as an account of its own and cannot enter private homes. This process can: it holds
 * CAP_DAC_READ_SEARCH and nothing else, and has no request that opens a file. One connection is one child,
 * so that a mount that hangs stops that child alone. docs/security.md says what it is trusted with.
 *
 * Request, integers in network order: version 1 (1 byte), 0 (1), length of the path (2), account that asks for it
 * (4, numeric id), path: absolute, no NUL, no "." and "..", at most 4095 bytes.
 * Answer, 32 bytes: version 1 (1), kind (1), length of the target (2), errno (4), device (8), inode (8), links (8); then
 * the target of a link, as written in it. A request that cannot be read ends the connection. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pwd.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef VERSION
#define VERSION "development"
#endif

enum {
  PROTOCOL = 1,
  MAX_CHILDREN = 64,
  LONGEST = 4096,       /* of a path and of a target, with the NUL */
  PATIENCE_SECONDS = 30 /* a child that hangs longer ends itself */
};

/* What was found. */
enum kind {
  NOTHING = 'n',
  CLOSED = 'c', /* a directory on the way is closed to the account that asks, so it cannot get there either */
  LINK = 'l',
  REGULAR = 'f',
  DIRECTORY = 'd',
  OTHER = 'o',
  LINK_ON_THE_WAY = 'w',
  FAILED = 'e'
};

struct answer {
  uint8_t version, kind;
  uint16_t target_length;
  uint32_t error;
  uint64_t device, inode, links;
};
_Static_assert(sizeof(struct answer) == 32, "the answer has no padding");

struct request {
  uint8_t version, zero;
  uint16_t length;
  uint32_t account;
};
_Static_assert(sizeof(struct request) == 8, "the request has no padding");

static _Noreturn void die(const char *what, const char *advice) {
  if (errno != 0) fprintf(stderr, "skillwarden-resolve: %s: %s; %s\n", what, strerror(errno), advice);
  else fprintf(stderr, "skillwarden-resolve: %s; %s\n", what, advice);
  exit(2);
}

/* ---- looking ---- */

/* Whether the account may go through a directory, as far as its mode tells. Never "no" to one that may: an account's
 * groups are not known here, and what an access list grants shows in the bits of the group. */
static int open_to(const struct stat *directory, uint32_t account) {
  return account == 0 || directory->st_uid == account || (directory->st_mode & 0011) != 0;
}

static uint8_t failed(struct answer *out) {
  int none = errno == ENOENT || errno == ENOTDIR || errno == ENAMETOOLONG;
  out->error = none ? 0 : (uint32_t)errno;
  return none ? NOTHING : FAILED;
}

/* The kind of what is open at fd, and what tells it from all others. */
static uint8_t describe(int fd, struct answer *out, char *target) {
  struct stat found;
  if (fstat(fd, &found) != 0) return failed(out);
  out->device = found.st_dev;
  out->inode = found.st_ino;
  out->links = found.st_nlink;
  if (S_ISREG(found.st_mode)) return REGULAR;
  if (S_ISDIR(found.st_mode)) return DIRECTORY;
  if (!S_ISLNK(found.st_mode)) return OTHER;
  ssize_t length = readlinkat(fd, "", target, LONGEST);
  if (length < 0) return failed(out);
  if (length == 0 || length == LONGEST) {
    out->error = ENAMETOOLONG;
    return FAILED;
  }
  out->target_length = (uint16_t)length;
  return LINK;
}

/* Walks the path without following a link. Opens with O_PATH only, which reads nothing.
 * path: starts with '/', is written to. */
static uint8_t look(uint32_t account, char *path, struct answer *out, char *target) {
  int fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return failed(out);
  char *rest = path;
  uint8_t kind = 0;
  while (kind == 0) {
    rest += strspn(rest, "/");
    if (*rest == '\0') {
      kind = describe(fd, out, target);
      break;
    }
    char *name = rest;
    rest += strcspn(rest, "/");
    char *after = rest + strspn(rest, "/");
    int last = *after == '\0';
    *rest = '\0';
    rest = after;
    struct stat directory;
    int next = -1;
    if (fstat(fd, &directory) != 0) kind = failed(out);
    else if (!open_to(&directory, account)) kind = CLOSED;
    else {
      next = openat(fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC | (last ? 0 : O_DIRECTORY));
      if (next < 0) {
        kind = failed(out);
        struct stat way;
        if (!last && kind == NOTHING && fstatat(fd, name, &way, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(way.st_mode))
          kind = LINK_ON_THE_WAY;
      }
    }
    close(fd);
    fd = next;
  }
  if (fd >= 0) close(fd);
  return kind;
}

/* ---- one connection ---- */

static int read_all(int fd, void *buffer, size_t length) {
  for (size_t got = 0; got < length;) {
    ssize_t n = read(fd, (char *)buffer + got, length - got);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return 0;
    got += (size_t)n;
  }
  return 1;
}

static int write_all(int fd, const void *buffer, size_t length) {
  for (size_t sent = 0; sent < length;) {
    ssize_t n = write(fd, (const char *)buffer + sent, length - sent);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return 0;
    sent += (size_t)n;
  }
  return 1;
}

static int well_formed(const char *path, size_t length) {
  if (path[0] != '/' || memchr(path, '\0', length) != NULL) return 0;
  for (const char *name = path; *name != '\0';) {
    name += strspn(name, "/");
    size_t n = strcspn(name, "/");
    if ((n == 1 && name[0] == '.') || (n == 2 && name[0] == '.' && name[1] == '.')) return 0;
    name += n;
  }
  return 1;
}

/* Answers until the other side hangs up: 0 then, 1 when it sends what is no request. */
static int serve(int connection) {
  static char path[LONGEST];
  static char reply[sizeof(struct answer) + LONGEST];
  struct request request;
  while (read_all(connection, &request, sizeof request)) {
    size_t length = ntohs(request.length);
    if (request.version != PROTOCOL || request.zero != 0 || length == 0 || length >= LONGEST) return 1;
    if (!read_all(connection, path, length)) return 1;
    path[length] = '\0';
    if (!well_formed(path, length)) return 1;
    struct answer answer = {.version = PROTOCOL};
    char *target = reply + sizeof answer;
    alarm(PATIENCE_SECONDS);
    answer.kind = look(ntohl(request.account), path, &answer, target);
    alarm(0);
    size_t more = answer.target_length;
    answer.target_length = htons(answer.target_length);
    answer.error = htonl(answer.error);
    answer.device = htobe64(answer.device);
    answer.inode = htobe64(answer.inode);
    answer.links = htobe64(answer.links);
    memcpy(reply, &answer, sizeof answer);
    if (!write_all(connection, reply, sizeof answer + more)) return 0;
  }
  return 0;
}

/* ---- giving up rights ---- */

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

/* From here on only the system calls of serve(), and openat with O_PATH alone: no contents, whatever goes wrong. */
static int close_door(void) {
#ifdef ARCHITECTURE
#define ALLOW(call) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##call, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
  struct sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      ALLOW(read),
      ALLOW(write),
      ALLOW(close),
      ALLOW(fstat),
      ALLOW(newfstatat),
      ALLOW(readlinkat),
      ALLOW(setitimer),
#ifdef __NR_alarm
      ALLOW(alarm),
#endif
      ALLOW(restart_syscall),
      ALLOW(rt_sigreturn),
      ALLOW(exit_group),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_openat, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2])),
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, O_PATH, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
  };
  struct sock_fprog program = {sizeof filter / sizeof filter[0], filter};
  return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
#else
  return 1; /* the unit's own filter holds */
#endif
}

static int has_capability(void) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct data[2] = {{0}, {0}};
  return syscall(SYS_capget, &header, data) == 0 && (data[0].effective & (1U << CAP_DAC_READ_SEARCH)) != 0;
}

static void limit(int resource, rlim_t most) {
  struct rlimit value = {most, most};
  if (setrlimit(resource, &value) != 0) die("cannot set a resource limit", "start it with higher hard limits");
}

/* Keeps CAP_DAC_READ_SEARCH, where it was given, and nothing else. */
static void give_up_rights(void) {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
    die("cannot close itself to other processes", "this kernel is too old, it takes 5.4");
  for (int capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; capability++)
    if (capability != CAP_DAC_READ_SEARCH && prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0 && errno != EPERM)
      die("cannot reduce the bounding set", "this kernel is too old, it takes 5.4");
  /* EPERM: whoever started it did not give CAP_SETPCAP. Without new privileges the set has no use any more. */
  uint32_t kept = has_capability() ? 1U << CAP_DAC_READ_SEARCH : 0;
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct data[2] = {{kept, kept, 0}, {0, 0, 0}};
  if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0 || syscall(SYS_capset, &header, data) != 0)
    die("cannot give up capabilities", "see capabilities(7)");
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_FSIZE, 0);
  limit(RLIMIT_NOFILE, 16);
  limit(RLIMIT_MEMLOCK, 0);
}

/* ---- listening ---- */

static int from_systemd(void) {
  const char *process = getenv("LISTEN_PID");
  const char *sockets = getenv("LISTEN_FDS");
  if (process == NULL || sockets == NULL || atol(process) != (long)getpid()) return -1;
  errno = 0;
  if (strcmp(sockets, "1") != 0) die("more than one socket was passed", "pass one");
  return 3;
}

static int listen_at(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path) die("the path of the socket is too long", "take one under 108 bytes");
  strcpy(address.sun_path, path);
  struct stat old;
  if (lstat(path, &old) == 0 && S_ISSOCK(old.st_mode)) unlink(path);
  errno = 0;
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  umask(0111); /* anybody may knock: only the peer is served */
  if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, MAX_CHILDREN) != 0)
    die("cannot listen at --socket", "choose a directory it may write to");
  return fd;
}

static int is_peer(int connection, uid_t peer) {
  struct ucred other;
  socklen_t length = sizeof other;
  return getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &other, &length) == 0 && other.uid == peer;
}

static void child(int connection, pid_t parent) {
  if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 || getppid() != parent || !close_door()) _exit(2);
  _exit(serve(connection));
}

static _Noreturn void run(int listener, uid_t peer) {
  pid_t parent = getpid();
  int children = 0;
  for (;;) {
    int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (connection < 0 && (errno == EINTR || errno == ECONNABORTED)) continue;
    if (connection < 0) die("the socket is gone", "start it again");
    while (children > 0 && waitpid(-1, NULL, WNOHANG) > 0) children--;
    if (is_peer(connection, peer) && children < MAX_CHILDREN) {
      pid_t made = fork();
      if (made == 0) {
        close(listener);
        child(connection, parent);
      }
      if (made > 0) children++;
    }
    close(connection); /* who is not served sees the end of the stream */
  }
}

/* ---- command line ---- */

static uid_t account(const char *name) {
  char *end;
  unsigned long id = strtoul(name, &end, 10);
  if (*name >= '0' && *name <= '9' && *end == '\0' && id < UINT32_MAX) return (uid_t)id;
  errno = 0;
  const struct passwd *found = getpwnam(name);
  if (found == NULL) die("--peer names no account of this machine", "give its name or number");
  return found->pw_uid;
}

/* Whether the filter kills a child that opens a file to read it, and lets one look. */
static int self_test(void) {
  for (int reads = 0; reads <= 1; reads++) {
    pid_t made = fork();
    if (made == 0) {
      static char path[] = "/", target[LONGEST];
      struct answer answer = {0};
      give_up_rights();
      if (!close_door()) _exit(3);
      if (reads) _exit(open("/dev/null", O_RDONLY) >= 0 ? 4 : 5);
      _exit(look(0, path, &answer, target) == DIRECTORY && answer.inode != 0 ? 0 : 6);
    }
    int status = -1;
    if (made < 0 || waitpid(made, &status, 0) != made) return 1;
#ifdef ARCHITECTURE
    int good = reads ? WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS : status == 0;
#else
    int good = reads || status == 0;
#endif
    if (!good) {
      fprintf(stderr, "skillwarden-resolve: %s: status %#x\n", reads ? "a file could be opened" : "cannot look", status);
      return 1;
    }
  }
  puts("ok");
  return 0;
}

static const char USAGE[] =
    "usage: skillwarden-resolve --peer ACCOUNT [--socket PATH]\n"
    "       skillwarden-resolve --self-test | --version | --help\n"
    "Says what lies at a path: kind, device, inode, links, target of a link. Serves ACCOUNT alone, at PATH or on\n"
    "the socket that systemd passes. Wants CAP_DAC_READ_SEARCH and an account of its own.\n";

int main(int argc, char **argv) {
  const char *peer = NULL, *socket_path = NULL;
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "--help") == 0) return fputs(USAGE, stdout) == EOF;
    if (strcmp(argv[i], "--version") == 0) return puts(VERSION) == EOF;
    if (strcmp(argv[i], "--self-test") == 0) return self_test();
    const char **value = strcmp(argv[i], "--peer") == 0 ? &peer : strcmp(argv[i], "--socket") == 0 ? &socket_path : NULL;
    if (value == NULL || i + 1 == argc) return fputs(USAGE, stderr), 2;
    *value = argv[++i];
  }
  if (peer == NULL) return fputs(USAGE, stderr), 2;
  errno = 0;
  if (geteuid() == 0) die("it runs as root", "give it an account of its own");
  if (!has_capability()) die("CAP_DAC_READ_SEARCH is missing", "start it by its unit");
  uid_t served = account(peer);
  give_up_rights(); /* before anybody can knock */
  int listener = from_systemd();
  if (listener < 0 && socket_path == NULL) die("no socket was passed", "start it by its unit, or give --socket");
  if (listener < 0) listener = listen_at(socket_path);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGALRM, SIG_DFL);
  signal(SIGCHLD, SIG_DFL);
  run(listener, served);
}
