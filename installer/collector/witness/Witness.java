import module java.base;
import module java.net.http;
import module jdk.httpserver;
import java.security.Signature;

/// Signs how much of a laptop's journal is in the collected table. Without state of its own: what it has signed is in the
/// table `witness_heads`. It follows the hash chain itself, so a signature says that all numbers below the size are there,
/// or declared lost, and unaltered since the device chained them. See docs/fleet.md.
final class Witness {
  static final String USAGE =
      """
      java Witness.java --key FILE [--clickhouse URL] [--database NAME] [--user NAME --password-file FILE] [--listen HOST:PORT]

        --key         Ed25519, private and public key in one file:
                      openssl genpkey -algorithm ed25519 -out FILE; openssl pkey -in FILE -pubout >> FILE
        --clickhouse  default http://127.0.0.1:8123
        --database    default `default`; SELECT on journal and witness_heads, INSERT on witness_heads are needed
        --listen      default 127.0.0.1:8420; put a proxy with TLS before it

      GET /v1/head?device=D&install=I   200 a signed note; 404 nothing yet; 409 the size that was signed and is not there, or
                                        beyond which nothing can be: header Skillwarden-Why says rollback, fork or chain
      GET /health/live /health/ready    ready: the tables answer
      """;

  private static final System.Logger LOG = System.getLogger("witness");
  private static final String NAME = "witness";
  private static final Pattern QUERY =
      Pattern.compile("device=([A-Za-z0-9._-]{1,64})&install=([A-Za-z0-9._-]{1,64})");
  private static final Pattern RECORD = Pattern.compile(
      "(\\{\"v\":2,\"seq\":(\\d{1,18}),.*),\"hash\":\"([0-9a-f]{64})\"(?:,\"mac\":\"[0-9a-f]{64}\")?}", Pattern.DOTALL);
  private static final String GAP = "gap";
  private static final int PAGE = 10_000;
  private static final int PAGES = 10; // followed for one request; the next one goes on from there
  private static final int LINE_BYTES = 61 << 10;
  private static final int AT_ONCE = 32;
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /// @param root hash of the last record below size, hex
  record Head(long size, String root) {
    static final Head NONE = new Head(0, "0".repeat(64));
  }

  /// How far the table can be signed, and why no further: empty when the next number is only not there yet.
  record Followed(Head head, String damage) {}

  /// @param line as Latin-1, which gives the same bytes back; empty when the number has several
  record Row(long seq, String line) {}

  /// A head on its way into the table.
  record Pending(String values, CompletableFuture<Boolean> stored) {}

  private final HttpClient http = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
  private final Semaphore places = new Semaphore(AT_ONCE);
  private final ReentrantLock[] journals = new ReentrantLock[256];
  private final BlockingQueue<Pending> pending = new LinkedBlockingQueue<>(AT_ONCE);
  private final URI clickhouse;
  private final String authorization;
  private final KeyPair key;

  Witness(Map<String, String> options) throws IOException, GeneralSecurityException {
    key = readKey(Path.of(options.get("--key")));
    String database = options.getOrDefault("--database", "default");
    require(database.matches("\\w{1,64}"), "--database is " + database + "; letters, digits and _ are wanted");
    String base = options.getOrDefault("--clickhouse", "http://127.0.0.1:8123").replaceAll("/+$", "");
    clickhouse = URI.create(base + "/?wait_end_of_query=1&database=" + database); // else an error may come after a 200
    String file = options.get("--password-file");
    String password = file == null ? "" : Files.readString(Path.of(file)).strip();
    String login = options.getOrDefault("--user", "default") + ":" + password;
    authorization = "Basic " + base64(login.getBytes(StandardCharsets.UTF_8));
    Arrays.setAll(journals, i -> new ReentrantLock());
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException(message);
    }
  }

  // The table. Names stand in the SQL as they are: QUERY lets nothing through that could end the quotes around them.

  private Stream<String> ask(String sql) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(clickhouse).timeout(PATIENCE).header("Authorization", authorization)
        .POST(HttpRequest.BodyPublishers.ofString(sql)).build();
    HttpResponse<Stream<String>> answer = http.send(request, HttpResponse.BodyHandlers.ofLines());
    if (answer.statusCode() != 200) {
      try (Stream<String> lines = answer.body()) {
        throw new IOException("ClickHouse: " + lines.limit(5).collect(Collectors.joining(" ")));
      }
    }
    return answer.body();
  }

  private Head signedBefore(String where) throws IOException, InterruptedException {
    String sql = "SELECT size, root FROM witness_heads WHERE " + where + " ORDER BY size DESC LIMIT 1 FORMAT TSV";
    try (Stream<String> rows = ask(sql)) {
      return rows.map(r -> r.split("\t", -1)).map(r -> new Head(Long.parseLong(r[0]), r[1])).findFirst().orElse(Head.NONE);
    }
  }

  /// One row for each number of a page, which begins with the first number there is from `seq` on.
  private Stream<Row> page(String where, long seq) throws IOException, InterruptedException {
    String from = " FROM journal WHERE " + where + " AND seq >= " + seq;
    String sql = "SELECT seq, if(min(body) = max(body), hex(any(line)), '')" + from + " AND seq < " + PAGE + " + (SELECT min(seq)"
        + from + ") GROUP BY seq ORDER BY seq FORMAT TSV";
    return ask(sql).map(r -> r.split("\t", -1)).map(r -> new Row(
        Long.parseUnsignedLong(r[0]), new String(HexFormat.of().parseHex(r[1]), StandardCharsets.ISO_8859_1)));
  }

  // The chain, docs/journal.md "Format".

  private Followed follow(String where, Head known) throws IOException, InterruptedException {
    Head head = known;
    if (known.size() > 0) { // what was signed has to be there still
      Row last = row(where, known.size() - 1);
      if (last.seq() != known.size() - 1 || !hashOf(last).equals(known.root())) {
        return new Followed(known, last.seq() == known.size() - 1 ? "fork" : "rollback");
      }
    }
    for (int page = 0; page < PAGES; page++) {
      Head before = head;
      try (Stream<Row> rows = page(where, head.size())) {
        for (Row row : (Iterable<Row>) rows::iterator) {
          String previous = previous(where, head, row);
          if (previous.equals(GAP)) {
            return new Followed(head, ""); // what is missing may still come
          }
          if (!follows(row, previous)) {
            return new Followed(head, row.line().isEmpty() ? "fork" : "chain");
          }
          head = new Head(row.seq() + 1, hashOf(row));
        }
      }
      if (head.size() < before.size() + PAGE) {
        break;
      }
    }
    return new Followed(head, "");
  }

  private Row row(String where, long seq) throws IOException, InterruptedException {
    try (Stream<Row> rows = page(where + " AND seq <= " + seq, seq)) {
      return rows.findFirst().orElse(new Row(-1, ""));
    }
  }

  /// Hash of the record that this one has to be chained to, if it is there; [#GAP] when this one does not come next.
  private String previous(String where, Head head, Row row) throws IOException, InterruptedException {
    String line = row.line();
    if (head.size() == 0) {
      return line.isEmpty() || value(line, "kind").equals("enroll") ? Head.NONE.root() : GAP;
    }
    boolean lost = value(line, "kind").equals("journal-lost");
    if (lost && number(line, "from") <= head.size() && number(line, "to") + 1 == row.seq()) {
      long after = number(line, "after"); // further back when what is declared lost had been collected before
      return after < head.size() - 1 ? hashOf(row(where, after)) : head.root();
    }
    return row.seq() == head.size() ? head.root() : GAP;
  }

  private static boolean follows(Row row, String previous) {
    Matcher record = RECORD.matcher(row.line());
    if (previous.isEmpty() || row.line().length() > LINE_BYTES || !record.matches()
        || Long.parseLong(record.group(2)) != row.seq()) {
      return false;
    }
    byte[] bytes = (record.group(1) + "}").getBytes(StandardCharsets.ISO_8859_1);
    byte[] before = HexFormat.of().parseHex(previous);
    ByteBuffer all = ByteBuffer.allocate(9 + before.length + bytes.length).put((byte) 2).putLong(row.seq());
    return HexFormat.of().formatHex(sha256(all.put(before).put(bytes).array())).equals(record.group(3));
  }

  /// What the record says its hash is; empty for none and for several.
  private static String hashOf(Row row) {
    Matcher record = RECORD.matcher(row.line());
    return record.matches() ? record.group(3) : "";
  }

  /// What stands after a key. A quote inside a text has a backslash before it, so no text can look like a key.
  private static String value(String line, String key) {
    Matcher value = Pattern.compile("\"" + key + "\":\"([^\"]*)\"").matcher(line);
    return value.find() ? value.group(1) : "";
  }

  private static long number(String line, String key) {
    String text = value(line, key);
    return text.matches("\\d{1,18}") ? Long.parseLong(text) : Long.MAX_VALUE - 1;
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  // Signing.

  private String note(String device, String install, Head head) throws GeneralSecurityException {
    String text = "skillwarden/" + device + "/" + install + "\n" + head.size() + "\n"
        + base64(HexFormat.of().parseHex(head.root())) + "\ntime " + Instant.now().truncatedTo(ChronoUnit.SECONDS) + "\n";
    return text + "\n\u2014 " + NAME + " " + base64(join(keyId(), sign(text))) + "\n";
  }

  private byte[] sign(String text) throws GeneralSecurityException {
    Signature signature = Signature.getInstance("Ed25519");
    signature.initSign(key.getPrivate());
    signature.update(text.getBytes(StandardCharsets.UTF_8));
    return signature.sign();
  }

  private byte[] typedKey() {
    byte[] encoded = key.getPublic().getEncoded();
    return join(new byte[] {1}, Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length));
  }

  private byte[] keyId() {
    return Arrays.copyOf(sha256(join((NAME + "\n").getBytes(StandardCharsets.US_ASCII), typedKey())), 4);
  }

  private static byte[] join(byte[] a, byte[] b) {
    return ByteBuffer.allocate(a.length + b.length).put(a).put(b).array();
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  private static KeyPair readKey(Path file) throws IOException, GeneralSecurityException {
    String pem = Files.readString(file);
    KeyFactory keys = KeyFactory.getInstance("Ed25519");
    KeyPair pair = new KeyPair(keys.generatePublic(new X509EncodedKeySpec(block(pem, "PUBLIC KEY", file))),
        keys.generatePrivate(new PKCS8EncodedKeySpec(block(pem, "PRIVATE KEY", file))));
    Signature signature = Signature.getInstance("Ed25519");
    signature.initSign(pair.getPrivate());
    byte[] signed = signature.sign();
    signature.initVerify(pair.getPublic());
    require(signature.verify(signed), file + ": the public key is not the private key's");
    return pair;
  }

  private static byte[] block(String pem, String what, Path file) {
    Matcher block = Pattern.compile("-----BEGIN " + what + "-----([A-Za-z0-9+/=\\s]+)-----END").matcher(pem);
    require(block.find(), file + " has no " + what + "; both keys are wanted, see --help");
    return Base64.getMimeDecoder().decode(block.group(1));
  }

  // Remembering: a head is in the table before it is answered. Many go in one insert, as ClickHouse wants it.

  private void remember(String device, String install, Head head) throws IOException, InterruptedException {
    String values = "('" + device + "','" + install + "'," + head.size() + ",'" + head.root() + "',now())";
    Pending mine = new Pending(values, new CompletableFuture<Boolean>().completeOnTimeout(false, 20, TimeUnit.SECONDS));
    pending.put(mine);
    if (!mine.stored().join()) {
      throw new IOException("the head could not be stored");
    }
  }

  private void storeHeads() {
    while (!Thread.currentThread().isInterrupted()) {
      List<Pending> batch = new ArrayList<>();
      boolean stored = false;
      try {
        batch.add(pending.take());
        Thread.sleep(20); // so that more of them go together
        pending.drainTo(batch);
        ask("INSERT INTO witness_heads (device, install, size, root, signed) VALUES "
            + String.join(",", batch.stream().map(Pending::values).toList())).close();
        stored = true;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (IOException | RuntimeException e) { // this thread has to go on, or no head is ever signed again
        LOG.log(System.Logger.Level.ERROR, "heads not stored", e);
      }
      for (Pending head : batch) {
        head.stored().complete(stored);
      }
    }
  }

  /// Never a smaller head than one that was signed, by this process or by another on the same table.
  private Followed head(String device, String install) throws IOException, InterruptedException {
    String where = "device = '" + device + "' AND install = '" + install + "'";
    ReentrantLock lock = journals[Math.floorMod(where.hashCode(), journals.length)];
    lock.lockInterruptibly();
    try {
      Head known = signedBefore(where);
      while (true) {
        Followed now = follow(where, known);
        if (now.head().equals(known)) {
          return now;
        }
        remember(device, install, now.head());
        known = signedBefore(where); // another process may have got further meanwhile
        if (known.equals(now.head())) {
          return new Followed(known, "");
        }
      }
    } finally {
      lock.unlock();
    }
  }

  // HTTP.

  private void answerHead(HttpExchange exchange) throws IOException, InterruptedException, GeneralSecurityException {
    Matcher names = QUERY.matcher(Objects.requireNonNullElse(exchange.getRequestURI().getRawQuery(), ""));
    if (!names.matches()) {
      send(exchange, 400, "wanted: /v1/head?device=D&install=I, each 1 to 64 of A-Z a-z 0-9 . _ -\n");
      return;
    }
    Followed now = head(names.group(1), names.group(2));
    if (!now.damage().isEmpty()) {
      LOG.log(System.Logger.Level.WARNING, "ALARM " + now.damage() + " at " + now.head().size() + ": " + names.group());
      exchange.getResponseHeaders().set("Skillwarden-Why", now.damage());
      exchange.getResponseHeaders().set("Content-Type", "text/x.tlog.size");
      send(exchange, 409, now.head().size() + "\n");
    } else if (now.head().size() == 0) {
      send(exchange, 404, "no record of this journal, or not its first\n");
    } else {
      send(exchange, 200, note(names.group(1), names.group(2), now.head()));
    }
  }

  private void serve(HttpExchange exchange) throws IOException {
    boolean place = places.tryAcquire();
    try {
      String path = exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath();
      if (path.equals("GET /health/live")) {
        send(exchange, 200, "ok\n");
      } else if (!place) {
        exchange.getResponseHeaders().set("Retry-After", "2");
        send(exchange, 503, "busy\n");
      } else if (path.equals("GET /v1/head")) {
        answerHead(exchange);
      } else if (path.equals("GET /health/ready")) {
        ask("SELECT root FROM witness_heads WHERE device = '' UNION ALL SELECT hash FROM journal WHERE device = ''").close();
        send(exchange, 200, "ok\n");
      } else {
        send(exchange, 404, "there are GET /v1/head, /health/live and /health/ready\n");
      }
    } catch (IOException | InterruptedException | GeneralSecurityException | RuntimeException e) {
      LOG.log(System.Logger.Level.ERROR, "not answered: " + exchange.getRequestURI(), e);
      if (exchange.getResponseCode() < 0) {
        send(exchange, 503, "the table does not answer; the witness's log says why\n");
      }
    } finally {
      exchange.close();
      if (place) {
        places.release();
      }
    }
  }

  private static void send(HttpExchange exchange, int status, String text) throws IOException {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().putIfAbsent("Content-Type", List.of("text/plain; charset=utf-8"));
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
  }

  private void run(URI listen) throws IOException {
    System.setProperty("sun.net.httpserver.maxReqTime", "10"); // seconds until a request has to be there
    System.setProperty("jdk.httpserver.maxConnections", "1024");
    HttpServer server = HttpServer.create(new InetSocketAddress(listen.getHost(), listen.getPort()), 128);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::serve);
    Thread.ofPlatform().daemon().name("heads").start(this::storeHeads);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> server.stop(5))); // answers what it has begun
    server.start();
    System.out.println("verifier " + NAME + "+" + HexFormat.of().formatHex(keyId()) + "+" + base64(typedKey()));
    System.out.println("listening on " + listen.getHost() + ":" + server.getAddress().getPort());
  }

  public static void main(String[] args) {
    try {
      Map<String, String> options = new HashMap<>();
      Set<String> known = Set.of("--key", "--clickhouse", "--database", "--user", "--password-file", "--listen");
      for (int i = 0; i < args.length && !args[0].equals("--help"); i += 2) {
        require(known.contains(args[i]) && i + 1 < args.length, args[i] + " is unknown or has no value; see --help");
        options.put(args[i], args[i + 1]);
      }
      if (args.length > 0 && args[0].equals("--help")) {
        System.out.print(USAGE);
        return;
      }
      require(options.containsKey("--key"), "--key FILE is missing; see --help");
      new Witness(options).run(URI.create("http://" + options.getOrDefault("--listen", "127.0.0.1:8420")));
    } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
      System.err.println("witness: " + e.getMessage());
      System.exit(2);
    }
  }
}
