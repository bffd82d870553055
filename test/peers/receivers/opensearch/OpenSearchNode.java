import java.util.List;
import java.util.Map;
import org.opensearch.common.logging.LogConfigurator;
import org.opensearch.common.settings.Settings;
import org.opensearch.env.Environment;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.transport.Netty4Plugin;

/** A whole OpenSearch node on 127.0.0.1. Arguments: its folder, its HTTP port, and settings as name=value. */
public final class OpenSearchNode extends Node {
  private OpenSearchNode(Environment environment) {
    super(environment, List.of(Netty4Plugin.class), true);
  }

  public static void main(String[] args) throws Exception {
    Settings.Builder settings =
        Settings.builder()
            .put("path.home", args[0])
            .put("http.port", args[1])
            .put("network.host", "127.0.0.1")
            .put("transport.port", 0)
            .put("discovery.type", "single-node");
    for (String setting : List.of(args).subList(2, args.length)) {
      String[] pair = setting.split("=", 2);
      settings.put(pair[0], pair[1]);
    }
    LogConfigurator.configureWithoutConfig(settings.build());
    Node node = new OpenSearchNode(InternalSettingsPreparer.prepareEnvironment(settings.build(), Map.of(), null, () -> "peer"));
    Runtime.getRuntime().addShutdownHook(new Thread(() -> closeQuietly(node)));
    node.start();
    Thread.currentThread().join();
  }

  private static void closeQuietly(Node node) {
    try {
      node.close();
    } catch (java.io.IOException e) {
      e.printStackTrace();
    }
  }
}
