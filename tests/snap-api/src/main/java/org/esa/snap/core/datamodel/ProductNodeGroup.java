package org.esa.snap.core.datamodel;

import java.util.ArrayList;
import java.util.List;

/** Nodes of one kind in the order of their adding; names are compared without regard to case. */
public class ProductNodeGroup<T extends ProductNode> extends ProductNode {
    private final List<T> nodes = new ArrayList<>();
    private final boolean takingOverNodeOwnership;

    public ProductNodeGroup(String name) {
        this(null, name, true);
    }

    public ProductNodeGroup(ProductNode owner, String name, boolean takingOverNodeOwnership) {
        super(name);
        this.takingOverNodeOwnership = takingOverNodeOwnership;
        setOwner(owner);
    }

    public int getNodeCount() {
        return nodes.size();
    }

    public T get(int index) {
        return nodes.get(index);
    }

    /** The node of the name, or null. */
    public T get(String name) {
        int index = indexOf(name);
        return index < 0 ? null : nodes.get(index);
    }

    public String[] getNodeNames() {
        return nodes.stream().map(ProductNode::getName).toArray(String[]::new);
    }

    public ProductNode[] toArray() {
        return nodes.toArray(new ProductNode[0]);
    }

    public T[] toArray(T[] array) {
        return nodes.toArray(array);
    }

    public int indexOf(String name) {
        for (int i = 0; i < nodes.size(); i++) {
            if (nodes.get(i).getName().equalsIgnoreCase(name)) {
                return i;
            }
        }
        return -1;
    }

    public int indexOf(T element) {
        return nodes.indexOf(element);
    }

    public boolean contains(String name) {
        return indexOf(name) >= 0;
    }

    public boolean contains(T node) {
        return nodes.contains(node);
    }

    public boolean add(T node) {
        add(nodes.size(), node);
        return true;
    }

    public void add(int index, T node) {
        nodes.add(index, node);
        if (takingOverNodeOwnership) {
            node.setOwner(this);
        }
        setModified(true);
    }

    public boolean remove(T node) {
        boolean removed = nodes.remove(node);
        if (removed && takingOverNodeOwnership) {
            node.setOwner(null);
        }
        setModified(removed || isModified());
        return removed;
    }

    public void removeAll() {
        for (T node : new ArrayList<>(nodes)) {
            remove(node);
        }
    }

    @Override
    public void setModified(boolean modified) {
        super.setModified(modified);
        if (!modified) {
            nodes.forEach(node -> node.setModified(false));
        }
    }

    @Override
    public void dispose() {
        nodes.forEach(ProductNode::dispose);
        nodes.clear();
        super.dispose();
    }
}
