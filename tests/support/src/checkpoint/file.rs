//! The bytes of a checkpoint, in both containers, as PyTorch writes them.

/// A tensor to write.
#[derive(Clone)]
pub struct Tensor {
    /// Shape, outermost dimension first.
    pub shape: Vec<usize>,
    /// Numbers in row-major order.
    pub values: Vec<f32>,
    /// Whether it is stored with its first two dimensions swapped, as the authors' DCT matrices are.
    pub transposed: bool,
}

impl Tensor {
    /// A tensor that is stored in row-major order.
    pub fn new(shape: &[usize], values: Vec<f32>) -> Self {
        assert_eq!(shape.iter().product::<usize>(), values.len());
        Self { shape: shape.to_vec(), values, transposed: false }
    }

    /// Zeros.
    pub fn zeros(shape: &[usize]) -> Self {
        Self::new(shape, vec![0.0; shape.iter().product()])
    }

    fn stored(&self) -> (Vec<f32>, Vec<usize>) {
        if let (true, &[rows, columns]) = (self.transposed, &self.shape[..]) {
            let swapped = (0..rows * columns).map(|i| self.values[i % rows * columns + i / rows]);
            return (swapped.collect(), vec![1, rows]);
        }
        let strides = (0..self.shape.len()).map(|d| self.shape[d + 1..].iter().product()).collect();
        (self.values.clone(), strides)
    }
}

/// The outer file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// What PyTorch 1.6 and later write.
    Zip,
    /// What the authors' PyTorch 1.4 writes.
    Legacy,
}

/// What the older container begins with: its mark and its version, a pickle each.
pub const LEGACY_START: &[u8] =
    b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M\xe9\x03.";
/// A pickle that says that numbers are little-endian, as the container's third one does.
pub const LITTLE_ENDIAN: &[u8] = b"\x80\x02}X\x0d\0\0\0little_endian\x88s.";

struct Pickle {
    kind: Kind,
    bytes: Vec<u8>,
    memo: u32,
    storages: Vec<(String, Vec<f32>)>,
}

impl Pickle {
    /// Stores the topmost object in the memo, as Python does with nearly everything.
    fn put(&mut self) {
        if let Ok(place) = u8::try_from(self.memo) {
            self.bytes.extend([b'q', place]);
        } else {
            self.bytes.push(b'r');
            self.bytes.extend(self.memo.to_le_bytes());
        }
        self.memo += 1;
    }

    fn text(&mut self, text: &str) {
        self.bytes.push(b'X');
        self.bytes.extend((text.len() as u32).to_le_bytes());
        self.bytes.extend(text.as_bytes());
        self.put();
    }

    fn int(&mut self, value: usize) {
        if let Ok(byte) = u8::try_from(value) {
            self.bytes.extend([b'K', byte]);
        } else if let Ok(short) = u16::try_from(value) {
            self.bytes.push(b'M');
            self.bytes.extend(short.to_le_bytes());
        } else {
            self.bytes.push(b'J');
            self.bytes.extend((value as i32).to_le_bytes());
        }
    }

    fn ints(&mut self, values: &[usize]) {
        if let 1..=3 = values.len() {
            values.iter().for_each(|&value| self.int(value));
            self.bytes.push(0x84 + values.len() as u8);
        } else {
            self.bytes.push(b'(');
            values.iter().for_each(|&value| self.int(value));
            self.bytes.push(b't');
        }
        self.put();
    }

    fn global(&mut self, name: &str) {
        self.bytes.extend(format!("c{name}\n").as_bytes());
        self.put();
    }

    fn ordered_dict(&mut self) {
        self.global("collections\nOrderedDict");
        self.bytes.extend(b")R");
        self.put();
    }

    fn tensor(&mut self, tensor: &Tensor) {
        let (values, strides) = tensor.stored();
        self.global("torch._utils\n_rebuild_tensor_v2");
        self.bytes.extend(b"((");
        self.text("storage");
        self.global("torch\nFloatStorage");
        let key = self.storages.len().to_string();
        self.text(&key);
        self.text("cpu");
        self.int(values.len());
        if self.kind == Kind::Legacy {
            self.bytes.push(b'N');
        }
        self.bytes.extend(b"tQ");
        self.storages.push((key, values));
        self.int(0);
        self.ints(&tensor.shape);
        self.ints(&strides);
        self.bytes.push(0x89);
        self.ordered_dict();
        self.bytes.extend(b"tR");
        self.put();
    }

    fn parameter(&mut self, tensor: &Tensor) {
        self.global("torch._utils\n_rebuild_parameter");
        self.tensor(tensor);
        self.bytes.push(0x88);
        self.ordered_dict();
        self.bytes.extend([0x87, b'R']);
        self.put();
    }
}

fn raw(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

fn legacy_file(pickle: &Pickle) -> Vec<u8> {
    let mut keys: Vec<usize> = (0..pickle.storages.len()).collect();
    // PyTorch sorts them as texts.
    keys.sort_by_key(|&i| pickle.storages[i].0.clone());
    let mut list =
        Pickle { kind: Kind::Legacy, bytes: b"\x80\x02](".to_vec(), memo: 0, storages: Vec::new() };
    keys.iter().for_each(|&i| list.text(&pickle.storages[i].0));
    list.bytes.extend(b"e.");
    let mut system =
        Pickle { kind: Kind::Legacy, bytes: b"\x80\x02}(".to_vec(), memo: 0, storages: Vec::new() };
    system.text("protocol_version");
    system.int(1001);
    system.text("little_endian");
    system.bytes.push(0x88);
    system.text("type_sizes");
    system.bytes.extend(b"}u.");
    let mut file = LEGACY_START.to_vec();
    for part in [&system.bytes, &pickle.bytes, &list.bytes] {
        file.extend(part);
    }
    for i in keys {
        let values = &pickle.storages[i].1;
        file.extend((values.len() as u64).to_le_bytes());
        file.extend(raw(values));
    }
    file
}

fn zip_file(pickle: &Pickle) -> Vec<u8> {
    let mut entries = vec![("archive/data.pkl".to_string(), pickle.bytes.clone())];
    entries.push(("archive/byteorder".into(), b"little".to_vec()));
    entries.extend(pickle.storages.iter().map(|(key, values)| (format!("archive/data/{key}"), raw(values))));
    entries.push(("archive/version".into(), b"3\n".to_vec()));
    zip(&entries)
}

/// A zip archive of stored entries.
pub fn zip(entries: &[(String, Vec<u8>)]) -> Vec<u8> {
    let (mut file, mut table) = (Vec::new(), Vec::new());
    for (name, data) in entries {
        let start = file.len() as u32;
        let (crc, size) = (crc32(data).to_le_bytes(), (data.len() as u32).to_le_bytes());
        // Version, flags, method, time, date.
        let common = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        let lengths = [crc, size, size].concat();
        let name_length = (name.len() as u16).to_le_bytes();
        // PyTorch pads the header, so that the data begins at a multiple of 64 bytes.
        let extra = vec![b'Z'; (64 - (file.len() + 30 + name.len()) % 64) % 64];
        let extra_length = (extra.len() as u16).to_le_bytes();
        for part in
            [b"PK\x03\x04", &common[..], &lengths, &name_length, &extra_length, name.as_bytes(), &extra, data]
        {
            file.extend(part);
        }
        for part in [
            b"PK\x01\x02\0\0",
            &common[..],
            &lengths,
            &name_length,
            &[0; 12],
            &start.to_le_bytes(),
            name.as_bytes(),
        ] {
            table.extend(part);
        }
    }
    let start = (file.len() as u32).to_le_bytes();
    let count = (entries.len() as u16).to_le_bytes();
    let size = (table.len() as u32).to_le_bytes();
    for part in [&table[..], b"PK\x05\x06\0\0\0\0", &count, &count, &size, &start, &[0, 0]] {
        file.extend(part);
    }
    file
}

/// The checksum of zip archives, bit by bit.
fn crc32(data: &[u8]) -> u32 {
    let step = |crc: u32, _| (crc >> 1) ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 };
    !data.iter().fold(!0u32, |crc, &byte| (0..8).fold(crc ^ u32::from(byte), step))
}
/// A checkpoint in the making.
#[derive(Clone, Default)]
pub struct Checkpoint {
    /// `inn`: names and tensors in order.
    pub inn: Vec<(String, Tensor)>,
    /// `mu`.
    pub mu: Option<Tensor>,
    /// Whether there is an optimiser state.
    pub optimiser: bool,
}

impl Checkpoint {
    /// The file.
    pub fn bytes(&self, kind: Kind) -> Vec<u8> {
        let mut pickle = Pickle { kind, bytes: vec![0x80, 2], memo: 0, storages: Vec::new() };
        self.write(&mut pickle);
        pickle.bytes.push(b'.');
        match kind {
            Kind::Zip => zip_file(&pickle),
            Kind::Legacy => legacy_file(&pickle),
        }
    }

    fn write(&self, pickle: &mut Pickle) {
        pickle.bytes.push(b'}');
        pickle.put();
        pickle.bytes.push(b'(');
        pickle.text("inn");
        pickle.ordered_dict();
        pickle.bytes.push(b'(');
        for (name, tensor) in &self.inn {
            pickle.text(name);
            pickle.tensor(tensor);
        }
        pickle.bytes.push(b'u');
        // The state of a state_dict: {"_metadata": OrderedDict()}.
        pickle.bytes.push(b'}');
        pickle.put();
        pickle.text("_metadata");
        pickle.ordered_dict();
        pickle.bytes.extend(b"sb");
        if let Some(mu) = &self.mu {
            pickle.text("mu");
            pickle.parameter(mu);
            pickle.text("phi");
            pickle.parameter(&Tensor::zeros(&[mu.shape[1]]));
        }
        pickle.text("opt");
        pickle.bytes.extend(b"}(");
        pickle.text("state");
        pickle.bytes.push(b'}');
        for (i, (_, tensor)) in self.inn.iter().enumerate().filter(|_| self.optimiser) {
            // PyTorch 1.4 names parameters by their addresses.
            pickle.bytes.extend([0x8a, 6]);
            pickle.bytes.extend(&(140_000_000_000_000 + 96 * i as u64).to_le_bytes()[..6]);
            pickle.bytes.push(b'}');
            pickle.text("momentum_buffer");
            pickle.tensor(&Tensor::zeros(&tensor.shape));
            pickle.bytes.extend(b"ss");
        }
        pickle.text("param_groups");
        pickle.bytes.extend(b"]}(");
        pickle.text("lr");
        pickle.bytes.push(b'G');
        pickle.bytes.extend(0.07f64.to_be_bytes());
        pickle.text("nesterov");
        pickle.bytes.push(0x89);
        pickle.text("params");
        pickle.bytes.extend(b"](K\x00K\x01eua");
        pickle.bytes.extend(b"uu");
    }
}
