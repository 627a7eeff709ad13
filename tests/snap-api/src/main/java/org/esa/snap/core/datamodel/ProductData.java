package org.esa.snap.core.datamodel;

import java.nio.charset.StandardCharsets;
import java.text.DateFormat;
import java.text.ParseException;
import java.text.SimpleDateFormat;
import java.time.Instant;
import java.util.Calendar;
import java.util.Date;
import java.util.GregorianCalendar;
import java.util.Locale;
import java.util.TimeZone;

/** An array of one of SNAP's sample types. Numbers written to an integer type are rounded, then cut to its width. */
public abstract class ProductData implements Cloneable {
    public static final int TYPE_UNDEFINED = 0;
    public static final int TYPE_INT8 = 10;
    public static final int TYPE_INT16 = 11;
    public static final int TYPE_INT32 = 12;
    public static final int TYPE_INT64 = 13;
    public static final int TYPE_UINT8 = 20;
    public static final int TYPE_UINT16 = 21;
    public static final int TYPE_UINT32 = 22;
    public static final int TYPE_UINT64 = 23;
    public static final int TYPE_FLOAT32 = 30;
    public static final int TYPE_FLOAT64 = 31;
    public static final int TYPE_ASCII = 41;
    public static final int TYPE_UTC = 51;

    private final int type;

    protected ProductData(int type) {
        this.type = type;
    }

    /** One element of the type. */
    public static ProductData createInstance(int type) {
        return createInstance(type, 1);
    }

    public static ProductData createInstance(int type, int numElems) {
        switch (type) {
            case TYPE_INT8:
                return new Byte(numElems);
            case TYPE_UINT8:
                return new UByte(numElems);
            case TYPE_INT16:
                return new Short(numElems);
            case TYPE_UINT16:
                return new UShort(numElems);
            case TYPE_INT32:
                return new Int(numElems);
            case TYPE_UINT32:
                return new UInt(numElems);
            case TYPE_FLOAT32:
                return new Float(numElems);
            case TYPE_FLOAT64:
                return new Double(numElems);
            case TYPE_ASCII:
                return new ASCII(numElems);
            case TYPE_UTC:
                return new UTC();
            default:
                throw new IllegalArgumentException("no sample type " + type);
        }
    }

    /** Wraps the array, or text, without a copy. */
    public static ProductData createInstance(int type, Object data) {
        ProductData instance = createInstance(type, 1);
        instance.setElems(data);
        return instance;
    }

    public static ProductData createInstance(byte[] elems) {
        return new Byte(elems);
    }

    public static ProductData createUnsignedInstance(byte[] elems) {
        return new UByte(elems);
    }

    public static ProductData createInstance(short[] elems) {
        return new Short(elems);
    }

    public static ProductData createUnsignedInstance(short[] elems) {
        return new UShort(elems);
    }

    public static ProductData createInstance(int[] elems) {
        return new Int(elems);
    }

    public static ProductData createUnsignedInstance(int[] elems) {
        return new UInt(elems);
    }

    public static ProductData createInstance(String strData) {
        return new ASCII(strData);
    }

    public static ProductData createInstance(float[] elems) {
        return new Float(elems);
    }

    public static ProductData createInstance(double[] elems) {
        return new Double(elems);
    }

    public int getType() {
        return type;
    }

    /** The type's name as in a BEAM-DIMAP header. */
    public String getTypeString() {
        return getTypeString(type);
    }

    public static String getTypeString(int type) {
        switch (type) {
            case TYPE_INT8:
                return "int8";
            case TYPE_UINT8:
                return "uint8";
            case TYPE_INT16:
                return "int16";
            case TYPE_UINT16:
                return "uint16";
            case TYPE_INT32:
                return "int32";
            case TYPE_UINT32:
                return "uint32";
            case TYPE_FLOAT32:
                return "float32";
            case TYPE_FLOAT64:
                return "float64";
            case TYPE_ASCII:
                return "ascii";
            case TYPE_UTC:
                return "utc";
            default:
                throw new IllegalArgumentException("no sample type " + type);
        }
    }

    public static int getElemSize(int type) {
        switch (type) {
            case TYPE_INT16:
            case TYPE_UINT16:
                return 2;
            case TYPE_INT32:
            case TYPE_UINT32:
            case TYPE_FLOAT32:
            case TYPE_UTC:
                return 4;
            case TYPE_FLOAT64:
                return 8;
            default:
                return 1;
        }
    }

    public int getElemSize() {
        return getElemSize(type);
    }

    public boolean isInt() {
        return isIntType(type);
    }

    public static boolean isIntType(int type) {
        return type >= TYPE_INT8 && type < TYPE_FLOAT32;
    }

    public boolean isUnsigned() {
        return isUIntType(type);
    }

    public static boolean isUIntType(int type) {
        return type >= TYPE_UINT8 && type < TYPE_FLOAT32;
    }

    public static boolean isFloatingPointType(int type) {
        return type == TYPE_FLOAT32 || type == TYPE_FLOAT64;
    }

    public boolean isScalar() {
        return getNumElems() == 1;
    }

    public abstract int getNumElems();

    public int getElemInt() {
        return getElemIntAt(0);
    }

    public long getElemUInt() {
        return getElemUIntAt(0);
    }

    public float getElemFloat() {
        return getElemFloatAt(0);
    }

    public double getElemDouble() {
        return getElemDoubleAt(0);
    }

    public String getElemString() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < getNumElems(); i++) {
            text.append(i == 0 ? "" : ",").append(getElemStringAt(i));
        }
        return text.toString();
    }

    public boolean getElemBoolean() {
        return getElemBooleanAt(0);
    }

    public int getElemIntAt(int index) {
        return (int) whole(index);
    }

    public long getElemUIntAt(int index) {
        return whole(index);
    }

    public float getElemFloatAt(int index) {
        return (float) real(index);
    }

    public double getElemDoubleAt(int index) {
        return real(index);
    }

    public abstract String getElemStringAt(int index);

    public boolean getElemBooleanAt(int index) {
        return getElemIntAt(index) != 0;
    }

    public void setElemInt(int value) {
        setElemIntAt(0, value);
    }

    public void setElemUInt(long value) {
        setElemUIntAt(0, value);
    }

    public void setElemFloat(float value) {
        setElemFloatAt(0, value);
    }

    public void setElemDouble(double value) {
        setElemDoubleAt(0, value);
    }

    public void setElemIntAt(int index, int value) {
        setWhole(index, value);
    }

    public void setElemUIntAt(int index, long value) {
        setWhole(index, value);
    }

    public void setElemFloatAt(int index, float value) {
        setReal(index, value);
    }

    public void setElemDoubleAt(int index, double value) {
        setReal(index, value);
    }

    /** An element as a whole number: unsigned types as they are meant, real types rounded. */
    long whole(int index) {
        return Math.round(real(index));
    }

    void setWhole(int index, long value) {
        setReal(index, value);
    }

    double real(int index) {
        return whole(index);
    }

    void setReal(int index, double value) {
        setWhole(index, Math.round(value));
    }

    /** The array itself, of the primitive type. */
    public abstract Object getElems();

    public abstract void setElems(Object data);

    protected ProductData createDeepClone() {
        ProductData clone = createInstance(type, getNumElems());
        System.arraycopy(getElems(), 0, clone.getElems(), 0, getNumElems());
        return clone;
    }

    public void dispose() {
    }

    @Override
    public String toString() {
        return getElemString();
    }

    public static class Byte extends ProductData {
        protected byte[] _array;

        public Byte(int numElems) {
            this(numElems, false);
        }

        protected Byte(int numElems, boolean unsigned) {
            this(new byte[numElems], unsigned);
        }

        public Byte(byte[] array) {
            this(array, false);
        }

        protected Byte(byte[] array, boolean unsigned) {
            this(array, unsigned ? TYPE_UINT8 : TYPE_INT8);
        }

        Byte(byte[] array, int type) {
            super(type);
            _array = array;
        }

        @Override
        public int getNumElems() {
            return _array.length;
        }

        @Override
        long whole(int index) {
            return _array[index];
        }

        @Override
        void setWhole(int index, long value) {
            _array[index] = (byte) value;
        }

        @Override
        public String getElemStringAt(int index) {
            return String.valueOf(whole(index));
        }

        @Override
        public Object getElems() {
            return _array;
        }

        @Override
        public void setElems(Object data) {
            _array = (byte[]) data;
        }
    }

    public static class UByte extends Byte {
        public UByte(int numElems) {
            super(numElems, true);
        }

        public UByte(byte[] array) {
            super(array, true);
        }

        @Override
        long whole(int index) {
            return _array[index] & 0xff;
        }
    }

    public static class Short extends ProductData {
        protected short[] _array;

        public Short(int numElems) {
            this(numElems, false);
        }

        protected Short(int numElems, boolean unsigned) {
            this(new short[numElems], unsigned);
        }

        public Short(short[] array) {
            this(array, false);
        }

        protected Short(short[] array, boolean unsigned) {
            super(unsigned ? TYPE_UINT16 : TYPE_INT16);
            _array = array;
        }

        @Override
        public int getNumElems() {
            return _array.length;
        }

        @Override
        long whole(int index) {
            return _array[index];
        }

        @Override
        void setWhole(int index, long value) {
            _array[index] = (short) value;
        }

        @Override
        public String getElemStringAt(int index) {
            return String.valueOf(whole(index));
        }

        @Override
        public Object getElems() {
            return _array;
        }

        @Override
        public void setElems(Object data) {
            _array = (short[]) data;
        }
    }

    public static class UShort extends Short {
        public UShort(int numElems) {
            super(numElems, true);
        }

        public UShort(short[] array) {
            super(array, true);
        }

        @Override
        long whole(int index) {
            return _array[index] & 0xffff;
        }
    }

    public static class Int extends ProductData {
        protected int[] _array;

        public Int(int numElems) {
            this(numElems, false);
        }

        protected Int(int numElems, boolean unsigned) {
            this(new int[numElems], unsigned);
        }

        public Int(int[] array) {
            this(array, false);
        }

        protected Int(int[] array, boolean unsigned) {
            super(unsigned ? TYPE_UINT32 : TYPE_INT32);
            _array = array;
        }

        @Override
        public int getNumElems() {
            return _array.length;
        }

        @Override
        long whole(int index) {
            return _array[index];
        }

        @Override
        void setWhole(int index, long value) {
            _array[index] = (int) value;
        }

        @Override
        public String getElemStringAt(int index) {
            return String.valueOf(whole(index));
        }

        @Override
        public Object getElems() {
            return _array;
        }

        @Override
        public void setElems(Object data) {
            _array = (int[]) data;
        }
    }

    public static class UInt extends Int {
        public UInt(int numElems) {
            super(numElems, true);
        }

        public UInt(int[] array) {
            super(array, true);
        }

        @Override
        long whole(int index) {
            return _array[index] & 0xffffffffL;
        }
    }

    public static class Float extends ProductData {
        protected float[] _array;

        public Float(int numElems) {
            this(new float[numElems]);
        }

        public Float(float[] array) {
            super(TYPE_FLOAT32);
            _array = array;
        }

        @Override
        public int getNumElems() {
            return _array.length;
        }

        @Override
        double real(int index) {
            return _array[index];
        }

        @Override
        void setReal(int index, double value) {
            _array[index] = (float) value;
        }

        @Override
        public String getElemStringAt(int index) {
            return String.valueOf(_array[index]);
        }

        @Override
        public Object getElems() {
            return _array;
        }

        @Override
        public void setElems(Object data) {
            _array = (float[]) data;
        }
    }

    public static class Double extends ProductData {
        protected double[] _array;

        public Double(int numElems) {
            this(new double[numElems]);
        }

        public Double(double[] array) {
            super(TYPE_FLOAT64);
            _array = array;
        }

        @Override
        public int getNumElems() {
            return _array.length;
        }

        @Override
        double real(int index) {
            return _array[index];
        }

        @Override
        void setReal(int index, double value) {
            _array[index] = value;
        }

        @Override
        public String getElemStringAt(int index) {
            return String.valueOf(_array[index]);
        }

        @Override
        public Object getElems() {
            return _array;
        }

        @Override
        public void setElems(Object data) {
            _array = (double[]) data;
        }
    }

    public static class ASCII extends Byte {
        public ASCII(int length) {
            super(new byte[length], TYPE_ASCII);
        }

        public ASCII(String data) {
            super(data.getBytes(StandardCharsets.UTF_8), TYPE_ASCII);
        }

        @Override
        public String getElemString() {
            return new String(_array, StandardCharsets.UTF_8);
        }

        @Override
        public String getElemStringAt(int index) {
            return String.valueOf((char) _array[index]);
        }

        @Override
        public void setElems(Object data) {
            super.setElems(data instanceof String ? ((String) data).getBytes(StandardCharsets.UTF_8) : data);
        }
    }

    /** Days since 2000-01-01, seconds of the day and microseconds; of type uint32, though its type string is utc. */
    public static class UTC extends UInt {
        public static final TimeZone UTC_TIME_ZONE = TimeZone.getTimeZone("UTC");
        public static final String DATE_FORMAT_PATTERN = "dd-MMM-yyyy HH:mm:ss";

        private static final Instant EPOCH = Instant.parse("2000-01-01T00:00:00Z");
        private static final long SECONDS_PER_DAY = 86_400;

        public UTC() {
            super(3);
        }

        public UTC(int days, int seconds, int microSeconds) {
            super(new int[] {days, seconds, microSeconds});
        }

        public static UTC create(Date date, long micros) {
            long seconds = Math.floorDiv(date.getTime(), 1000L) - EPOCH.getEpochSecond();
            return new UTC((int) Math.floorDiv(seconds, SECONDS_PER_DAY),
                    (int) Math.floorMod(seconds, SECONDS_PER_DAY), (int) micros);
        }

        public static Calendar createCalendar() {
            Calendar calendar = new GregorianCalendar(UTC_TIME_ZONE, Locale.ENGLISH);
            calendar.setTime(Date.from(EPOCH));
            return calendar;
        }

        public static DateFormat createDateFormat(String pattern) {
            SimpleDateFormat format = new SimpleDateFormat(pattern, Locale.ENGLISH);
            format.setCalendar(createCalendar());
            return format;
        }

        public static UTC parse(String text) throws ParseException {
            return parse(text, DATE_FORMAT_PATTERN);
        }

        /** The pattern is for whole seconds; a fraction of up to six digits may follow in the text. */
        public static UTC parse(String text, String pattern) throws ParseException {
            int dot = text.lastIndexOf('.');
            String whole = dot < 0 ? text : text.substring(0, dot);
            String fraction = dot < 0 ? "" : text.substring(dot + 1);
            if (!fraction.matches("\\d{0,6}")) {
                throw new ParseException("fraction of a second in " + text, dot);
            }
            int micros = Integer.parseInt((fraction + "000000").substring(0, 6));
            return create(createDateFormat(pattern).parse(whole), micros);
        }

        public String format() {
            return createDateFormat(DATE_FORMAT_PATTERN).format(getAsDate()).toUpperCase(Locale.ENGLISH)
                    + String.format(Locale.ENGLISH, ".%06d", getMicroSecondsFraction());
        }

        @Override
        public String getTypeString() {
            return getTypeString(TYPE_UTC);
        }

        @Override
        public String getElemString() {
            return format();
        }

        public Calendar getAsCalendar() {
            Calendar calendar = createCalendar();
            calendar.setTime(getAsDate());
            return calendar;
        }

        /** To the millisecond. */
        public Date getAsDate() {
            return Date.from(EPOCH.plusSeconds(getDaysFraction() * SECONDS_PER_DAY + getSecondsFraction())
                    .plusMillis(getMicroSecondsFraction() / 1000));
        }

        /** Days since 2000-01-01T00:00 with their fraction. */
        public double getMJD() {
            return getDaysFraction() + (getSecondsFraction() + getMicroSecondsFraction() / 1e6) / SECONDS_PER_DAY;
        }

        public int getDaysFraction() {
            return getElemIntAt(0);
        }

        public long getSecondsFraction() {
            return getElemUIntAt(1);
        }

        public long getMicroSecondsFraction() {
            return getElemUIntAt(2);
        }
    }
}
