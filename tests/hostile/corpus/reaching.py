"""Reaching out: files, the network, signals, other processes' memory, the kernel's stranger doors."""

from corpus.attack import Attack, MustNot

LANDLOCK, SECCOMP, LIMITS = "Landlock", "seccomp", "rlimits"
BOTH = "Landlock, seccomp"


def _changes(does: str, stopped_by: str = SECCOMP) -> Attack:
    return Attack(does, MustNot.CHANGED, stopped_by)


def _heard(does: str, word: str, stopped_by: str = SECCOMP) -> Attack:
    return Attack(does, MustNot.HEARD, stopped_by, word=word)


def _granted(does: str, stopped_by: str = SECCOMP, **more: str) -> Attack:
    return Attack(f"{does}\nreturn 'granted'", MustNot.GRANTED, stopped_by, **more)  # type: ignore[arg-type]


FILES = {
    "writes a file": _changes("open('{folder}/written', 'w').write('20')", LANDLOCK),
    "writes into another's hand-in": _changes("open('{folder}/precious', 'a').write('20')", LANDLOCK),
    "saves a tensor": _changes("torch.save(x, '{folder}/saved.pt')", LANDLOCK),
    "makes a database": _changes("sqlite3.connect('{folder}/new.db').execute('create table t (x)')", LANDLOCK),
    "makes a folder": _changes("os.mkdir('{folder}/made')"),
    "makes a pipe with a name": _changes("os.mkfifo('{folder}/pipe')"),
    "makes a link": _changes("os.symlink('/', '{folder}/link')"),
    "makes a second name for a file": _changes("os.link('{folder}/precious', '{folder}/twin')"),
    "renames a file": _changes("os.rename('{folder}/precious', '{folder}/mine')"),
    "changes the modes of a file": _changes("os.chmod('{folder}/precious', 0o777)"),
    "changes the modes of a file by another system call (fchmodat2)": _changes(
        "call(452, -100, b'{folder}/precious', 0o777, 0)"
    ),
    "changes the owner of a file": _changes("os.chown('{folder}/precious', -1, -1)"),
    "changes the times of a file": _changes("os.utime('{folder}/precious', (0, 0))"),
    "gives a file an attribute": _changes("os.setxattr('{folder}/precious', 'user.score', b'20')"),
    "cuts a file": _changes("os.truncate('{folder}/precious', 0)"),
    "removes a file": _changes("os.remove('{folder}/precious')"),
    "leaves a note for the next student in shared memory": _changes(
        "open('/dev/shm/{shm}-note', 'w').write('20')\nopen('{folder}/left', 'w')", LANDLOCK
    ),
    "runs a program from memory (memfd, execveat)": _changes(
        "program = os.memfd_create('hidden', 0)\nos.write(program, b'#!/bin/sh\\ntouch {folder}/ran\\n')\n"
        "os.execve(program, ['sh'], {})"
    ),
    "becomes a shell": _changes("os.execv('/bin/sh', ['sh', '-c', 'touch {folder}/ran'])"),
    "starts a shell": _changes("subprocess.run(['/bin/sh', '-c', 'touch {folder}/ran'])"),
    "starts a shell through C": _changes("ctypes.CDLL(None).system(b'touch {folder}/ran')"),
    "starts a program (posix_spawn)": _changes(
        "os.waitpid(os.posix_spawn('/bin/sh', ['sh', '-c', 'touch {folder}/ran'], {}), 0)"
    ),
    "compiles a library and loads it": _changes(
        "subprocess.run(['/bin/sh', '-c', 'echo > {folder}/made.c'], check=True)\nctypes.CDLL('{folder}/made.so')"
    ),
}
NETWORK = {
    "connects to a port": _heard(
        "socket.create_connection(('127.0.0.1', {tcp}), 1).sendall(b'by tcp\\n')", "by tcp", BOTH
    ),
    "fetches a page": _heard(
        "import urllib.request\nurllib.request.urlopen('http://127.0.0.1:{tcp}/by-http', timeout=0.3)", "by-http", BOTH
    ),
    "sends a datagram": _heard(
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'by udp\\n', ('127.0.0.1', {udp}))", "by udp"
    ),
    "asks a name server": _heard(
        "query = struct.pack('>6H', 7, 256, 1, 0, 0, 0) + b'\\6answer\\7example\\0' + struct.pack('>2H', 1, 1)\n"
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(query, ('127.0.0.1', {udp}))",
        "example",
    ),
    "connects to a Unix socket": _heard(
        "one = socket.socket(socket.AF_UNIX); one.connect('{unix}'); one.sendall(b'by unix\\n')", "by unix", BOTH
    ),
    "connects to an abstract Unix socket": _heard(
        "one = socket.socket(socket.AF_UNIX); one.connect('\\0{abstract}'); one.sendall(b'by abstract\\n')",
        "by abstract",
        BOTH,
    ),
    "waits for calls on a port": _granted("one = socket.socket(); one.bind(('127.0.0.1', 0)); one.listen()", BOTH),
    "talks to the kernel by netlink": _granted("socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0).bind((0, 0))"),
    "makes a pair of sockets": _granted("socket.socketpair()"),
    "hands a descriptor to the grader with its reply": _granted(
        "socket.socket(fileno=os.dup(3)).sendmsg([b''], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack('i', 0))])"
    ),
    "makes its socket as small as can be": _granted(
        "socket.socket(fileno=os.dup(3)).setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)"
    ),
}
PROCESSES = {
    "signals another process": _heard("os.kill({pid}, signal.SIGUSR1)", "SIGUSR1", BOTH),
    "signals another process by its descriptor": _heard(
        "call(424, call(434, {pid}, 0), int(signal.SIGUSR2), None, 0)", "SIGUSR2", BOTH
    ),
    "signals a thread of another process": _heard("call(234, {pid}, {pid}, int(signal.SIGWINCH))", "SIGWINCH", BOTH),
    "signals a whole group of processes": _heard("os.killpg({pid}, signal.SIGCONT)", "SIGCONT", BOTH),
    "queues a signal with a value": _heard(
        "call(129, {pid}, int(signal.SIGURG), struct.pack('<iiiiii', int(signal.SIGURG), 0, -1, 0, 0, 0) + bytes(104))",
        "SIGURG",
        BOTH,
    ),
    "has the kernel signal another process, as the owner of a pipe": _heard(
        "import fcntl\nread, write = os.pipe()\nfcntl.fcntl(read, fcntl.F_SETOWN, {pid})\n"
        "fcntl.fcntl(read, fcntl.F_SETFL, os.O_ASYNC)\nos.write(write, b'.')",
        "SIGIO",
        BOTH,
    ),
    "signals the process that started it": _granted("os.kill(os.getppid(), 0)", BOTH),
    "writes into the memory of another process (process_vm_writev)": _heard(
        "text = ctypes.create_string_buffer(b'overwritten')\n"
        "call(311, {pid}, struct.pack('<QQ', ctypes.addressof(text), 11), 1, struct.pack('<QQ', {target}, 11), 1, 0)",
        "overwritten",
    ),
    "writes into the memory of another process as a file": _heard(
        "file = os.open('/proc/{pid}/mem', os.O_WRONLY)\nos.pwrite(file, b'over by file', {target})",
        "over by file",
        LANDLOCK,
    ),
    "stops another process as its debugger": _granted("call(101, 0x4206, {pid}, 0, 0)"),
    "lowers the limits of another process": _heard(
        "resource.prlimit({pid}, resource.RLIMIT_CORE, (0, 0))", "limits", SECCOMP
    ),
    "moves another process to one core": _heard("os.sched_setaffinity({pid}, [min(os.sched_getaffinity(0))])", "cores"),
    "compares its descriptors with those of another process": _granted("call(312, os.getpid(), os.getpid(), 0, 0, 0)"),
    "makes shared memory": _granted("call(29, {sysv} + 1, 64, 0o1600)"),
    "makes a queue of messages": _granted("call(68, {sysv} + 1, 0o1600)"),
}
KERNEL = {
    "opens io_uring": _granted("call(425, 4, ctypes.create_string_buffer(200))"),
    "handles page faults itself (userfaultfd)": _granted("call(323, 1)"),
    "counts the processor's events (perf)": _granted(
        "call(298, struct.pack('<IIQ', 1, 112, 1) + bytes(24) + struct.pack('<Q', 1 << 5 | 1 << 6) + bytes(64), 0, -1, -1, 0)"
    ),
    "asks for a keyring": _granted("call(250, 0, -4, 1)"),
    "stores a key in the kernel": _granted("call(248, b'user', b'unstuck-test', b'20', 2, -1)"),
    "takes a namespace of its own": _granted("call(56, 0x10000000 | 17, 0, 0, 0, 0) or os._exit(0)"),
    "becomes root in a namespace of its own and mounts": _granted(
        "child = call(56, 0x10000000 | 0x20000 | 17, 0, 0, 0, 0)\n"
        "if child == 0: os._exit(ctypes.CDLL(None).mount(b'none', b'/', None, 1 << 14 | 1 << 18, None))\n"
        "if os.waitpid(child, 0)[1]: raise OSError"
    ),
    "makes a file of memory": _granted("os.memfd_create('hidden')"),
    "makes secret memory": _granted("call(447, 0)"),
    "switches the layout of memory (personality)": _granted("call(135, 0xFFFFFFFF)"),
    "makes itself readable to others again": _granted("call(157, 4, 1, 0, 0, 0)"),
    "cuts the tie to its parent": _granted("call(157, 1, 0, 0, 0, 0)"),
    "asks for a filter of its own (seccomp)": _granted("call(317, 2, 0, struct.pack('<I', 0x7FFF0000))"),
    "makes a table of segments": _granted("call(154, 0, ctypes.create_string_buffer(64), 64)"),
    "enters the kernel by the gate for 32 bits": _granted(
        "page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)\n"
        "page.write(bytes([0xB8, 20, 0, 0, 0, 0xCD, 0x80, 0xC3]))\n"
        "if ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))() < 0: raise OSError",
        status="crashed",
    ),
    "controls a device (ioctl)": _granted("import fcntl\nfcntl.ioctl(3, 0x541B, bytes(4))"),
    "watches files (inotify)": _granted("call(294, 0)"),
    "sets an alarm that outlives the call": _granted("signal.setitimer(signal.ITIMER_REAL, 600)"),
    "asks to be killed last": _granted("open('/proc/self/oom_score_adj', 'w').write('0')", LANDLOCK),
    "lifts its own limits": _granted("resource.setrlimit(resource.RLIMIT_CORE, (0, 0))"),
    "makes itself nicer than it must": _granted("os.nice(1)"),
    "makes a session of its own": _granted("os.setpgid(0, 0)"),
}
REACHING = FILES | NETWORK | PROCESSES | KERNEL
