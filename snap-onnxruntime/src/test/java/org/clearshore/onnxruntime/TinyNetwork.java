package org.clearshore.onnxruntime;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** A network of one convolution of 1 x 1 pixels as an ONNX file, written field by field (onnx.proto of ONNX 1.17). */
final class TinyNetwork {
    private static final int IR_VERSION = 8;
    private static final int OPERATORS = 17;
    private static final int FLOAT = 1;

    private TinyNetwork() {
    }

    /** Weights are (classes, bands). */
    static byte[] of(int bands, int patch, float[] weights, float[] bias) {
        byte[] node = join(text(1, "input"), text(1, "weights"), text(1, "bias"), text(2, "output"), text(4, "Conv"));
        byte[] graph = join(bytes(1, node), text(2, "tiny"),
                bytes(5, constant("weights", weights, bias.length, bands, 1, 1)), bytes(5, constant("bias", bias, bias.length)),
                bytes(11, border("input", 1, bands, patch, patch)), bytes(12, border("output", 1, bias.length, patch, patch)));
        return join(number(1, IR_VERSION), bytes(7, graph), bytes(8, number(2, OPERATORS)));
    }

    private static byte[] border(String name, int... shape) {
        byte[] sizes = {};
        for (int size : shape) {
            sizes = join(sizes, bytes(1, number(1, size)));
        }
        return join(text(1, name), bytes(2, bytes(1, join(number(1, FLOAT), bytes(2, sizes)))));
    }

    private static byte[] constant(String name, float[] values, int... shape) {
        ByteBuffer raw = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        raw.asFloatBuffer().put(values);
        byte[] sizes = {};
        for (int size : shape) {
            sizes = join(sizes, number(1, size));
        }
        return join(sizes, number(2, FLOAT), text(8, name), bytes(9, raw.array()));
    }

    private static byte[] text(int field, String value) {
        return bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] bytes(int field, byte[] value) {
        return join(varint(field << 3 | 2), varint(value.length), value);
    }

    private static byte[] number(int field, int value) {
        return join(varint(field << 3), varint(value));
    }

    private static byte[] varint(int value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int rest = value;
        while (rest >= 0x80) {
            out.write(rest & 0x7f | 0x80);
            rest >>>= 7;
        }
        out.write(rest);
        return out.toByteArray();
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }
}
