//! The cost of longer tokens.

use tower_auth_bench_tokens::Input;

use crate::table::Row;

/// Prints the cost of each further byte, for verifiers with a token and with a long one.
pub(crate) fn print(rows: &[Row]) {
    for long in rows.iter().filter(|row| row.case.input == Input::Long) {
        let is_short = |row: &&Row| {
            let same =
                (row.case.verifier.id, &row.algorithm) == (long.case.verifier.id, &long.algorithm);
            same && row.case.input == Input::Token
        };
        let Some(short) = rows.iter().find(is_short) else { continue };
        let bytes = (long.bytes - short.bytes) as f64;
        let nanos = (long.nanos - short.nanos) / bytes;
        let instructions = long.instructions.zip(short.instructions);
        let instructions = instructions.map(|(long, short)| (long as f64 - short as f64) / bytes);
        let instructions =
            instructions.map_or_else(String::new, |it| format!(", {it:.2} instructions"));
        let (name, algorithm) = (long.case.verifier.name, &long.algorithm);
        println!("\nA further byte, {name}, {algorithm}: {nanos:.2} ns{instructions}");
    }
}
