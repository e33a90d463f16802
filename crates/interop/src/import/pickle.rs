//! Python pickles, read without being run.
//!
//! A pickle is a program that may call anything by name. Here the few names that tensors need stand for values of our
//! own, any other name ends the reading with a sentence that repeats it, and nothing is ever called. Objects live in one
//! list and refer to each other by number, so that neither deep nesting nor a cycle can exhaust the stack.

use ibinn::model::container::Dtype;

use super::machine::Machine;

/// Pickles with more opcodes are refused; a checkpoint of the paper's largest net has about 100,000.
const MOST_STEPS: usize = 1 << 22;

/// An object of a [`Pickle`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Id(pub(super) u32);

/// What an object is.
#[derive(Debug, PartialEq)]
pub(super) enum Node {
    /// What nothing here asks for: `None`, numbers that are not whole, bytes, sets, and what is made by names that are
    /// passed over.
    Opaque,
    /// `True` or `False`.
    Bool(bool),
    /// A whole number.
    Int(i128),
    /// A text.
    Text(String),
    /// A tuple.
    Tuple(Vec<Id>),
    /// A list.
    List(Vec<Id>),
    /// A dictionary, in order.
    Dict(Vec<(Id, Id)>),
    /// One of the few names that may be asked for.
    Callable(Callable),
    /// A storage, by its position in [`Pickle::storages`].
    Storage(usize),
    /// A tensor.
    Tensor(View),
}

/// The names that may be asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Callable {
    /// `collections.OrderedDict`.
    OrderedDict,
    /// `torch._utils._rebuild_tensor_v2`, and what came before it.
    RebuildTensor,
    /// `torch._utils._rebuild_parameter` and the like, which give the tensor that they are called with.
    RebuildParameter,
    /// A storage class of PyTorch.
    Storage(Number),
    /// A plain value of Python or PyTorch as it stands beside a network: counters of schedulers, sizes, devices, types.
    PassedOver,
}

/// The type of a storage's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Number {
    /// One that arrays have here as well.
    Known(Dtype),
    /// The upper half of single precision.
    BFloat16,
    /// One that no network here has, of so many bytes.
    Other(usize),
}

impl Number {
    /// Bytes of one number.
    pub fn size(self) -> usize {
        match self {
            Self::Known(dtype) => dtype.size(),
            Self::BFloat16 => 2,
            Self::Other(size) => size,
        }
    }
}

impl Callable {
    /// What `module.name` stands for, if it may be asked for.
    pub fn named(module: &str, name: &str) -> Option<Self> {
        let storage = match (module, name) {
            ("collections", "OrderedDict") => return Some(Self::OrderedDict),
            ("torch._utils", "_rebuild_tensor" | "_rebuild_tensor_v2") => return Some(Self::RebuildTensor),
            ("torch._utils", "_rebuild_parameter" | "_rebuild_parameter_with_state")
            | ("torch.nn.parameter", "Parameter") => return Some(Self::RebuildParameter),
            ("collections", "Counter" | "defaultdict")
            | (
                "__builtin__" | "builtins",
                "set" | "frozenset" | "bytearray" | "complex" | "slice" | "range",
            )
            | ("_codecs", "encode")
            | ("torch", "Size" | "device" | "Tensor")
            | ("torch.serialization", "_get_layout")
            | (
                "torch._utils",
                "_rebuild_sparse_tensor" | "_rebuild_qtensor" | "_rebuild_meta_tensor_no_storage",
            )
            | ("torch._tensor", "_rebuild_from_type_v2") => return Some(Self::PassedOver),
            ("torch.storage", "UntypedStorage") => return Some(Self::Storage(Number::Other(1))),
            ("torch" | "torch.cuda", name) => match name.strip_suffix("Storage") {
                Some(storage) => storage,
                None => return is_dtype(name).then_some(Self::PassedOver),
            },
            _ => return None,
        };
        Some(Self::Storage(match storage {
            "Half" => Number::Known(Dtype::F16),
            "Float" => Number::Known(Dtype::F32),
            "Double" => Number::Known(Dtype::F64),
            "Byte" | "Bool" => Number::Known(Dtype::U8),
            "Int" => Number::Known(Dtype::I32),
            "Long" => Number::Known(Dtype::I64),
            "BFloat16" => Number::BFloat16,
            "Char" | "QInt8" | "QUInt8" | "Untyped" => Number::Other(1),
            "Short" => Number::Other(2),
            "QInt32" => Number::Other(4),
            "ComplexFloat" => Number::Other(8),
            "ComplexDouble" => Number::Other(16),
            _ => return None,
        }))
    }
}

/// Whether PyTorch calls a type of numbers, or an order of dimensions, so.
fn is_dtype(name: &str) -> bool {
    const OTHERS: [&str; 9] =
        ["bool", "half", "float", "double", "short", "int", "long", "strided", "contiguous_format"];
    let numbered = ["float", "bfloat", "int", "uint", "complex"].iter().any(|kind| {
        let bits = name.strip_prefix(kind).unwrap_or_default();
        !bits.is_empty() && bits.bytes().all(|b| b.is_ascii_digit())
    });
    numbered || OTHERS.contains(&name)
}

/// An array outside the pickle that its tensors look into.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct StorageInfo {
    /// Its key.
    pub key: String,
    /// The type of its numbers.
    pub number: Number,
    /// Its number of elements.
    pub length: usize,
}

/// A tensor: which part of a storage, in what order.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct View {
    /// Position in [`Pickle::storages`].
    pub storage: usize,
    /// Its first element.
    pub offset: usize,
    /// Shape, outermost dimension first.
    pub shape: Vec<usize>,
    /// Elements between neighbours, by dimension.
    pub strides: Vec<usize>,
}

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
