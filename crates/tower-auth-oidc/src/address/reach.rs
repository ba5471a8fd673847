//! The part of the network that an IP address belongs to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The part of the network that an IP address belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// This machine, by an address that never leaves it.
    Loopback,
    /// Everything that is not the public Internet: private and shared networks, the local link,
    /// multicast, and ranges that are reserved or only for documentation.
    Private,
    /// The public Internet.
    Public,
}

/// Returns the part of the network that `ip` belongs to.
///
/// An IPv6 address that contains an IPv4 address is judged by the latter, if the network may carry
/// packets to it.
pub(crate) fn reach(ip: IpAddr) -> Reach {
    match ip {
        IpAddr::V4(ip) => v4(ip),
        IpAddr::V6(ip) => v6(ip),
    }
}

/// The ranges of IPv4 that are not public: address and prefix length (RFC 6890 and IANA's registry
/// of special-purpose addresses).
const V4: [(Ipv4Addr, u32); 16] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    // Carrier-grade NAT, and some clouds' metadata services.
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    // Link local, and most clouds' metadata services.
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
    // A public address by the registry, but every machine on Azure reaches its own host by it.
    (Ipv4Addr::new(168, 63, 129, 16), 32),
];

fn v4(ip: Ipv4Addr) -> Reach {
    let within =
        |(base, length): &(Ipv4Addr, u32)| (ip.to_bits() ^ base.to_bits()) >> (32 - length) == 0;
    match () {
        () if ip.is_loopback() => Reach::Loopback,
        () if V4.iter().any(within) => Reach::Private,
        () => Reach::Public,
    }
}

/// The ranges inside of 2000::/3 that are not public.
const V6: [(Ipv6Addr, u32); 4] = [
    // Protocol assignments: Teredo, benchmarks, ORCHID.
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    // 6to4: leads to whatever IPv4 address is in it.
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

fn v6(ip: Ipv6Addr) -> Reach {
    let within =
        |(base, length): &(Ipv6Addr, u32)| (ip.to_bits() ^ base.to_bits()) >> (128 - length) == 0;
    if let Some(mapped) = ip.to_ipv4_mapped() {
        return v4(mapped);
    }
    match ip.segments() {
        _ if ip.is_loopback() => Reach::Loopback,
        // NAT64 (RFC 6052). A network without IPv4 reaches all public IPv4 addresses by it. Its
        // loopback is that of the translator.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            match v4(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low))) {
                Reach::Public => Reach::Public,
                Reach::Private | Reach::Loopback => Reach::Private,
            }
        }
        // Only 2000::/3 is assigned as global unicast. The remainder includes local NAT64
        // (64:ff9b:1::/48), unique local, link local and multicast addresses.
        [first, ..] if first >> 13 != 1 => Reach::Private,
        _ if V6.iter().any(within) => Reach::Private,
        _ => Reach::Public,
    }
}
