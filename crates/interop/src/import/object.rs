//! What objects a pickle can have here, and the few names that it may ask for.

use ibinn::model::container::Dtype;

/// An object of a pickle.
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
    /// A storage, by its position among those of the pickle.
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
    /// The storage, by its position among those of the pickle.
    pub storage: usize,
    /// Its first element.
    pub offset: usize,
    /// Shape, outermost dimension first.
    pub shape: Vec<usize>,
    /// Elements between neighbours, by dimension.
    pub strides: Vec<usize>,
}
