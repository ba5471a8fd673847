//! The text that the program prints at start.

use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::args::Args;
use crate::keys;
use crate::tour::{Settings, Tour};
use crate::users::{DEMO, Demo};

/// Returns the address, the users, hints about the settings, and the lines to try.
#[must_use]
pub fn text(args: &Args, address: SocketAddr) -> String {
    let base = base(args, address);
    let origin = args.public_origin.as_deref().unwrap_or(&base);
    let mut text = format!("The showcase of tower-auth is at {base}\n\n");
    let _ = writeln!(text, "  name     password         roles          scopes");
    for Demo { name, password, roles, scopes } in DEMO {
        let (roles, scopes) = (roles.join(", "), scopes.join(", "));
        let _ = writeln!(text, "  {name:<8} {password:<16} {roles:<14} {scopes}");
    }
    let outlives = args.store.outlives_the_process();
    if let Some(remark) = keys::remark(args.keys.as_deref(), outlives) {
        let _ = writeln!(text, "\n{remark}");
    }
    if !args.is_https() && !address.ip().is_loopback() {
        text.push_str(
            "\nOver plain http, browsers keep only the cookies of this machine. From other machines, use \
             https:\nwith --tls, or through a proxy and --public-origin.\n",
        );
    }
    let tour = Tour::new(&Settings {
        base: &base,
        origin,
        insecure: args.tls,
        strict: args.refresh_window.is_zero(),
        lists: args.store.lists(),
        copies: args.store.is_the_client(),
    });
    let _ = write!(text, "\nTo try, from another shell:\n\n{}", tour);
    text.push_str("Stop with Ctrl-C.\n");
    text
}

/// The address under which this machine reaches the program.
fn base(args: &Args, mut address: SocketAddr) -> String {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    format!("{}://{address}", if args.tls { "https" } else { "http" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_names_the_address_the_users_and_the_origin() {
        let args = Args { public_origin: Some("https://app.example".into()), ..Args::default() };
        let text = text(&args, ([0, 0, 0, 0], 4000).into());
        assert!(text.contains("is at http://127.0.0.1:4000\n"), "{text}");
        assert!(text.contains("-H \"Origin: https://app.example\""), "{text}");
        assert!(text.contains("alice") && text.contains("looking-glass"), "{text}");
        assert!(!text.contains("plain http"), "a proxy is in front: {text}");
    }

    #[test]
    fn it_warns_of_plain_http_for_others() {
        let of = |ip: [u8; 4]| text(&Args::default(), (ip, 4000).into());
        assert!(of([192, 0, 2, 1]).contains("plain http"));
        assert!(!of([127, 0, 0, 1]).contains("plain http"));
    }

    #[test]
    fn every_form_and_bare_post_with_a_cookie_says_where_it_comes_from() {
        let text = text(&Args::default(), ([127, 0, 0, 1], 3000).into());
        let posts = text.lines().filter(|line| {
            let is_post = line.contains("-X POST") || line.contains("-d 'username");
            line.starts_with("curl") && is_post && line.contains("-b ")
        });
        let (mut with, mut without) = (0, 0);
        for line in posts {
            if line.contains("Origin: ") { with += 1 } else { without += 1 }
        }
        // The line without an origin shows the refusal.
        assert!(with >= 5 && without == 1, "{with} {without}");
    }
}
