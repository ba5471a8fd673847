//! Starts the showcase.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    match showcase::run(lexopt::Parser::from_env()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("showcase: {error}");
            ExitCode::FAILURE
        }
    }
}
