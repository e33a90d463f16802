//! Writing Protocol Buffers, as far as ONNX needs them.
//!
//! Ours rather than a crate: two wire types are all that a writer needs, and a crate would have the messages spelled out
//! as well, for a derive macro.

/// A message in the making: fields in the order in which they are added.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Message(Vec<u8>);

const VARINT: u64 = 0;
const LENGTH: u64 = 2;

impl Message {
    fn push_varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    fn key(&mut self, field: u64, wire: u64) {
        self.push_varint(field << 3 | wire);
    }

    /// An integer; negative ones take ten bytes, as the format has it.
    #[must_use]
    pub fn int(mut self, field: u64, value: i64) -> Self {
        self.key(field, VARINT);
        self.push_varint(value as u64);
        self
    }

    /// Bytes or a text.
    #[must_use]
    pub fn bytes(mut self, field: u64, bytes: impl AsRef<[u8]>) -> Self {
        self.key(field, LENGTH);
        self.push_varint(bytes.as_ref().len() as u64);
        self.0.extend(bytes.as_ref());
        self
    }

    /// A message inside this one.
    #[must_use]
    pub fn message(self, field: u64, message: &Self) -> Self {
        self.bytes(field, &message.0)
    }

    /// Several values of one field, each added by `add`.
    #[must_use]
    pub fn each<T>(self, values: impl IntoIterator<Item = T>, add: impl Fn(Self, T) -> Self) -> Self {
        values.into_iter().fold(self, add)
    }

    /// The message as it is stored.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_encoded_as_the_format_says() {
        // The examples of the format's documentation: field 1 = 150, field 2 = "testing", field 3 = the first message.
        let inner = Message::default().int(1, 150);
        assert_eq!(inner.0, [0x08, 0x96, 0x01]);
        let text = Message::default().bytes(2, "testing");
        assert_eq!(text.0, [0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67]);
        assert_eq!(Message::default().message(3, &inner).0, [0x1a, 0x03, 0x08, 0x96, 0x01]);
        let minus_one = [&[0x10][..], &[0xff; 9], &[0x01]].concat();
        assert_eq!(Message::default().int(2, -1).0, minus_one);
    }
}
