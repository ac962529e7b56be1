package dev.skillwarden.effect;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What functions of the languages' own libraries do, by the last names of their path.
final class CodeFunctions {
  /// What a call does with its arguments.
  enum Action {
    DELETE,
    DELETE_TREE,
    READ,
    WRITE,
    /// Reads or writes, as its mode says.
    OPEN,
    COPY,
    MOVE,
    CHMOD,
    /// Runs one text as a shell command; several words as a command.
    SHELL,
    /// Runs a program with a list of arguments, or with the words given.
    EXECUTE,
    EVALUATE,
    FETCH,
    FETCH_FILE,
    SEND,
    BASE64,
    HEX,
    /// Decodes in a way that is not followed.
    UNPACK,
    JOIN_PATH,
    LIST,
    /// The value is that of the first argument.
    SAME,
    VARIABLE,
    ENVIRONMENT,
    HOME,
    TEXT_OF_CODE,
    MODULE,
    MEMBER,
    CALL,
    SOCKET,
    DUPLICATE,
    FORK
  }

  private static final Map<String, Action> ACTIONS = new HashMap<>();

  private static void all(Action action, String names) {
    for (String name : names.strip().split("\\s+", -1)) {
      ACTIONS.put(name, action);
    }
  }

  static {
    all(
        Action.DELETE,
        """
        os.remove os.unlink os.rmdir unlink fs.unlink unlinkSync fs.rmdir rmdirSync rmdir
        File.delete File.unlink Dir.rmdir Dir.delete Dir.unlink FileUtils.rm FileUtils.rm_f
        file.remove File.rm File.rm! pathlib.unlink truncate File.truncate os.truncate
        fs.truncate truncateSync ftruncate
        """);
    all(
        Action.DELETE_TREE,
        """
        shutil.rmtree rmtree os.removedirs rmSync fs.rm rm rimraf rimraf.sync rimraf.rimraf
        rimraf.rimrafSync fse.remove fs.remove removeSync emptyDirSync del.sync FileUtils.rm_rf
        FileUtils.rm_r FileUtils.rmtree FileUtils.remove_dir FileUtils.remove_entry
        FileUtils.remove_entry_secure rm_rf rm_r remove_tree File.rm_rf File.rm_rf! deleteDir
        Deno.remove Deno.removeSync lfs.rmdir
        """);
    all(
        Action.READ,
        """
        readFileSync fs.readFile fs.createReadStream createReadStream File.read File.readlines
        File.foreach IO.read IO.readlines File.binread file_get_contents readfile file readLines
        readline.read Deno.readTextFile Deno.readTextFileSync Bun.file io.lines slurp read_file
        File.read! io.input
        """);
    all(
        Action.WRITE,
        """
        writeFileSync fs.writeFile appendFileSync fs.appendFile createWriteStream
        fs.createWriteStream File.write IO.write File.binwrite file_put_contents writeLines
        Deno.writeTextFile Deno.writeTextFileSync Bun.write File.write! touch FileUtils.touch
        os.mknod fs.open openSync io.output File.symlink os.utime
        """);
    all(Action.OPEN, "open io.open codecs.open File.open fopen IO.open File.new os.open sysopen");
    all(
        Action.COPY,
        """
        shutil.copy shutil.copy2 shutil.copyfile shutil.copytree fs.copyFile copyFileSync fs.cp
        cpSync fse.copy FileUtils.cp FileUtils.cp_r FileUtils.copy FileUtils.install copy
        file.copy os.symlink os.link fs.symlink symlinkSync fs.link linkSync symlink link
        FileUtils.ln_s FileUtils.ln FileUtils.ln_sf File.cp File.cp!
        """);
    all(
        Action.MOVE,
        """
        os.rename os.replace os.renames shutil.move fs.rename renameSync fse.move moveSync rename
        File.rename FileUtils.mv FileUtils.move move file.rename mv File.rename!
        """);
    all(
        Action.CHMOD,
        """
        os.chmod os.chown os.lchown fs.chmod chmodSync fs.chown chownSync chmod chown File.chmod
        FileUtils.chmod FileUtils.chmod_R FileUtils.chown Sys.chmod
        """);
    all(
        Action.SHELL,
        """
        os.system os.popen os.popen2 commands.getoutput subprocess.getoutput
        subprocess.getstatusoutput child_process.exec execSync child_process.execSync system
        Kernel.system Kernel.exec Kernel.spawn IO.popen Open3.capture2 Open3.capture2e
        Open3.capture3 Open3.popen3 Open3.popen2 exec shell_exec passthru popen proc_open
        os.execute io.popen os.cmd shell asyncio.create_subprocess_shell pexpect.spawn
        pexpect.run shelljs.exec Bun.$ execaCommand pipe sh
        """);
    all(
        Action.EXECUTE,
        """
        subprocess.run subprocess.call subprocess.check_call subprocess.check_output
        subprocess.Popen os.execv os.execve os.execvp os.execvpe os.execl os.execlp os.execle
        os.spawnv os.spawnl os.spawnvp os.spawnlp os.posix_spawn posix_spawn pty.spawn
        child_process.spawn child_process.spawnSync spawn spawnSync child_process.execFile
        child_process.execFileSync execFile execFileSync execa execa.sync Bun.spawn Bun.spawnSync
        Deno.Command Deno.run pcntl_exec System.cmd spawnv Process.spawn
        asyncio.create_subprocess_exec system2 child_process.fork
        """);
    all(
        Action.EVALUATE,
        """
        eval exec_code load loadstring dofile Function runInNewContext vm.runInNewContext
        vm.runInThisContext runInThisContext instance_eval class_eval module_eval assert
        create_function execfile runpy.run_path Code.eval_string
        """);
    all(
        Action.FETCH,
        """
        urllib.urlopen urllib.request.urlopen request.urlopen urlopen requests.get httpx.get fetch
        http.get https.get axios.get axios got superagent.get Net.HTTP.get HTTP.get URI.open
        URI.parse.open LWP.Simple.get LWP.UserAgent.get HTTP.Tiny.get HTTParty.get curl_exec
        requests.request urllib2.urlopen http.client.HTTPSConnection
        """);
    all(
        Action.FETCH_FILE,
        """
        urllib.request.urlretrieve urlretrieve request.urlretrieve urllib.urlretrieve
        wget.download download.file getstore LWP.Simple.getstore
        """);
    all(
        Action.SEND,
        """
        requests.post requests.put requests.patch httpx.post http.request https.request axios.post
        axios.put got.post superagent.post HTTP.post HTTP.post_form Net.HTTP.post
        Net.HTTP.post_form HTTParty.post navigator.sendBeacon smtplib.SMTP sendmail
        """);
    all(
        Action.BASE64,
        """
        base64.b64decode b64decode base64.decodebytes base64.urlsafe_b64decode
        base64.standard_b64decode atob Base64.decode64 Base64.strict_decode64 decode64
        base64_decode decode_base64 MIME.Base64.decode_base64 base64decode
        Base64.urlsafe_decode64 Base.decode64!
        """);
    all(Action.HEX, "bytes.fromhex bytearray.fromhex fromhex unhexlify binascii.unhexlify hex2bin");
    all(
        Action.UNPACK,
        """
        zlib.decompress gzip.decompress bz2.decompress lzma.decompress marshal.loads
        codecs.decode gzinflate gzuncompress str_rot13 inflateSync gunzipSync unzipSync unpack
        unpack1 pack base64.b32decode base64.b16decode base64.b85decode pickle.loads
        """);
    all(
        Action.JOIN_PATH,
        """
        os.path.join path.join path.resolve File.join posixpath.join join_path file.path
        catfile File.Spec.catfile Path.join joinpath
        """);
    all(
        Action.LIST,
        """
        glob.glob glob.iglob os.listdir os.scandir os.walk readdirSync fs.readdir readdir Dir.glob
        Dir.entries Dir.children Dir.each_child glob scandir list.files Find.find Dir.foreach
        """);
    all(
        Action.SAME,
        """
        os.path.expanduser expanduser os.path.abspath os.path.realpath os.fspath str bytes bytearray
        String File.expand_path Pathname Pathname.new Path pathlib.Path PurePath shlex.quote
        os.path.normpath compile shlex.split URL Buffer realpath print puts p console.log
        require.resolve Promise.resolve list tuple sorted set iter ipairs pairs Array.from
        escapeshellarg path.expand normalizePath repr io.StringIO io.BytesIO StringIO BytesIO
        urllib.request.Request Request TextDecoder.decode
        """);
    all(Action.VARIABLE, "os.getenv getenv os.environ.get ENV.fetch environ.get Sys.getenv");
    all(Action.ENVIRONMENT, "os.environ.copy os.environb ENV.to_h ENV.to_a ENV.inspect");
    all(Action.HOME, "os.homedir Path.home pathlib.Path.home Dir.home homedir");
    all(Action.TEXT_OF_CODE, "chr String.fromCharCode fromCharCode string.char utf8.char");
    all(Action.MODULE, "require __import__ importlib.import_module import_module import");
    all(Action.MEMBER, "getattr Reflect.get operator.attrgetter const_get");
    all(
        Action.CALL,
        "call_user_func call_user_func_array array_map array_walk map pcall xpcall send public_send"
            + " __send__ apply");
    all(
        Action.SOCKET,
        """
        socket.socket socket.create_connection net.connect net.createConnection net.Socket
        TCPSocket.new TCPSocket.open fsockopen stream_socket_client IO.Socket.INET.new socket
        socket.tcp socket.connect Socket.tcp pfsockopen
        """);
    all(Action.DUPLICATE, "os.dup2 dup2 os.dup");
    all(Action.FORK, "os.fork fork pcntl_fork Process.fork Kernel.fork");
  }

  /// Names too common to be believed without the module in front of them.
  private static final Set<String> NEEDS_MODULE =
      Set.of(
          "rm",
          "copy",
          "move",
          "mv",
          "link",
          "file",
          "touch",
          "pipe",
          "sh",
          "shell",
          "load",
          "glob",
          "socket",
          "send",
          "apply",
          "list",
          "set",
          "p",
          "print",
          "import",
          "pack",
          "open",
          "truncate",
          "chmod",
          "chown",
          "rename",
          "system",
          "exec",
          "spawn",
          "fork",
          "eval",
          "popen",
          "unlink",
          "rmdir",
          "symlink",
          "assert",
          "unpack",
          "readdir",
          "String",
          "str");

  private CodeFunctions() {}

  /// @param path names joined by dots, `os.path.join`
  /// @param method whether it is called on a value that is not known, so that its last name alone
  ///   must tell
  static Optional<Action> action(String path, boolean method, CodeDialect dialect) {
    if (dialect == CodeDialect.PYTHON && path.matches("(?:builtins\\.)?exec")) {
      return Optional.of(Action.EVALUATE); // elsewhere it runs a program
    }
    String rest = path.replace(".promises.", ".").replace("node:", "");
    while (true) {
      Action action = ACTIONS.get(rest);
      boolean bare = rest.indexOf('.') < 0 && path.indexOf('.') >= 0;
      if (action != null && !((bare || method) && NEEDS_MODULE.contains(rest))) {
        return Optional.of(action);
      }
      int dot = rest.indexOf('.');
      if (dot < 0) {
        return Optional.empty();
      }
      rest = rest.substring(dot + 1);
    }
  }
}
