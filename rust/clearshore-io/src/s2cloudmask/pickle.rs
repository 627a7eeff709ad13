//! The bytes of a pickle as data. A pickle is a program for a machine with a stack that names functions and calls them; here
//! calls are only written down. Arrays stand raw in joblib's files, after a note that says how long they are.

use clearshore::{Error, Result};
use std::collections::HashMap;
use std::ops::Range;

/// Newest protocol that is understood.
const PROTOCOL_MAX: u8 = 5;
/// joblib's note before an array.
const ARRAY_NOTE: &str = "joblib.numpy_pickle NumpyArrayWrapper";

/// Number of an [`Item`] in its [`Pickle`].
pub type Id = usize;

/// A piece of data.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// None, or what is of no concern.
    Nothing,
    Bool(bool),
    Integer(i64),
    Real(f64),
    Text(String),
    Bytes(Range<usize>),
    /// A list or a tuple.
    List(Vec<Id>),
    Dict(Vec<(Id, Id)>),
    /// A function or class: its module and name, with a space between.
    Named(String),
    /// What a call would give.
    Call {
        of: Id,
        arguments: Id,
        state: Option<Id>,
    },
    /// An array: the call that describes its numbers, its shape, where its bytes are.
    Array {
        numbers: Id,
        shape: Vec<usize>,
        bytes: Range<usize>,
    },
}

/// A pickle that was read.
#[derive(Debug)]
pub struct Pickle<'a> {
    bytes: &'a [u8],
    items: Vec<Item>,
    root: Id,
}

impl<'a> Pickle<'a> {
    /// Reads a pickle, protocol 2 to 5.
    ///
    /// # Errors
    /// Auxiliary: the bytes are none, or damaged.
    pub fn read(bytes: &'a [u8]) -> Result<Self> {
        let mut machine = Machine {
            bytes,
            at: 0,
            items: Vec::new(),
            stack: Vec::new(),
            marks: Vec::new(),
            memo: HashMap::new(),
        };
        match machine.run() {
            Ok(root) => Ok(Self {
                bytes,
                items: machine.items,
                root,
            }),
            Err(Broken(what)) => Err(Error::auxiliary("this is no pickle, or it is damaged")
                .got(format!("{what} before byte {}", machine.at))
                .expected("a pickle of joblib")),
        }
    }

    /// The outermost item.
    pub fn root(&self) -> &Item {
        self.item(self.root)
    }

    /// An item.
    pub fn item(&self, id: Id) -> &Item {
        self.items.get(id).unwrap_or(&Item::Nothing)
    }

    /// Raw bytes of an array or of bytes.
    pub fn raw(&self, bytes: &Range<usize>) -> &'a [u8] {
        self.bytes.get(bytes.clone()).unwrap_or_default()
    }

    /// What a dictionary, or the state of a call, has under a key.
    pub fn get(&self, item: &Item, key: &str) -> Option<&Item> {
        get(&self.items, item, key).map(|id| self.item(id))
    }

    /// Name of the function that a call calls.
    pub fn called(&self, item: &Item) -> Option<&str> {
        called(&self.items, item)
    }
}

fn get(items: &[Item], item: &Item, key: &str) -> Option<Id> {
    let dict = match item {
        Item::Call { state, .. } => items.get((*state)?)?,
        item => item,
    };
    let Item::Dict(entries) = dict else {
        return None;
    };
    let found = entries
        .iter()
        .rev()
        .find(|(name, _)| matches!(items.get(*name), Some(Item::Text(name)) if name == key));
    found.map(|(_, value)| *value)
}

fn called<'a>(items: &'a [Item], item: &Item) -> Option<&'a str> {
    match item {
        Item::Call { of, .. } => match items.get(*of) {
            Some(Item::Named(name)) => Some(name),
            _ => None,
        },
        _ => None,
    }
}

/// What is wrong.
struct Broken(&'static str);

type Step<T> = std::result::Result<T, Broken>;

struct Machine<'a> {
    bytes: &'a [u8],
    at: usize,
    items: Vec<Item>,
    stack: Vec<Id>,
    /// Heights of the stack at its marks.
    marks: Vec<usize>,
    memo: HashMap<u64, Id>,
}

impl<'a> Machine<'a> {
    /// Runs to the end: the item that is then on top.
    fn run(&mut self) -> Step<Id> {
        if self.byte()? != b'\x80' || !(2..=PROTOCOL_MAX).contains(&self.byte()?) {
            return Err(Broken("no protocol 2 to 5"));
        }
        loop {
            match self.byte()? {
                b'.' => return self.pop(),
                opcode => self.step(opcode)?,
            }
        }
    }

    fn step(&mut self, opcode: u8) -> Step<()> {
        match opcode {
            b'N' => self.push(Item::Nothing),
            b'\x88' => self.push(Item::Bool(true)),
            b'\x89' => self.push(Item::Bool(false)),
            b'K' => {
                let value = self.byte()?;
                self.push(Item::Integer(value.into()));
            }
            b'M' => {
                let value = u16::from_le_bytes(self.array()?);
                self.push(Item::Integer(value.into()));
            }
            b'J' => {
                let value = i32::from_le_bytes(self.array()?);
                self.push(Item::Integer(value.into()));
            }
            b'\x8a' => self.long()?,
            b'G' => {
                let value = f64::from_be_bytes(self.array()?);
                self.push(Item::Real(value));
            }
            b'X' | b'\x8c' | b'\x8d' => {
                let text = self.counted(opcode)?;
                let text = self.text(text)?;
                self.push(Item::Text(text));
            }
            b'B' | b'C' | b'\x8e' => {
                let bytes = self.counted(opcode)?;
                self.push(Item::Bytes(bytes));
            }
            b']' | b')' => self.push(Item::List(Vec::new())),
            b'}' => self.push(Item::Dict(Vec::new())),
            b'(' => self.marks.push(self.stack.len()),
            b't' | b'l' => {
                let members = self.above_mark()?;
                self.push(Item::List(members));
            }
            b'\x85'..=b'\x87' => {
                let members = self.top(usize::from(opcode - b'\x84'))?;
                self.push(Item::List(members));
            }
            b'a' => {
                let members = self.top(1)?;
                self.append(members)?;
            }
            b'e' => {
                let members = self.above_mark()?;
                self.append(members)?;
            }
            b's' => {
                let entry = self.top(2)?;
                self.set(&entry)?;
            }
            b'u' => {
                let entries = self.above_mark()?;
                self.set(&entries)?;
            }
            b'q' | b'r' | b'\x94' | b'h' | b'j' => self.remember(opcode)?,
            b'c' => {
                let [module, name] = [self.line()?, self.line()?];
                self.push(Item::Named(format!("{module} {name}")));
            }
            b'\x93' => {
                let names = self.top(2)?;
                match [&self.items[names[0]], &self.items[names[1]]] {
                    [Item::Text(module), Item::Text(name)] => {
                        let named = format!("{module} {name}");
                        self.push(Item::Named(named));
                    }
                    _ => return Err(Broken("a function without a name")),
                }
            }
            b'R' | b'\x81' => {
                let [arguments, of] = [self.pop()?, self.pop()?];
                self.push(Item::Call {
                    of,
                    arguments,
                    state: None,
                });
            }
            b'b' => self.build()?,
            b'0' => {
                self.pop()?;
            }
            // A frame is of no concern: it says how much to read at once.
            b'\x95' => {
                self.array::<8>()?;
            }
            _ => return Err(Broken("an instruction that such files do not have")),
        }
        Ok(())
    }

    /// Writes down the state of what was called; after joblib's note the array follows.
    fn build(&mut self) -> Step<()> {
        let state = self.pop()?;
        let id = *self.stack.last().ok_or(Broken("an empty stack"))?;
        let Some(Item::Call { state: place, .. }) = self.items.get_mut(id) else {
            return Err(Broken("a state of nothing"));
        };
        *place = Some(state);
        if called(&self.items, &self.items[id]) == Some(ARRAY_NOTE) {
            self.items[id] = self.noted_array(id)?;
        }
        Ok(())
    }

    fn noted_array(&mut self, note: Id) -> Step<Item> {
        let what = |key| get(&self.items, &self.items[note], key);
        let item = |id: Option<Id>| id.and_then(|id| self.items.get(id));
        let broken = Broken("an array that is not described");
        let (Some(numbers), Some(Item::List(shape))) = (what("dtype"), item(what("shape"))) else {
            return Err(broken);
        };
        let side = |id: &Id| match self.items.get(*id) {
            Some(Item::Integer(side)) => usize::try_from(*side).ok(),
            _ => None,
        };
        let shape: Option<Vec<usize>> = shape.iter().map(side).collect();
        let is_c = matches!(item(what("order")), Some(Item::Text(order)) if order == "C");
        let size = self
            .items
            .get(numbers)
            .and_then(|numbers| size_of_number(&self.items, numbers));
        let (Some(shape), Some(size), true) = (shape, size, is_c) else {
            return Err(broken);
        };
        // Newer files align their arrays: a byte says by how many bytes.
        if let Some(Item::Integer(_)) = item(what("numpy_array_alignment_bytes")) {
            let padding = self.byte()?;
            self.take(padding.into())?;
        }
        let length = shape
            .iter()
            .try_fold(size, |product, side| product.checked_mul(*side));
        let bytes = self.take(length.ok_or(Broken("an array beyond all bounds"))?)?;
        Ok(Item::Array {
            numbers,
            shape,
            bytes,
        })
    }

    fn push(&mut self, item: Item) {
        self.stack.push(self.items.len());
        self.items.push(item);
    }

    fn pop(&mut self) -> Step<Id> {
        let floor = self.marks.last().copied().unwrap_or(0);
        if self.stack.len() <= floor {
            return Err(Broken("an empty stack"));
        }
        self.stack.pop().ok_or(Broken("an empty stack"))
    }

    /// Takes the uppermost items off, the lowest first.
    fn top(&mut self, count: usize) -> Step<Vec<Id>> {
        let floor = self.marks.last().copied().unwrap_or(0);
        match self.stack.len().checked_sub(count) {
            Some(first) if first >= floor => Ok(self.stack.split_off(first)),
            _ => Err(Broken("an empty stack")),
        }
    }

    fn above_mark(&mut self) -> Step<Vec<Id>> {
        let mark = self.marks.pop().ok_or(Broken("no mark"))?;
        Ok(self.stack.split_off(mark.min(self.stack.len())))
    }

    fn append(&mut self, mut members: Vec<Id>) -> Step<()> {
        match self.stack.last().and_then(|id| self.items.get_mut(*id)) {
            Some(Item::List(list)) => list.append(&mut members),
            _ => return Err(Broken("no list to add to")),
        }
        Ok(())
    }

    fn set(&mut self, entries: &[Id]) -> Step<()> {
        match self.stack.last().and_then(|id| self.items.get_mut(*id)) {
            Some(Item::Dict(dict)) if entries.len().is_multiple_of(2) => {
                dict.extend(entries.chunks_exact(2).map(|entry| (entry[0], entry[1])));
                Ok(())
            }
            _ => Err(Broken("no dictionary to add to")),
        }
    }

    fn remember(&mut self, opcode: u8) -> Step<()> {
        let key = match opcode {
            b'q' | b'h' => self.byte()?.into(),
            b'r' | b'j' => u32::from_le_bytes(self.array()?).into(),
            _ => self.memo.len() as u64,
        };
        if matches!(opcode, b'h' | b'j') {
            let id = *self.memo.get(&key).ok_or(Broken("nothing remembered"))?;
            self.stack.push(id);
        } else {
            let id = *self.stack.last().ok_or(Broken("an empty stack"))?;
            self.memo.insert(key, id);
        }
        Ok(())
    }

    fn long(&mut self) -> Step<()> {
        let count = usize::from(self.byte()?);
        let range = self.take(count)?;
        let bytes = &self.bytes[range];
        if count > size_of::<i64>() {
            self.push(Item::Nothing);
            return Ok(());
        }
        let is_negative = bytes.last().is_some_and(|last| *last >= 1 << 7);
        let mut value = [if is_negative { u8::MAX } else { 0 }; size_of::<i64>()];
        value[..count].copy_from_slice(bytes);
        self.push(Item::Integer(i64::from_le_bytes(value)));
        Ok(())
    }

    /// Bytes with their number before them: in one byte, in eight or in four.
    fn counted(&mut self, opcode: u8) -> Step<Range<usize>> {
        let count = match opcode {
            b'\x8c' | b'C' => self.byte()?.into(),
            b'\x8d' | b'\x8e' => u64::from_le_bytes(self.array()?),
            _ => u32::from_le_bytes(self.array()?).into(),
        };
        self.take(usize::try_from(count).map_err(|_| Broken("a text beyond all bounds"))?)
    }

    fn line(&mut self) -> Step<String> {
        let rest = &self.bytes[self.at..];
        let length = rest
            .iter()
            .position(|byte| *byte == b'\n')
            .ok_or(Broken("a line without an end"))?;
        let line = self.take(length)?;
        self.byte()?;
        self.text(line)
    }

    fn text(&self, bytes: Range<usize>) -> Step<String> {
        let text = std::str::from_utf8(&self.bytes[bytes]);
        text.map(str::to_owned)
            .map_err(|_| Broken("a text that is none"))
    }

    fn take(&mut self, count: usize) -> Step<Range<usize>> {
        let end = self
            .at
            .checked_add(count)
            .filter(|end| *end <= self.bytes.len());
        let end = end.ok_or(Broken("the end"))?;
        Ok(std::mem::replace(&mut self.at, end)..end)
    }

    fn byte(&mut self) -> Step<u8> {
        let range = self.take(1)?;
        Ok(self.bytes[range.start])
    }

    fn array<const N: usize>(&mut self) -> Step<[u8; N]> {
        let range = self.take(N)?;
        self.bytes[range].try_into().map_err(|_| Broken("the end"))
    }
}

/// Bytes of a number by the call that describes it: the digits of `i8`, `f8`, `V56`.
fn size_of_name(name: &str) -> Option<usize> {
    name.get(1..)?.parse().ok().filter(|size| *size > 0)
}

fn size_of_number(items: &[Item], numbers: &Item) -> Option<usize> {
    let Item::Call { arguments, .. } = numbers else {
        return None;
    };
    let Item::List(arguments) = items.get(*arguments)? else {
        return None;
    };
    match items.get(*arguments.first()?)? {
        Item::Text(name) => size_of_name(name),
        _ => None,
    }
}
