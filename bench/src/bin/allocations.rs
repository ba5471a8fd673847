//! Prints the allocations of each work, minus those of the bare service.

use allocation_counter::measure;
use tower_auth_bench::{Call, all};

fn count(make: fn() -> Call) -> u64 {
    let mut call = make();
    // Warms up everything that is created once.
    (0..3).for_each(|_| call());
    measure(&mut *call).count_total
}

fn main() {
    for work in all() {
        let over = work.over.map_or(0, count);
        println!("{}\t{}", work.name, count(work.make).saturating_sub(over));
    }
}
