package dev.skillwarden.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/// The shipped collector configurations keep the properties by which a 200 means that records are
/// where they stay. They are not run here: no collector with these exporters is at hand.
final class CollectorConfigTest {
  private static final Path DIRECTORY = Path.of("../installer/collector");

  private static Map<?, ?> read(String file) throws IOException {
    LoaderOptions options = new LoaderOptions();
    options.setAllowDuplicateKeys(false);
    return map(
        new Yaml(new SafeConstructor(options)).load(Files.readString(DIRECTORY.resolve(file))));
  }

  /// What stands at the end of a path of keys; an empty map where there is nothing.
  private static Object at(Object node, String... keys) {
    Object found = node;
    for (String key : keys) {
      found = map(found).get(key);
      if (found == null) {
        return Map.of();
      }
    }
    return found;
  }

  private static Map<?, ?> map(Object node) {
    return assertInstanceOf(Map.class, node);
  }

  @Test
  void theseAreTheConfigurations() throws IOException {
    Set<String> files = new TreeSet<>();
    try (var list = Files.newDirectoryStream(DIRECTORY, "*.yaml")) {
      list.forEach(file -> files.add(file.getFileName().toString()));
    }
    assertEquals(
        Set.of("otel-collector.yaml", "otel-collector-drain.yaml", "otel-collector-small.yaml"),
        files);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"otel-collector.yaml", "otel-collector-drain.yaml", "otel-collector-small.yaml"})
  void nothingIsAnsweredBeforeItIsDelivered(String file) throws IOException {
    Map<?, ?> config = read(file);

    Map<?, ?> exporters = map(at(config, "exporters"));
    assertEquals(1, exporters.size());
    for (Map.Entry<?, ?> exporter : exporters.entrySet()) {
      Object queue = at(exporter.getValue(), "sending_queue");
      assertEquals(true, at(queue, "wait_for_result"), exporter.getKey()::toString);
      assertEquals(true, at(queue, "block_on_overflow"), exporter.getKey()::toString);
      assertFalse(map(queue).containsKey("storage"), "a stored queue answers before delivery");
      assertEquals(true, at(exporter.getValue(), "retry_on_failure", "enabled"));
    }
    for (Object processor : map(at(config, "processors")).keySet()) {
      assertFalse(processor.toString().matches("batch(/.*)?"), "answers before the queue");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"otel-collector.yaml", "otel-collector-drain.yaml", "otel-collector-small.yaml"})
  void pipelinesUseWhatIsDefinedAndLimitMemoryFirst(String file) throws IOException {
    Map<?, ?> config = read(file);

    assertEquals(Set.of("logs"), map(at(config, "service", "pipelines")).keySet());
    Object pipeline = at(config, "service", "pipelines", "logs");
    for (String part : List.of("receivers", "processors", "exporters")) {
      List<?> used = assertInstanceOf(List.class, at(pipeline, part));
      assertEquals(map(at(config, part)).keySet(), Set.copyOf(used), part);
    }
    assertEquals("memory_limiter", ((List<?>) at(pipeline, "processors")).getFirst());
  }

  @ParameterizedTest
  @ValueSource(strings = {"otel-collector.yaml", "otel-collector-small.yaml"})
  void onlyDevicesWithACertificateAreHeardAndOurClockIsStamped(String file) throws IOException {
    Map<?, ?> config = read(file);

    Object http = at(config, "receivers", "otlp", "protocols", "http");
    assertEquals(
        "/etc/otelcol/tls/devices-ca.crt", at(http, "tls", "client_ca_file"), "mutual TLS");
    assertTrue((int) at(http, "max_request_body_size") >= 2 << 20, "twice a laptop's batch");
    assertEquals(
        List.of("set(log.attributes[\"skillwarden.received\"], UnixMilli(Now()))"),
        at(config, "processors", "transform/received", "log_statements"));
    assertEquals("propagate", at(config, "processors", "transform/received", "error_mode"));
  }

  @Test
  void kafkaHasARecordOnEveryReplicaAndOneJournalInOnePartition() throws IOException {
    Object kafka = at(read("otel-collector.yaml"), "exporters", "kafka");

    assertEquals(-1, at(kafka, "producer", "required_acks"));
    assertEquals(true, at(kafka, "partition_logs_by_resource_attributes"));
    assertEquals(false, at(kafka, "producer", "allow_auto_topic_creation"));
  }

  @Test
  void whatIsReadFromKafkaIsMarkedOnlyWhenItIsStored() throws IOException {
    Map<?, ?> config = read("otel-collector-drain.yaml");

    Object kafka = at(config, "receivers", "kafka");
    assertEquals(true, at(kafka, "message_marking", "after"));
    assertEquals(false, at(kafka, "message_marking", "on_error"));
    assertEquals(true, at(kafka, "error_backoff", "enabled"));
    assertEquals("earliest", at(kafka, "initial_offset"));
    assertEquals(
        at(read("otel-collector.yaml"), "exporters", "kafka", "logs", "topic"),
        ((List<?>) at(kafka, "logs", "topics")).getFirst());
  }

  @ParameterizedTest
  @ValueSource(strings = {"otel-collector-drain.yaml", "otel-collector-small.yaml"})
  void clickHouseAnswersWhenRowsAreWritten(String file) throws IOException {
    Object clickhouse = at(read(file), "exporters", "clickhouse");

    assertEquals(false, at(clickhouse, "async_insert"));
    assertEquals("otel_logs", at(clickhouse, "logs_table_name"), "as in current.sql");
  }
}
