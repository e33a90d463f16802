//! The machine that reads a pickle: a stack of objects, marks on it, and a memo.

use std::collections::HashMap;

use super::object::{Id, Node, StorageInfo};

const NOTHING_RUN: &str = "nothing in it was run";

/// A pickle in the middle of being read.
pub(super) struct Machine<'a> {
    bytes: &'a [u8],
    /// Bytes read.
    pub position: usize,
    /// Every object so far.
    pub nodes: Vec<Node>,
    /// The storages asked for so far.
    pub storages: Vec<StorageInfo>,
    /// Where each of them stands, by its key.
    pub positions: HashMap<String, usize>,
    /// What the opcodes work on.
    pub stack: Vec<Id>,
    marks: Vec<usize>,
    memo: HashMap<u32, Id>,
}

/// A sentence about the pickle.
pub(super) fn is(problem: &str) -> String {
    format!("its pickle {problem}")
}

/// A sentence that refuses what the pickle asks for.
pub(super) fn no_tensor(what: &str) -> String {
    format!("it asks for {what}, which no tensor needs; {NOTHING_RUN}")
}

impl<'a> Machine<'a> {
    /// At the start of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            position: 0,
            nodes: Vec::new(),
            storages: Vec::new(),
            positions: HashMap::new(),
            stack: Vec::new(),
            marks: Vec::new(),
            memo: HashMap::new(),
        }
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], String> {
        let rest = self.bytes.get(self.position..).unwrap_or_default();
        let taken = rest.get(..count).ok_or_else(|| is("ends in the middle: the file is cut short"))?;
        self.position += count;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], String> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    fn byte(&mut self) -> Result<u8, String> {
        Ok(self.array::<1>()?[0])
    }

    fn length(&mut self) -> Result<usize, String> {
        Ok(u32::from_le_bytes(self.array()?) as usize)
    }

    fn text(&mut self, length: usize) -> Result<Node, String> {
        let text =
            std::str::from_utf8(self.take(length)?).map_err(|_| is("holds a text that is no UTF-8"))?;
        Ok(Node::Text(text.into()))
    }

    fn line(&mut self) -> Result<&'a str, String> {
        let rest = self.bytes.get(self.position..).unwrap_or_default();
        let end = rest.iter().position(|&b| b == b'\n').ok_or_else(|| is("ends in the middle of a name"))?;
        let line = std::str::from_utf8(self.take(end)?).map_err(|_| is("holds a name that is no UTF-8"))?;
        self.position += 1;
        Ok(line)
    }

    /// A new object on the stack.
    pub(super) fn push(&mut self, node: Node) {
        self.stack.push(Id(self.nodes.len() as u32));
        self.nodes.push(node);
    }

    /// The topmost object above the last mark, taken off the stack.
    pub(super) fn pop(&mut self) -> Result<Id, String> {
        let floor = self.marks.last().copied().unwrap_or(0);
        if self.stack.len() <= floor {
            return Err(is("takes more off its stack than lies there"));
        }
        self.stack.pop().ok_or_else(|| is("has nothing on its stack"))
    }

    fn pop_many<const N: usize>(&mut self) -> Result<Vec<Id>, String> {
        let mut items = (0..N).map(|_| self.pop()).collect::<Result<Vec<_>, _>>()?;
        items.reverse();
        Ok(items)
    }

    /// Everything above the last mark.
    fn pop_mark(&mut self) -> Result<Vec<Id>, String> {
        let mark = self.marks.pop().ok_or_else(|| is("goes back to a mark that it did not set"))?;
        Ok(self.stack.split_off(mark))
    }

    fn top(&self) -> Result<Id, String> {
        self.stack.last().copied().ok_or_else(|| is("has nothing on its stack"))
    }

    /// What an object is.
    pub(super) fn node(&self, id: Id) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// One opcode; the object that was pickled, at the end.
    pub fn step(&mut self) -> Result<Option<Id>, String> {
        match self.byte()? {
            b'.' => return self.pop().map(Some),
            0x80 => drop(self.byte()?),       // PROTO
            0x95 => drop(self.array::<8>()?), // FRAME
            b'(' => self.marks.push(self.stack.len()),
            b'N' => self.push(Node::Opaque),
            0x88 => self.push(Node::Bool(true)),
            0x89 => self.push(Node::Bool(false)),
            b'J' => {
                let value = i32::from_le_bytes(self.array()?);
                self.push(Node::Int(value.into()));
            }
            b'K' => {
                let value = self.byte()?;
                self.push(Node::Int(value.into()));
            }
            b'M' => {
                let value = u16::from_le_bytes(self.array()?);
                self.push(Node::Int(value.into()));
            }
            0x8a => self.long()?,
            b'G' => {
                self.array::<8>()?;
                self.push(Node::Opaque);
            }
            b'X' => {
                let length = self.length()?;
                let text = self.text(length)?;
                self.push(text);
            }
            0x8c => {
                let length = self.byte()?;
                let text = self.text(length.into())?;
                self.push(text);
            }
            // SHORT_BINBYTES, BINBYTES, and the strings of Python 2.
            b'C' | b'U' => {
                let length = self.byte()?;
                self.bytes(length.into())?;
            }
            b'B' | b'T' => {
                let length = self.length()?;
                self.bytes(length)?;
            }
            0x8f => self.push(Node::Opaque), // EMPTY_SET
            0x90 => {
                // ADDITEMS
                self.pop_mark()?;
                self.passed_over("adds items to")?;
            }
            0x91 => {
                // FROZENSET
                self.pop_mark()?;
                self.push(Node::Opaque);
            }
            0x81 => self.object()?, // NEWOBJ
            b')' => self.push(Node::Tuple(Vec::new())),
            0x85 => {
                let items = self.pop_many::<1>()?;
                self.push(Node::Tuple(items));
            }
            0x86 => {
                let items = self.pop_many::<2>()?;
                self.push(Node::Tuple(items));
            }
            0x87 => {
                let items = self.pop_many::<3>()?;
                self.push(Node::Tuple(items));
            }
            b't' => {
                let items = self.pop_mark()?;
                self.push(Node::Tuple(items));
            }
            b']' => self.push(Node::List(Vec::new())),
            b'}' => self.push(Node::Dict(Vec::new())),
            b'a' => {
                let item = self.pop()?;
                self.append(&[item])?;
            }
            b'e' => {
                let items = self.pop_mark()?;
                self.append(&items)?;
            }
            b's' => {
                let entry = self.pop_many::<2>()?;
                self.set(&entry)?;
            }
            b'u' => {
                let entries = self.pop_mark()?;
                self.set(&entries)?;
            }
            b'q' => {
                let place = self.byte()?;
                self.memo.insert(place.into(), self.top()?);
            }
            b'r' => {
                let place = u32::from_le_bytes(self.array()?);
                self.memo.insert(place, self.top()?);
            }
            0x94 => {
                let place = self.memo.len() as u32;
                self.memo.insert(place, self.top()?);
            }
            b'h' => {
                let place = self.byte()?;
                self.recall(place.into())?;
            }
            b'j' => {
                let place = u32::from_le_bytes(self.array()?);
                self.recall(place)?;
            }
            // GLOBAL, and INST, which would call it at once.
            b'c' | b'i' => {
                let (module, name) = (self.line()?, self.line()?);
                self.global(module, name)?;
            }
            // STACK_GLOBAL
            0x93 => {
                let names = self.pop_many::<2>()?;
                let text = |&id: &Id| match self.node(id) {
                    Node::Text(text) => Ok(text.clone()),
                    _ => Err(no_tensor("something whose name is no text")),
                };
                let (module, name) = (text(&names[0])?, text(&names[1])?);
                self.global(&module, &name)?;
            }
            b'R' => self.reduce()?,
            b'b' => {
                self.pop()?;
                if !matches!(self.node(self.top()?), Node::Dict(_) | Node::Opaque) {
                    return Err(is("gives a state to what is no dictionary"));
                }
            }
            b'Q' => self.persistent()?,
            opcode => return Err(no_tensor(&format!("the pickle opcode 0x{opcode:02x}"))),
        }
        Ok(None)
    }

    /// Bytes that nothing asks for.
    fn bytes(&mut self, length: usize) -> Result<(), String> {
        self.take(length)?;
        self.push(Node::Opaque);
        Ok(())
    }

    /// Makes sure that the topmost object is one that is passed over.
    fn passed_over(&self, deed: &str) -> Result<(), String> {
        let top = self.top()?;
        if *self.node(top) == Node::Opaque { Ok(()) } else { Err(is(&format!("{deed} what takes none"))) }
    }

    /// A whole number of up to 16 bytes.
    fn long(&mut self) -> Result<(), String> {
        let length = usize::from(self.byte()?);
        let bytes = self.take(length)?;
        if length > 16 {
            return Err(is("holds a whole number of more than 16 bytes"));
        }
        let sign = if bytes.last().is_some_and(|&b| b >= 0x80) { 0xff } else { 0 };
        let mut filled = [sign; 16];
        filled[..length].copy_from_slice(bytes);
        self.push(Node::Int(i128::from_le_bytes(filled)));
        Ok(())
    }

    fn append(&mut self, items: &[Id]) -> Result<(), String> {
        let top = self.top()?;
        match &mut self.nodes[top.0 as usize] {
            Node::List(list) => list.extend(items),
            Node::Opaque => {}
            _ => return Err(is("appends to what is no list")),
        }
        Ok(())
    }

    fn set(&mut self, entries: &[Id]) -> Result<(), String> {
        let top = self.top()?;
        let (pairs, rest) = entries.as_chunks::<2>();
        match &mut self.nodes[top.0 as usize] {
            Node::Dict(dict) if rest.is_empty() => {
                dict.extend(pairs.iter().map(|&[key, value]| (key, value)))
            }
            Node::Opaque => {}
            _ => return Err(is("sets entries of what is no dictionary")),
        }
        Ok(())
    }

    fn recall(&mut self, place: u32) -> Result<(), String> {
        let id = self.memo.get(&place).ok_or_else(|| is("recalls an object that it did not store"))?;
        self.stack.push(*id);
        Ok(())
    }
}
