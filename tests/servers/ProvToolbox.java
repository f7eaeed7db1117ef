import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TimeZone;
import org.openprovenance.prov.interop.InteropFramework;
import org.openprovenance.prov.model.DateTimeOption;
import org.openprovenance.prov.model.Document;

/**
 * Reads documents with ProvToolbox and writes them again. Each line of the file has the name of a
 * document and of those to write, separated by tabs; it prints the name and "read", or the fault.
 */
public class ProvToolbox {
    public static void main(String[] arguments) throws Exception {
        PrintStream out = System.out;
        System.setOut(System.err); // where ProvToolbox logs
        InteropFramework interop = new InteropFramework();
        TimeZone zone = TimeZone.getTimeZone("UTC");
        for (String line : Files.readAllLines(Path.of(arguments[0]))) {
            String[] files = line.split("\t");
            String answer = "read";
            try {
                Document document = interop.readDocumentFromFile(files[0], DateTimeOption.PRESERVE, zone);
                for (int number = 1; number < files.length; number++) {
                    interop.writeDocument(files[number], document);
                }
            } catch (Throwable error) {
                while (error.getCause() != null) {
                    error = error.getCause();
                }
                answer = error.toString().replaceAll("\\s+", " ");
            }
            out.println(files[0] + "\t" + answer);
        }
    }
}
