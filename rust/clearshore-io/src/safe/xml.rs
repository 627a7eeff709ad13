//! XML elements by their local names, with errors that say file and element.
//!
//! Namespaces are ignored: they differ from one processing baseline to the next, the names don't.

use clearshore::{Error, Result};
use roxmltree::{Document, Node};
use std::str::FromStr;

/// What to do about broken metadata.
const ADVICE: &str = "download the product again; if it stays, the provider changed its metadata";

/// Parses a document; `file` is its place for messages.
pub fn parse<'i>(text: &'i str, file: &str) -> Result<Document<'i>> {
    Document::parse(text).map_err(|error| {
        Error::product("the XML is malformed")
            .at(file)
            .caused_by(error)
            .advice("download the product again")
    })
}

/// An element and the file it stands in.
#[derive(Clone, Copy)]
pub struct Element<'a> {
    node: Node<'a, 'a>,
    file: &'a str,
}

impl<'a> Element<'a> {
    /// The root element of a document.
    pub fn root(document: &'a Document<'a>, file: &'a str) -> Self {
        Self {
            node: document.root_element(),
            file,
        }
    }

    /// Local name.
    pub fn name(&self) -> &'a str {
        self.node.tag_name().name()
    }

    /// File and path of the element, for messages.
    pub fn place(&self) -> String {
        let mut names: Vec<&str> = self
            .node
            .ancestors()
            .filter(Node::is_element)
            .map(|node| node.tag_name().name())
            .collect();
        names.reverse();
        format!("{}, /{}", self.file, names.join("/"))
    }

    /// An error at this element.
    pub fn error(&self, what: impl Into<String>) -> Error {
        Error::product(what).at(self.place()).advice(ADVICE)
    }

    /// Child elements with a name.
    pub fn children(self, name: &'a str) -> impl Iterator<Item = Self> {
        let file = self.file;
        self.node
            .children()
            .filter(move |node| node.is_element() && node.tag_name().name() == name)
            .map(move |node| Self { node, file })
    }

    /// Descendant elements with a name, in document order.
    pub fn descendants(self, name: &'a str) -> impl Iterator<Item = Self> {
        let file = self.file;
        self.node
            .descendants()
            .filter(move |node| node.is_element() && node.tag_name().name() == name)
            .map(move |node| Self { node, file })
    }

    /// The element at a path of names below this one, if it is there.
    pub fn find(self, path: &[&'a str]) -> Option<Self> {
        path.iter()
            .try_fold(self, |element, name| element.children(name).next())
    }

    /// The element at a path of names below this one.
    pub fn get(self, path: &[&'a str]) -> Result<Self> {
        let mut element = self;
        for name in path {
            element = element.children(name).next().ok_or_else(|| {
                Error::product(format!("the element {name} is missing"))
                    .at(format!("{}/{name}", element.place()))
                    .advice(ADVICE)
            })?;
        }
        Ok(element)
    }

    /// Text without the white space around it.
    pub fn text(&self) -> &'a str {
        self.node.text().unwrap_or_default().trim()
    }

    /// Text that must not be empty.
    pub fn filled(&self) -> Result<&'a str> {
        match self.text() {
            "" => Err(self.error(format!("the element {} is empty", self.name()))),
            text => Ok(text),
        }
    }

    /// Text as a value that `accept` agrees to; `expected` says what that is.
    pub fn value<T>(&self, expected: &str, accept: impl Fn(&T) -> bool) -> Result<T>
    where
        T: FromStr,
    {
        self.check(self.name(), self.text(), expected, accept)
    }

    /// An attribute's text.
    pub fn attribute(&self, name: &str) -> Option<&'a str> {
        self.node.attribute(name).map(str::trim)
    }

    /// An attribute by its local name, in whatever namespace.
    pub fn attribute_in_any_namespace(&self, name: &str) -> Option<&'a str> {
        self.node
            .attributes()
            .find(|attribute| attribute.name() == name)
            .map(|attribute| attribute.value().trim())
    }

    /// An attribute as a value that `accept` agrees to.
    pub fn attribute_value<T>(
        &self,
        name: &str,
        expected: &str,
        accept: impl Fn(&T) -> bool,
    ) -> Result<T>
    where
        T: FromStr,
    {
        let text = self
            .attribute(name)
            .ok_or_else(|| self.error(format!("the attribute {name} is missing")))?;
        self.check(&format!("attribute {name}"), text, expected, accept)
    }

    fn check<T>(
        &self,
        what: &str,
        text: &str,
        expected: &str,
        accept: impl Fn(&T) -> bool,
    ) -> Result<T>
    where
        T: FromStr,
    {
        text.parse::<T>()
            .ok()
            .filter(|value| accept(value))
            .ok_or_else(|| {
                self.error(format!("{what} is not {expected}"))
                    .got(format!("{text:?}"))
                    .expected(expected)
            })
    }
}
