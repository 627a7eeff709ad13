package org.clearshore.snapapi;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.objectweb.asm.AnnotationVisitor;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.FieldVisitor;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/** What a class file has and what it names. */
final class ClassShape {
    private static final int CLASS = 7;
    private static final int FIELD = 9;
    private static final int METHOD = 10;
    private static final int INTERFACE_METHOD = 11;

    /** Where {@link TestOnly} stands on members. */
    private static final String TEST_ONLY = Type.getDescriptor(TestOnly.class);

    /** A field or method of the class. */
    static final class Member {
        final boolean visible;
        boolean testOnly;

        Member(int access) {
            visible = (access & (Opcodes.ACC_PUBLIC | Opcodes.ACC_PROTECTED)) != 0;
        }
    }

    /** A use of a field or method. */
    static final class Reference {
        final String owner;
        final String member;
        final boolean ofInterface;

        Reference(String owner, String member, boolean ofInterface) {
            this.owner = owner;
            this.member = member;
            this.ofInterface = ofInterface;
        }

        boolean isField() {
            return member.indexOf('(') < 0;
        }

        @Override
        public String toString() {
            return owner + '.' + member;
        }
    }

    final String name;
    final int version;
    final boolean visible;
    final boolean isInterface;
    final List<String> parents = new ArrayList<>();
    /** By name and descriptor, a blank between them. */
    final Map<String, Member> members = new HashMap<>();
    final Set<String> classes = new TreeSet<>();
    final List<Reference> references = new ArrayList<>();

    private ClassShape(ClassReader reader) {
        name = reader.getClassName();
        version = reader.readUnsignedShort(6);
        visible = (reader.getAccess() & Opcodes.ACC_PUBLIC) != 0;
        isInterface = (reader.getAccess() & Opcodes.ACC_INTERFACE) != 0;
        if (reader.getSuperName() != null) {
            parents.add(reader.getSuperName());
        }
        parents.addAll(Arrays.asList(reader.getInterfaces()));
    }

    static ClassShape of(byte[] classFile) {
        ClassReader reader = new ClassReader(classFile);
        ClassShape shape = new ClassShape(reader);
        if (!shape.isJava()) {
            shape.collectReferences(reader);
        }
        reader.accept(shape.new Visitor(), ClassReader.SKIP_CODE | ClassReader.SKIP_DEBUG);
        return shape;
    }

    boolean isJava() {
        return name.startsWith("java/") || name.startsWith("javax/") || name.startsWith("jdk/");
    }

    /** Everything that code names stands in the constant pool. */
    private void collectReferences(ClassReader reader) {
        char[] buffer = new char[reader.getMaxStringLength()];
        for (int item = 1; item < reader.getItemCount(); item++) {
            int offset = reader.getItem(item);
            int tag = offset == 0 ? 0 : reader.readByte(offset - 1);
            if (tag == CLASS) {
                addType(Type.getObjectType(reader.readUTF8(offset, buffer)));
            } else if (tag == FIELD || tag == METHOD || tag == INTERFACE_METHOD) {
                String owner = reader.readClass(offset, buffer);
                int nameAndType = reader.getItem(reader.readUnsignedShort(offset + 2));
                String descriptor = reader.readUTF8(nameAndType + 2, buffer);
                addReference(owner, reader.readUTF8(nameAndType, buffer), descriptor, tag == INTERFACE_METHOD);
            }
        }
    }

    private void addReference(String owner, String member, String descriptor, boolean ofInterface) {
        if (!owner.startsWith("[")) {
            references.add(new Reference(owner, member + ' ' + descriptor, ofInterface));
        }
        addDescriptor(descriptor);
    }

    private void addDescriptor(String descriptor) {
        Type type = Type.getType(descriptor);
        if (type.getSort() == Type.METHOD) {
            addType(type.getReturnType());
            Arrays.stream(type.getArgumentTypes()).forEach(this::addType);
        } else {
            addType(type);
        }
    }

    private void addType(Type type) {
        Type element = type.getSort() == Type.ARRAY ? type.getElementType() : type;
        if (element.getSort() == Type.OBJECT) {
            classes.add(element.getInternalName());
        }
    }

    private Member addMember(int access, String member, String descriptor) {
        Member added = new Member(access);
        members.put(member + ' ' + descriptor, added);
        addDescriptor(descriptor);
        return added;
    }

    private final class Visitor extends ClassVisitor {
        Visitor() {
            super(Opcodes.ASM9);
        }

        @Override
        public AnnotationVisitor visitAnnotation(String descriptor, boolean isVisible) {
            return annotation(descriptor);
        }

        @Override
        public FieldVisitor visitField(int access, String field, String descriptor, String signature, Object value) {
            Member member = addMember(access, field, descriptor);
            return new FieldVisitor(Opcodes.ASM9) {
                @Override
                public AnnotationVisitor visitAnnotation(String annotated, boolean isVisible) {
                    member.testOnly |= annotated.equals(TEST_ONLY);
                    return annotation(annotated);
                }
            };
        }

        @Override
        public MethodVisitor visitMethod(int access, String method, String descriptor, String signature,
                                         String[] exceptions) {
            Member member = addMember(access, method, descriptor);
            return new MethodVisitor(Opcodes.ASM9) {
                @Override
                public AnnotationVisitor visitAnnotation(String annotated, boolean isVisible) {
                    member.testOnly |= annotated.equals(TEST_ONLY);
                    return annotation(annotated);
                }
            };
        }

        /** The attributes of an annotation are methods without parameters; of their types only the simple matter. */
        private AnnotationVisitor annotation(String descriptor) {
            String owner = Type.getType(descriptor).getInternalName();
            addDescriptor(descriptor);
            return new AnnotationVisitor(Opcodes.ASM9) {
                @Override
                public void visit(String attribute, Object value) {
                    Class<?> type = value.getClass();
                    String result = type == Boolean.class ? "Z" : type == Integer.class ? "I"
                            : value instanceof Type ? "Ljava/lang/Class;" : Type.getDescriptor(type);
                    addReference(owner, attribute, "()" + result, true);
                }
            };
        }
    }
}
