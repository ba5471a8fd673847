//! Bytes in one allocation with the count of those who share them.

use bytes::Bytes;

/// Its size is part of its type, since nothing else makes `Bytes` that lie beside their count.
struct Block<const SIZE: usize>([u8; SIZE]);

impl<const SIZE: usize> AsRef<[u8]> for Block<SIZE> {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// The parts, one behind the other.
///
/// `Bytes` made of a `Vec` get a count when they are first shared, by an allocation elsewhere: 32
/// bytes more a record, and one more place in memory that each load waits for. Of large values
/// neither counts.
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
