package dev.skillwarden.redact;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedactorTest {
  /// No real secrets: right shape, letters that say so. Put together here so that scanners of this
  /// repository do not take them for real ones.
  private static String secrets(String text) {
    return text.replace("%AKIA", "AKIA" + "EXAMPLEEXAMPLE12")
        .replace("%ghp", "ghp" + "_" + "x1".repeat(18))
        .replace("%glpat", "glpat" + "-" + "x1".repeat(10))
        .replace("%xoxb", "xoxb" + "-123456789012-" + "x1".repeat(12))
        .replace("%npm", "npm" + "_" + "x1".repeat(18))
        .replace("%skant", "sk-ant" + "-api03-" + "x1".repeat(40))
        .replace("%skproj", "sk-" + "proj-" + "x1".repeat(24))
        .replace("%jwt", "eyJ" + "hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "aws configure set aws_access_key_id %AKIA | aws configure set aws_access_key_id"
            + " [redacted:aws-key]",
        "git push https://%ghp@github.com/a/b | git push"
            + " https://[redacted:github-token]@github.com/a/b",
        "glab auth --token %glpat x | glab auth --token [redacted:gitlab-token] x",
        "curl -d t=%xoxb s | curl -d t=[redacted:slack-token] s",
        "echo //r/:_authToken=%npm > .npmrc | echo //r/:_authToken=[redacted:npm-token] > .npmrc",
        "export ANTHROPIC_API_KEY=%skant | export ANTHROPIC_API_KEY=[redacted:anthropic-key]",
        "python x.py %skproj | python x.py [redacted:openai-key]",
        "curl -H 'X: %jwt' h | curl -H 'X: [redacted:jwt]' h",
        "curl -H 'Authorization: Bearer abc123' h | curl -H 'Authorization: Bearer"
            + " [redacted:authorization]' h",
        "curl -H \"authorization: Basic dXNlcjpw\" h | curl -H \"authorization: Basic"
            + " [redacted:authorization]\" h",
        "curl -H 'PRIVATE-TOKEN: hush' h | curl -H 'PRIVATE-TOKEN: [redacted:token]' h",
        "curl -u bob:hunter2 https://h | curl -u bob:[redacted:password] https://h",
        "curl --user=bob:hunter2 h | curl --user=bob:[redacted:password] h",
        "wget https://bob:hunter2@h/x | wget https://bob:[redacted:url-password]@h/x",
        "psql postgres://app:s3cr3t@db:5432/x | psql"
            + " postgres://app:[redacted:url-password]@db:5432/x",
        "tool --password=hunter2 go | tool --password=[redacted:password] go",
        "tool --password hunter2 go | tool --password [redacted:password] go",
        "tool --password 'two words' go | tool --password '[redacted:password]' go",
        "DB_PASSWORD=hunter2 ./run | DB_PASSWORD=[redacted:password] ./run",
        "export GITLAB_TOKEN=\"hush hush\" x | export GITLAB_TOKEN=\"[redacted:token]\" x",
        "AWS_SECRET_ACCESS_KEY=abc/def+ghi aws s3 ls | AWS_SECRET_ACCESS_KEY=[redacted:secret] aws"
            + " s3 ls",
        "curl 'https://h/?a=1&token=hush&b=2' | curl 'https://h/?a=1&token=[redacted:token]&b=2'",
        "curl -d '{\"password\": \"hunter2\", \"user\": \"x\"}' h | curl -d '{\"password\":"
            + " \"[redacted:password]\", \"user\": \"x\"}' h",
        "mysql -u root -phunter2 db | mysql -u root -p[redacted:password] db",
        "sshpass -p hunter2 ssh h | sshpass -p [redacted:password] ssh h",
        "curl -u a:hunter2 -E c.pem:hunter3 h | curl -u a:[redacted:password] -E"
            + " c.pem:[redacted:password] h",
        "bash -c \"curl -u bob:hunter2\" && rm x | bash -c \"curl -u bob:[redacted:password]\" &&"
            + " rm x",
        "ssh h 'mysql -phunter2' && echo 'x' | ssh h 'mysql -p[redacted:password]' && echo 'x'",
        "curl -u a:hunter2' ; rm x | curl -u a:[redacted:password]' ; rm x",
        "\\curl -u bob:hunter2 h | \\curl -u bob:[redacted:password] h",
        "run [--password hunter2] | run [--password [redacted:password]",
        "docker login -u x -p hunter2 r | docker login -u x -p [redacted:password] r",
        "redis-cli -a hunter2 ping | redis-cli -a [redacted:password] ping",
      })
  void replacesTheSecretAndNothingElse(String text, String expected) {
    String redacted = Redactor.redact(secrets(text));
    assertEquals(expected, redacted);
    assertEquals(redacted, Redactor.redact(redacted), "a second pass changes nothing");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "docker run -u 1000:1000 -p 8080:80 alpine",
        "docker run -u node:node -v $PWD:/w -w /w node npm ci",
        "docker run -v \"$PWD\":/w -w /w node npm ci",
        "git commit -m 'password reset: send the token by mail'",
        "grep -rn \"password\" src/main | head",
        "grep -r 'password:' src",
        "export DB_PASSWORD=$(vault read -field=x y)",
        "curl -H \"Authorization: Bearer $TOKEN\" https://h/v1",
        "PGPASSWORD=$PGPASSWORD psql -h db",
        "git clone git@github.com:acme/app.git && cd app",
        "git clone ssh://git@git.example/app.git",
        "mvn -q -pl daemon test -Dtest=TokenTest",
        "kubectl get secret db -o yaml",
        "kubectl create secret generic app --from-file=config",
        "npm install sk-learn-clone && tar -xzf ask-me.tar.gz",
        "mkdir -p /tmp/a/b; cp -a x y",
        "sed -i 's/token_ttl=30/token_ttl=60/' app.conf",
        "echo commit 9fceb02d0ae598e95dc970b74767f19372d61af8",
        "cat monkey.txt | sort -u | uniq -c",
        "ls --sort=time https://example.org:8443/a@b",
        "openssl req -newkey rsa:2048 -nodes -keyout k.pem -out c.pem",
        "docker compose -p app up -d && docker ps",
        "redis-cli -p 6379 ping",
        "npm config set registry https://r.example/npm",
        "yarn config set nodeLinker node-modules",
        "vault kv get secret/x",
        "htpasswd -c f bob",
        "gh secret list && gh secret set DEPLOY_KEY < key.txt",
        "curl -b jar.txt -c jar.txt https://h/x",
        "poetry config virtualenvs.in-project",
        "aws ssm get-parameter --name /x --with-decryption",
        "ssh-keygen -t ed25519 -f k -C bob@example.com",
        "unzip a.zip -d out; zip -r b.zip src",
        "helm list -n prod -o json | jq .",
        "kubectl create configmap x --from-literal=level",
        "echo done | sort; cat a | sudo -S tee b",
        "echo 'rm -rf build' | sudo -s",
        "for p in a b; do sleep 1; done; patch -p1 < x",
        "docker login r.example && vault login",
        "git show 9fceb02d0ae598e95dc970b74767f19372d61af8 -- auth/token.go",
        "docker pull r.example/key@sha256:"
            + "3f2a9c417be0d56a8f13c9be74a605d21c0fe98d7b36a4420e5f9d8c1b7a6e53",
        "echo token-service sha512-q1W2e3R4t5Y6u7I8o9P0a1S2d3F4g5H6j7K8l9Z0x1C2v3B4n5M6Q7W8==",
        "grep 'module/key h1:q1W2e3R4t5Y6u7I8o9P0a1S2d3F4g5H6j7K8l9Z0x1C=' go.sum",
        "kubectl delete secret-claim 0f8fad5b-d9cb-469f-a165-70867728950e",
        "echo 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ9kX2pQ7wLm4Rt8Vb1Nc6Zs3Hd5Gf0Ya' >>"
            + " authorized_keys",
        "wg set wg0 peer public key q1W2e3R4t5Y6u7I8o9P0a1S2d3F4g5H6j7K8l9Z0x1C=",
        "cat ~/keys/q1W2e3R4t5Y6u7I8o9P0a1S2.pem",
        "ls /var/lib/token/q1W2e3R4t5Y6u7I8o9P0a1S2d3F4g5H6",
        "mvn test -Dtest=KeyStoreAuthenticationTokenProviderV2Test",
        "git commit --author 'A <a1b2c3d4e5f6a7b8c9d0e1f2@users.example>'",
        "curl https://h/api/v1/auth/users/getAllCredentialsForTenant?limit=100",
        "restore-cache --cache-key 3f2a9c417be0d56a8f13c9be74a605d2",
      })
  void leavesOrdinaryCommandsAlone(String command) {
    assertEquals(command, Redactor.redact(command));
  }

  @Test
  void takesWholePrivateKeysAndHalves() {
    String begin = "-----BEGIN RSA PRIVATE " + "KEY-----\n";
    String end = "-----END RSA PRIVATE " + "KEY-----";
    assertEquals(
        "echo '[redacted:private-key]' > k",
        Redactor.redact("echo '" + begin + "MIIabc\n" + end + "' > k"));
    assertEquals("a [redacted:private-key]", Redactor.redact("a " + begin + "MIIabc\nMIIdef"));
    assertEquals("[redacted:private-key] b", Redactor.redact("MIIabc\n" + end + " b"));
    String publicKey = "-----BEGIN PUBLIC " + "KEY-----\nabc\n-----END PUBLIC " + "KEY-----";
    assertEquals(publicKey, Redactor.redact(publicKey));
  }

  @Test
  void cutsLongTextAndKeepsHeadSpanAndTail() {
    String text = "H".repeat(9000) + "<the span>" + "m".repeat(20_000) + "T".repeat(3000);
    assertEquals(
        "H".repeat(Redactor.HEAD)
            + "[cut: 4392 characters]"
            + "H".repeat(Redactor.AROUND)
            + "<the span>"
            + "m".repeat(Redactor.AROUND)
            + "[cut: 20440 characters]"
            + "T".repeat(Redactor.TAIL)
            + "[whole: 32010 characters]",
        Redactor.redact(text, 9000, 9010));
    assertEquals("x".repeat(Redactor.LIMIT), Redactor.redact("x".repeat(Redactor.LIMIT)));
  }

  @Test
  void hidesSecretsThatCrossACut() {
    String key = secrets("%ghp");
    for (int inside = 1; inside < key.length(); inside++) {
      String text =
          " ".repeat(Redactor.HEAD - inside)
              + key
              + " ".repeat(9000)
              + key
              + " ".repeat(Redactor.TAIL - inside);
      assertFalse(Redactor.redact(text).contains("x1"), "cut after " + inside);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a",
        "password=",
        "eyJ",
        "eyJ-",
        "-eyJ",
        "://a:",
        "token: ",
        "ghp_",
        "xoxb-",
        "sk-",
        "-u a:",
        "curl -u a:",
        "authorization: ",
        "-----BEGIN PRIVATE KEY-----",
        "-----END ",
        "\"",
        "secret\"",
        "password \t ",
        "--password ",
        "mysql -p",
        "\ud83d"
      })
  void staysFastOnHostileText(String piece) {
    String hostile = piece.repeat((256 << 10) / piece.length());
    String short8k = hostile.substring(0, Redactor.LIMIT);
    assertTimeout(
        Duration.ofMillis(1500),
        () -> {
          assertTrue(Redactor.redact(hostile).contains("[whole: " + hostile.length()));
          Redactor.redact(hostile, hostile.length() / 2, hostile.length() / 2 + 100);
          Redactor.redact(short8k);
        });
  }

  @Test
  void readsCommandsOverSeveralLines() {
    assertEquals(
        "curl -X POST \\\n  -u bob:[redacted:password] \\\n  https://h",
        Redactor.redact("curl -X POST \\\n  -u bob:hunter2 \\\n  https://h"));
    assertEquals(
        "echo '[redacted:password]' | sudo -S ls", Redactor.redact("echo 'a;b|c' | sudo -S ls"));
  }

  /// What is done costs as much as the work that is counted, so it is bounded in time too.
  @Test
  void takesATextThatIsMadeToBeSlowAsAWhole() {
    String slow = "curl -u a: --token 'x ".repeat(400);
    assertEquals(
        "[redacted:unsearched, 8192 characters]", Redactor.redact(slow.substring(0, 8192)));
    String usual =
        """
        curl -fsS -H 'Accept: text/plain' https://h.example/api/v1/key?x=1 | jq .a
        git commit -am 'read the token from the keychain' && git push origin main
        docker run --rm -v "$PWD":/w -w /w node:20 npm ci && docker ps
        kubectl get secret db -o json | jq -r .data.password | base64 -d | wc -c
        grep -rn --include='*.java' 'auth' src/main | sort | uniq -c | head -20
        mvn -q -pl daemon test -Dtest=TokenTest; ls -la target/surefire-reports
        aws s3 cp build/app.tgz s3://releases/app.tgz --profile ci --only-show-errors
        find . -name '*.log' -mtime +7 -print0 | xargs -0 gzip; du -sh .
        """;
    String long8k = usual.repeat(1 + Redactor.LIMIT / usual.length()).substring(0, Redactor.LIMIT);
    assertEquals(long8k, Redactor.redact(long8k));
  }

  @Test
  void seesNothingThroughWhatWasTakenOut() {
    String first = "key=" + "q1W2e3R4t5".repeat(5);
    String second = "Z9x8C7v6".repeat(5);
    String once = Redactor.redact(first + " " + second);
    assertEquals("key=[redacted:high-entropy] " + second, once);
    assertEquals(once, Redactor.redact(once));
  }

  @Test
  void everyRuleIsAPattern() {
    TokenRule.ALL.forEach(rule -> assertTrue(rule.pattern().matcher("").groupCount() < 3));
    CredentialRule.ALL.forEach(rule -> assertEquals(1, rule.pattern().matcher("").groupCount()));
  }

  @Test
  void replacesHalfSurrogates() {
    assertEquals("a\uFFFDb\uD83D\uDE00\uFFFD", Redactor.redact("a\uD83Db\uD83D\uDE00\uDE00"));
  }

  @Test
  void refusesASpanOutsideTheText() {
    assertThrows(IllegalArgumentException.class, () -> Redactor.redact("abc", 2, 4));
  }
}
