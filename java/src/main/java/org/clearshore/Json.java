package org.clearshore;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonDeserializer;
import com.google.gson.JsonObject;
import com.google.gson.TypeAdapter;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.JsonWriter;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** What goes in and out of the native library as JSON. */
final class Json {
    private static final Gson GSON = new GsonBuilder()
            .registerTypeAdapter(float.class, new UnknownAsNull())
            .registerTypeAdapter(Float.class, new UnknownAsNull())
            .registerTypeAdapter(Grid.class, (JsonDeserializer<Grid>) (json, type, context) -> {
                JsonObject grid = json.getAsJsonObject();
                return new Grid(
                        grid.get("epsg").getAsInt(),
                        grid.get("easting").getAsDouble(),
                        grid.get("northing").getAsDouble(),
                        grid.get("pixelSize").getAsDouble(),
                        grid.get("width").getAsInt(),
                        grid.get("height").getAsInt());
            })
            .create();

    private Json() {
    }

    static <T> T read(String json, Class<T> type) {
        return GSON.fromJson(json, type);
    }

    static String write(FeedDescription description) {
        return write("the description of the scene", description);
    }

    static String write(WindGrid wind) {
        return write("the wind", wind);
    }

    private static String write(String name, Object value) {
        try {
            return GSON.toJson(value);
        } catch (IllegalArgumentException e) {
            throw new ClearshoreException(ClearshoreException.Kind.PARAMETER,
                    "Parameter error: " + name + " has a number that is none\n  cause: " + e.getMessage(), e);
        }
    }

    /** Values as their text: the native library knows what they have to be. A null value stands for the default. */
    static String write(Map<String, ?> parameters) {
        Map<String, String> texts = new LinkedHashMap<>();
        parameters.forEach((name, value) -> texts.put(name, value == null ? null : value.toString()));
        return GSON.toJson(texts);
    }

    /** JSON has no NaN. */
    private static final class UnknownAsNull extends TypeAdapter<Float> {
        @Override
        public void write(JsonWriter out, Float value) throws IOException {
            out.value(Float.isFinite(value) ? value : null);
        }

        @Override
        public Float read(JsonReader in) throws IOException {
            if (in.peek() == JsonToken.NULL) {
                in.nextNull();
                return Float.NaN;
            }
            return (float) in.nextDouble();
        }
    }
}
