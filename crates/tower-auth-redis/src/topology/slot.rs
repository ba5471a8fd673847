//! The slot of a key, one of 16384 (Redis Cluster specification, "Key distribution model").

/// The number of slots.
pub(crate) const SLOTS: usize = 16_384;

/// Returns the slot of a name: CRC-16/XMODEM of the name, or of its hash tag in braces.
pub(crate) fn of(name: &[u8]) -> u16 {
    let open = name.iter().position(|it| *it == b'{');
    let tag = open.and_then(|open| {
        let rest = &name[open + 1..];
        rest.iter().position(|it| *it == b'}').map(|close| &rest[..close])
    });
    let hashed = tag.filter(|tag| !tag.is_empty()).unwrap_or(name);
    hashed.iter().fold(0, |crc, byte| step(crc, *byte)) % SLOTS as u16
}

const fn step(crc: u16, byte: u8) -> u16 {
    let mut crc = crc ^ ((byte as u16) << 8);
    let mut bit = 0;
    while bit < 8 {
        crc = if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x1021 };
        bit += 1;
    }
    crc
}

#[test]
fn slots_are_those_of_the_specification() {
    // The check string of CRC-16/XMODEM, and answers of `CLUSTER KEYSLOT`.
    assert_eq!("123456789".bytes().fold(0, step), 0x31c3);
    assert_eq!(of(b"foo"), 12182);
    assert_eq!(of(b"{user1000}.following"), of(b"user1000"));
    assert_eq!(of(b"foo{bar}{zap}"), of(b"bar"));
    assert_eq!(of(b"foo{}{bar}"), "foo{}{bar}".bytes().fold(0, step) % 16384);
}
