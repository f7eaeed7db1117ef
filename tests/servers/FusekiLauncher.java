import org.apache.jena.fuseki.main.FusekiServer;
import org.apache.jena.query.ARQ;
import org.apache.jena.sparql.core.DatasetGraphFactory;

/**
 * Starts Fuseki in memory on a free port of 127.0.0.1, prints `ready PORT`, ends with its standard input.
 * The one argument is how many milliseconds a query may take.
 */
public class FusekiLauncher {
    public static void main(String[] args) throws Exception {
        ARQ.getContext().set(ARQ.queryTimeout, args[0]);
        var server = FusekiServer.create()
                .port(0)
                .loopback(true)
                .add("/ds", DatasetGraphFactory.createTxnMem(), true)
                .build();
        server.start();
        System.out.println("ready " + server.getPort());
        System.out.flush();
        while (System.in.read() >= 0) { }
        Runtime.getRuntime().halt(0);
    }
}
