//! Python pickles, read without being run.
//!
//! A pickle is a program that may call anything by name. Here the few names that tensors need stand for values of our
//! own, any other name ends the reading with a sentence that repeats it, and nothing is ever called. Objects live in one
//! list and refer to each other by number, so that neither deep nesting nor a cycle can exhaust the stack.

use super::machine::Machine;
use super::object::{Id, Node, StorageInfo, View};

/// Pickles with more opcodes are refused; a checkpoint of the paper's largest net has about 100,000.
const MOST_STEPS: usize = 1 << 22;

/// What a pickle holds.
#[derive(Debug)]
pub(super) struct Pickle {
    nodes: Vec<Node>,
    /// The object that was pickled.
    pub root: Id,
    /// The storages that it asks for.
    pub storages: Vec<StorageInfo>,
    /// Bytes read, from the start of the pickle to its end.
    pub length: usize,
}

impl Pickle {
    /// Reads the pickle at the start of `bytes`.
    ///
    /// # Errors
    /// What is wrong with it, as a sentence about "it".
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        let mut machine = Machine::new(bytes);
        for _ in 0..MOST_STEPS {
            if let Some(root) = machine.step()? {
                let Machine { nodes, storages, position, .. } = machine;
                return Ok(Self { nodes, root, storages, length: position });
            }
        }
        Err(format!("its pickle has more than {MOST_STEPS} opcodes"))
    }

    fn node(&self, id: Id) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// A truth value.
    pub fn bool(&self, id: Id) -> Option<bool> {
        if let Node::Bool(value) = self.node(id) { Some(*value) } else { None }
    }

    /// A whole number.
    pub fn int(&self, id: Id) -> Option<i128> {
        if let Node::Int(value) = self.node(id) { Some(*value) } else { None }
    }

    /// A text.
    pub fn text(&self, id: Id) -> Option<&str> {
        if let Node::Text(value) = self.node(id) { Some(value) } else { None }
    }

    /// The items of a list.
    pub fn list(&self, id: Id) -> Option<&[Id]> {
        if let Node::List(items) = self.node(id) { Some(items) } else { None }
    }

    /// The entries of a dictionary, in order.
    pub fn dict(&self, id: Id) -> Option<&[(Id, Id)]> {
        if let Node::Dict(entries) = self.node(id) { Some(entries) } else { None }
    }

    /// The value of a text key of a dictionary.
    pub fn get(&self, id: Id, key: &str) -> Option<Id> {
        self.dict(id)?.iter().rev().find(|(k, _)| self.text(*k) == Some(key)).map(|(_, value)| *value)
    }

    /// A tensor.
    pub fn tensor(&self, id: Id) -> Option<&View> {
        if let Node::Tensor(view) = self.node(id) { Some(view) } else { None }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::object::Callable;
    use super::*;

    fn refusal(pickle: &[u8]) -> String {
        Pickle::read(pickle).unwrap_err()
    }

    #[test]
    fn reads_plain_containers() {
        // {"a": [1, 70000, -2], "b": (True,)} with a memo entry for the list.
        let pickle =
            b"\x80\x02}(X\x01\0\0\0a](K\x01J\x70\x11\x01\0\x8a\x01\xfeeq\x00X\x01\0\0\0b\x88\x85u.rest";
        let read = Pickle::read(pickle).unwrap();
        assert_eq!(read.length, pickle.len() - 4);
        let list = read.list(read.get(read.root, "a").unwrap()).unwrap();
        assert_eq!(list.iter().map(|&i| read.int(i).unwrap()).collect::<Vec<_>>(), [1, 70_000, -2]);
        assert_eq!(read.get(read.root, "c"), None);
    }

    #[test]
    fn code_is_refused_by_its_name() {
        for (pickle, name) in [
            (&b"cposix\nsystem\nX\x02\0\0\0id\x85R."[..], "posix.system"),
            (b"\x80\x04\x95\x20\0\0\0\0\0\0\0\x8c\x02os\x94\x8c\x05popen\x94\x93\x94.", "os.popen"),
            (b"(S'id'\nios\nsystem\n.", "opcode 0x53"),
            (b"(ios\nsystem\n.", "os.system"),
            (b"cbuiltins\neval\n.", "builtins.eval"),
            (b"ctorch\nload\n.", "torch.load"),
            (b"ctorch.storage\n_load_from_bytes\n.", "torch.storage._load_from_bytes"),
            (b"c__main__\nNet\n)\x81.", "__main__.Net"),
            (b"cnumpy.core.multiarray\nscalar\n.", "numpy.core.multiarray.scalar"),
        ] {
            let message = refusal(pickle);
            assert!(message.contains(name) && message.contains("nothing in it was run"), "{message}");
        }
    }

    #[test]
    fn calls_of_what_is_known_take_only_what_they_should() {
        let ordered = b"ccollections\nOrderedDict\n";
        let rebuild = b"ctorch._utils\n_rebuild_tensor_v2\n";
        for (pickle, wanted) in [
            ([&ordered[..], b"K\x01\x85R."].concat(), "OrderedDict"),
            ([&rebuild[..], b")R."].concat(), "_rebuild_tensor_v2"),
            ([&rebuild[..], b"(K\x01K\x00))K\x00KNtR."].concat(), "_rebuild_tensor_v2"),
            (b"ctorch\nFloatStorage\n)R.".to_vec(), "calls a storage"),
            (b"K\x01)R.".to_vec(), "calls"),
            (b"]}b.".to_vec(), "state"),
            (b"K\x01Q.".to_vec(), "persistent"),
        ] {
            let message = refusal(&pickle);
            assert!(message.contains(wanted), "{wanted}: {message}");
        }
    }

    #[test]
    fn what_stands_beside_a_network_is_passed_over() {
        for (pickle, what) in [
            (&b"ccollections\nCounter\n}K\x03K\x01s\x85R."[..], "Counter({3: 1})"),
            (b"ctorch\nSize\n(K\x01K\x02t\x85R.", "torch.Size"),
            (b"ctorch\ndevice\nX\x03\0\0\0cpu\x85R.", "torch.device"),
            (b"ctorch\nbfloat16\n.", "a dtype"),
            (b"cbuiltins\nset\n](K\x01K\x02e\x85R.", "a set, called for"),
            (b"\x8f(K\x01K\x02\x90.", "a set, by opcodes"),
            (b"c_codecs\nencode\nX\x01\0\0\0aX\x06\0\0\0latin1\x86R.", "bytes of protocol 2"),
            (b"C\x02ab.", "bytes"),
            (b"ccollections\nCounter\n)\x81}b.", "an object with a state"),
            (b"ccollections\ndefaultdict\ncbuiltins\nset\n\x85R(K\x01K\x02u.", "entries of a defaultdict"),
        ] {
            let read = Pickle::read(pickle).unwrap_or_else(|problem| panic!("{what}: {problem}"));
            assert!(
                matches!(read.node(read.root), Node::Opaque | Node::Callable(Callable::PassedOver)),
                "{what}"
            );
        }
    }

    #[test]
    fn truncated_and_senseless_pickles_are_refused() {
        for pickle in [
            &b""[..],
            b"\x80",
            b"\x80\x02",
            b".",
            b"(",
            b"(.",
            b"t.",
            b"X\xff\xff\xff\xffabc.",
            b"X\x02\0\0\0\xff\xfe.",
            b"h\x00.",
            b"j\xff\xff\xff\xff.",
            b"K\x01q\x00",
            b"\x8a\x80.",
            b"]u.",
            b"}(K\x01u.",
            b"}K\x01a.",
            b"K\x01K\x02s.",
            b"cno end of line",
            b"\x8a\x20aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.",
        ] {
            assert!(!refusal(pickle).is_empty(), "{pickle:?}");
        }
    }

    #[test]
    fn depth_and_length_are_no_danger() {
        // A million tuples, each in the next, and a list that holds itself.
        let nested = [&b")"[..], &vec![0x85; 1_000_000], b"."].concat();
        assert!(Pickle::read(&nested).is_ok());
        assert!(Pickle::read(b"]q\x00h\x00a.").is_ok());
        assert!(refusal(&vec![b')'; MOST_STEPS + 1]).contains("opcodes"));
    }
}
