import io.apicurio.registry.utils.converter.AvroConverter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.data.Struct;

/**
 * Reads lines of topic, tab, message in hex, with Connect's Avro converter; writes for each the
 * Connect schema, tab, the value as JSON, tab, the message that the converter makes of it again.
 */
public class Sink {
  public static void main(String[] arguments) throws Exception {
    Map<String, Object> settings = new HashMap<>();
    for (String line : Files.readAllLines(Path.of(arguments[2]))) {
      String[] parts = line.split("=", 2);
      settings.put(parts[0], parts[1]);
    }
    AvroConverter<Object> converter = new AvroConverter<>();
    converter.configure(settings, false);
    StringBuilder out = new StringBuilder();
    for (String line : Files.readAllLines(Path.of(arguments[0]))) {
      String[] parts = line.split("\t");
      byte[] message = HexFormat.of().parseHex(parts[1]);
      SchemaAndValue got = converter.toConnectData(parts[0], message);
      schema(out, got.schema());
      out.append('\t');
      value(out, got.value());
      out.append('\t');
      byte[] back = converter.fromConnectData(parts[0] + "-back", got.schema(), got.value());
      out.append(HexFormat.of().formatHex(back)).append('\n');
    }
    Files.writeString(Path.of(arguments[1]), out);
    converter.close();
  }

  private static void schema(StringBuilder out, Schema schema) {
    out.append("{\"type\":\"").append(schema.type().getName()).append('"');
    if (schema.name() != null) {
      out.append(",\"name\":");
      Consumer.text(out, schema.name());
    }
    if (schema.isOptional()) {
      out.append(",\"optional\":true");
    }
    switch (schema.type()) {
      case STRUCT -> {
        out.append(",\"fields\":{");
        String comma = "";
        for (Field field : schema.fields()) {
          out.append(comma);
          Consumer.text(out, field.name());
          out.append(':');
          schema(out, field.schema());
          comma = ",";
        }
        out.append('}');
      }
      case ARRAY, MAP -> {
        out.append(",\"values\":");
        schema(out, schema.valueSchema());
      }
      default -> { }
    }
    out.append('}');
  }

  private static void value(StringBuilder out, Object value) {
    if (value instanceof Struct struct) {
      Map<String, Object> fields = new TreeMap<>();
      for (Field field : struct.schema().fields()) {
        fields.put(field.name(), struct.get(field));
      }
      value(out, fields);
    } else if (value instanceof Map<?, ?> entries) {
      out.append('{');
      String comma = "";
      for (Map.Entry<?, ?> entry : new TreeMap<>(entries).entrySet()) {
        out.append(comma);
        Consumer.text(out, entry.getKey().toString());
        out.append(':');
        value(out, entry.getValue());
        comma = ",";
      }
      out.append('}');
    } else if (value instanceof List<?> elements) {
      out.append('[');
      String comma = "";
      for (Object element : elements) {
        out.append(comma);
        value(out, element);
        comma = ",";
      }
      out.append(']');
    } else if (value instanceof java.util.Date moment) {
      out.append(moment.getTime());
    } else if (value instanceof byte[] bytes) {
      Consumer.text(out, HexFormat.of().formatHex(bytes));
    } else {
      Consumer.write(out, value);
    }
  }
}
