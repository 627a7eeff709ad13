package org.esa.snap.core.datamodel;

import com.bc.ceres.core.ExtensibleObject;
import org.esa.snap.core.dataio.ProductReader;

/** A named part of a product. */
public abstract class ProductNode extends ExtensibleObject {
    private static final String VALID_NAME = "[^\\\\/:*?\"<>|.][^\\\\/:*?\"<>|]*";

    private ProductNode owner;
    private String name;
    private String description;
    private boolean modified;

    protected ProductNode(String name) {
        this(name, null);
    }

    protected ProductNode(String name, String description) {
        this.name = name.trim();
        if (this.name.isEmpty()) {
            throw new IllegalArgumentException("a node needs a name");
        }
        this.description = description;
    }

    public void setOwner(ProductNode owner) {
        this.owner = owner;
    }

    public ProductNode getOwner() {
        return owner;
    }

    public String getName() {
        return name;
    }

    public void setName(String name) {
        if (!isValidNodeName(name.trim())) {
            throw new IllegalArgumentException("The given name '" + name.trim() + "' is not a valid node name.");
        }
        this.name = name.trim();
        setModified(true);
    }

    public String getDescription() {
        return description;
    }

    public void setDescription(String description) {
        this.description = description;
        setModified(true);
    }

    public boolean isModified() {
        return modified;
    }

    public void setModified(boolean modified) {
        this.modified = modified;
        if (modified && owner != null) {
            owner.setModified(true);
        }
    }

    /** Neither empty nor an operator's name, and without the characters that file systems refuse. */
    public static boolean isValidNodeName(String name) {
        return name != null && !name.matches("(?i)or|and|not") && name.trim().matches(VALID_NAME);
    }

    /** The product that this node belongs to, or null. */
    public Product getProduct() {
        ProductNode node = this;
        while (node != null && !(node instanceof Product)) {
            node = node.owner;
        }
        return (Product) node;
    }

    public ProductReader getProductReader() {
        Product product = getProduct();
        return product == null ? null : product.getProductReader();
    }

    public String getDisplayName() {
        return name;
    }

    public void dispose() {
        owner = null;
    }

    @Override
    public String toString() {
        return getClass().getSimpleName() + "[" + name + "]";
    }
}
