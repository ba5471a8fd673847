//! `Bytes` in one allocation with their reference count.

use bytes::Bytes;

/// A block of bytes. Its size is part of its type, since only such a type keeps `Bytes` beside
/// their count.
struct Block<const SIZE: usize>([u8; SIZE]);

impl<const SIZE: usize> AsRef<[u8]> for Block<SIZE> {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// Concatenates the parts.
///
/// `Bytes` made from a `Vec` allocate a count when they are first shared. That costs 32 more bytes
/// for each record, and one more memory access for each load. For large values neither matters.
pub(super) fn joined(parts: [&[u8]; 3]) -> Bytes {
    let len = parts.iter().map(|part| part.len()).sum();
    macro_rules! smallest_of {
        ($($size:literal)*) => {
            match len {
                0 => Bytes::new(),
                $(1..=$size => in_block::<$size>(parts, len),)*
                _ => parts.concat().into(),
            }
        };
    }
    smallest_of!(32 64 96 128 160 192 224 256 288 320 352 384 416 448 480 512)
}

fn in_block<const SIZE: usize>(parts: [&[u8]; 3], len: usize) -> Bytes {
    let mut block = Block([0; SIZE]);
    let mut rest = &mut block.0[..];
    for part in parts {
        let (its, behind) = rest.split_at_mut(part.len());
        its.copy_from_slice(part);
        rest = behind;
    }
    let mut bytes = Bytes::from_owner(block);
    bytes.truncate(len);
    bytes
}
