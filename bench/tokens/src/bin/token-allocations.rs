//! `token-allocations VERIFIER INPUT` prepares one case for the tokens that it reads, and prints the
//! number of its allocations.

use std::error::Error;

use tower_auth_bench_tokens::{Case, Issued};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [verifier, input] = &arguments[..] else { return Err("two arguments are needed".into()) };
    let case = Case::find(verifier, input).ok_or("there is no such case")?;
    let issued: Issued = serde_json::from_reader(std::io::stdin())?;
    let mut call = case.prepare(&issued)?;
    println!("{}", allocation_counter::measure(&mut *call).count_total);
    Ok(())
}
