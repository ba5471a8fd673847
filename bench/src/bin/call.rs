//! `call WORK`: sets one work up, warms it, and runs it as often as it says. `call WORK over` runs
//! what it is counted on top of. For callgrind, which counts within `measured`.

use tower_auth_bench::{find, measured};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let name = arguments.next().unwrap_or_default();
    let Some(work) = find(&name) else {
        eprintln!("call: there is no work named {name:?}");
        std::process::exit(2);
    };
    let make = match arguments.next() {
        None => work.make,
        Some(_) => work.over.unwrap_or(work.make),
    };
    let mut call = make();
    // What is made once is made now.
    (0..3).for_each(|_| call());
    measured(&mut *call, work.times);
}
