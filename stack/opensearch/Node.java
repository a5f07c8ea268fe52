import java.io.PrintStream;
import org.codelibs.opensearch.runner.OpenSearchRunner;
import org.opensearch.http.HttpServerTransport;

/**
 * One OpenSearch node on loopback. Argument: folder for its data. Prints `ready URL` once it
 * answers, and ends when standard input does, so that it never outlives who started it.
 */
public final class Node {
    public static void main(String[] arguments) throws Exception {
        PrintStream out = System.out;
        System.setOut(System.err); // where the log goes
        OpenSearchRunner runner = new OpenSearchRunner();
        runner.onBuild((number, settings) -> {
            settings.put("discovery.type", "single-node");
            settings.put("network.host", "127.0.0.1");
            settings.put("http.port", "0");
            settings.put("transport.port", "0");
            // a full disk elsewhere is not what is tested
            settings.put("cluster.routing.allocation.disk.threshold_enabled", "false");
            // no backing index waits for a second node
            settings.put("cluster.default_number_of_replicas", "0");
        });
        runner.build(OpenSearchRunner.newConfigs()
            .basePath(arguments[0])
            .clusterName("auditweir-stack")
            .numOfNode(1)
            .useLogger());
        runner.ensureYellow();
        HttpServerTransport http = runner.node().injector().getInstance(HttpServerTransport.class);
        int port = http.boundAddress().publishAddress().address().getPort();
        out.println("ready http://127.0.0.1:" + port);
        out.flush();
        while (System.in.read() >= 0) { }
        // data is thrown away: no orderly end is needed
        Runtime.getRuntime().halt(0);
    }
}
