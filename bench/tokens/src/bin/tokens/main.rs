//! Runs every case in turn, counts its allocations and instructions, and prints one table for each
//! algorithm. Everything is what the verifier adds to the bare service.
//!
//! `tokens` prints all tables; `tokens HS256 Garbage` only those whose title contains one of these
//! words.

mod count;
mod group;
mod growth;
mod table;

use tower_auth_bench_tokens::rounds;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> Result<()> {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let (groups, mut calls) = group::all(&wanted);
    if groups.is_empty() {
        return Err("no table has such a title".into());
    }
    let mut nanos = rounds::measure(&mut calls).into_iter();
    let has_callgrind = count::has_callgrind();
    let mut rows = Vec::new();
    for group in &groups {
        let nanos: Vec<Vec<f64>> = nanos.by_ref().take(group.cases.len()).collect();
        rows.extend(table::print(group, &nanos, has_callgrind)?);
    }
    growth::print(&rows);
    if !has_callgrind {
        println!("\nNo instructions: callgrind is missing. Install the Debian package valgrind.");
    }
    Ok(())
}
