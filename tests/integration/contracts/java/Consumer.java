import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.Conversions;
import org.apache.avro.NameValidator;
import org.apache.avro.Schema;
import org.apache.avro.data.TimeConversions;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.io.DecoderFactory;

/** Reads lines of schema, tab, value in hex; writes each value as canonical JSON. */
public class Consumer {
  private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("HH:mm:ss.SSSSSS");
  private static final DateTimeFormatter MOMENT =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS");

  public static void main(String[] arguments) throws Exception {
    GenericData data = new GenericData();
    data.addLogicalTypeConversion(new Conversions.DecimalConversion());
    data.addLogicalTypeConversion(new Conversions.UUIDConversion());
    data.addLogicalTypeConversion(new TimeConversions.DateConversion());
    data.addLogicalTypeConversion(new TimeConversions.TimeMicrosConversion());
    data.addLogicalTypeConversion(new TimeConversions.TimestampMicrosConversion());
    data.addLogicalTypeConversion(new TimeConversions.LocalTimestampMicrosConversion());
    StringBuilder out = new StringBuilder();
    for (String line : Files.readAllLines(Path.of(arguments[0]))) {
      String[] parts = line.split("\t");
      Schema.Parser parser = new Schema.Parser(NameValidator.STRICT_VALIDATOR);
      parser.setValidateDefaults(true);
      Schema schema = parser.parse(parts[0]);
      byte[] bytes = HexFormat.of().parseHex(parts[1]);
      Object value = new GenericDatumReader<>(schema, schema, data)
          .read(null, DecoderFactory.get().binaryDecoder(bytes, null));
      write(out, value);
      out.append('\n');
    }
    Files.writeString(Path.of(arguments[1]), out);
  }

  static void write(StringBuilder out, Object value) {
    if (value == null || value instanceof Boolean || value instanceof Integer
        || value instanceof Long) {
      out.append(value);
    } else if (value instanceof Double number) {
      number(out, number, number.toString());
    } else if (value instanceof Float number) {
      number(out, number, number.toString());
    } else if (value instanceof IndexedRecord record) {
      Map<String, Object> fields = new TreeMap<>();
      for (Schema.Field field : record.getSchema().getFields()) {
        fields.put(field.name(), record.get(field.pos()));
      }
      object(out, fields);
    } else if (value instanceof Map<?, ?> entries) {
      Map<String, Object> sorted = new TreeMap<>();
      entries.forEach((key, held) -> sorted.put(key.toString(), held));
      object(out, sorted);
    } else if (value instanceof List<?> elements) {
      list(out, elements);
    } else {
      text(out, plain(value));
    }
  }

  private static void number(StringBuilder out, double value, String text) {
    if (Double.isFinite(value)) {
      out.append(text);
    } else {
      text(out, text);
    }
  }

  private static String plain(Object value) {
    if (value instanceof BigDecimal decimal) {
      return decimal.toPlainString();
    } else if (value instanceof ByteBuffer bytes) {
      byte[] content = new byte[bytes.remaining()];
      bytes.duplicate().get(content);
      return HexFormat.of().formatHex(content);
    } else if (value instanceof LocalTime time) {
      return CLOCK.format(time);
    } else if (value instanceof LocalDateTime moment) {
      return MOMENT.format(moment);
    } else if (value instanceof Instant instant) {
      return MOMENT.format(instant.atOffset(ZoneOffset.UTC)) + "Z";
    }
    return value.toString();
  }

  private static void object(StringBuilder out, Map<String, Object> fields) {
    out.append('{');
    String comma = "";
    for (Map.Entry<String, Object> field : fields.entrySet()) {
      out.append(comma);
      text(out, field.getKey());
      out.append(':');
      write(out, field.getValue());
      comma = ",";
    }
    out.append('}');
  }

  private static void list(StringBuilder out, List<?> elements) {
    out.append('[');
    String comma = "";
    for (Object element : elements) {
      out.append(comma);
      write(out, element);
      comma = ",";
    }
    out.append(']');
  }

  static void text(StringBuilder out, String value) {
    out.append('"');
    for (char one : value.toCharArray()) {
      if (one < ' ' || one == '"' || one == '\\' || one > '~') {
        out.append(String.format("\\u%04x", (int) one));
      } else {
        out.append(one);
      }
    }
    out.append('"');
  }
}
