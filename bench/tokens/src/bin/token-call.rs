//! `token-call VERIFIER INPUT` prepares one case for the tokens that it reads, and runs it 20 times.
//! callgrind counts the instructions within `measured`.

use std::error::Error;

use tower_auth_bench_tokens::{Case, Issued, measured};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [verifier, input] = &arguments[..] else { return Err("two arguments are needed".into()) };
    let case = Case::find(verifier, input).ok_or("there is no such case")?;
    let issued: Issued = serde_json::from_reader(std::io::stdin())?;
    let mut call = case.prepare(&issued)?;
    measured(&mut *call, 20);
    Ok(())
}
