//! `call WORK` prepares one work, warms it up, and runs it as often as the work specifies.
//! `call WORK over` runs the base from which the work is counted. callgrind counts the instructions
//! within `measured`.

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
    // Warms up everything that is created once.
    (0..3).for_each(|_| call());
    measured(&mut *call, work.times);
}
