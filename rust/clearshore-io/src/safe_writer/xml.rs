//! Writes indented XML.

/// An XML text in the making.
#[derive(Debug)]
pub(super) struct Xml {
    text: String,
    open: Vec<&'static str>,
}

impl Xml {
    /// A document, with the declaration that ESA's have.
    pub fn new() -> Self {
        Self {
            text: "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>\n".into(),
            open: Vec::new(),
        }
    }

    /// Writes an element and, inside, what `content` writes.
    pub fn element(
        &mut self,
        name: &'static str,
        attributes: &str,
        content: impl FnOnce(&mut Self),
    ) {
        self.indent();
        let space = if attributes.is_empty() { "" } else { " " };
        self.text += &format!("<{name}{space}{attributes}>\n");
        self.open.push(name);
        content(self);
        self.open.pop();
        self.indent();
        self.text += &format!("</{name}>\n");
    }

    /// Writes an element that holds text only.
    pub fn leaf(&mut self, name: &str, attributes: &str, text: impl std::fmt::Display) {
        self.indent();
        let space = if attributes.is_empty() { "" } else { " " };
        self.text += &format!("<{name}{space}{attributes}>{text}</{name}>\n");
    }

    /// Writes an element without content.
    pub fn empty(&mut self, name: &str, attributes: &str) {
        self.indent();
        let space = if attributes.is_empty() { "" } else { " " };
        self.text += &format!("<{name}{space}{attributes}/>\n");
    }

    /// The finished text.
    pub fn finish(self) -> String {
        self.text
    }

    fn indent(&mut self) {
        self.text += &"  ".repeat(self.open.len());
    }
}
