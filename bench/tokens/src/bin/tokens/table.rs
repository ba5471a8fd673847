//! The table of one group.

use tower_auth_bench_tokens::figures::{grouped, median, ratio};
use tower_auth_bench_tokens::{Case, FIRST_SIGHT, REMEMBERED};

use crate::group::Group;
use crate::{Result, count};

/// The cost that a verifier adds to the bare service.
pub(crate) struct Row {
    pub(crate) case: Case,
    pub(crate) algorithm: String,
    /// The length of the request's token.
    pub(crate) bytes: usize,
    pub(crate) nanos: f64,
    pub(crate) instructions: Option<u64>,
}

/// Prints the table of one group. The first case is the bare service.
pub(crate) fn print(group: &Group, nanos: &[Vec<f64>], has_callgrind: bool) -> Result<Vec<Row>> {
    let (Some((bare, cases)), Some((base, nanos))) =
        (group.cases.split_first(), nanos.split_first())
    else {
        return Err("the bare service was not measured".into());
    };
    println!("\n{}, {} bytes:\n", group.title, bare.input.text(&group.issued).len());
    println!("| verifier | ns | × remembered | × first sight | allocations | instructions |");
    println!("|---|--:|--:|--:|--:|--:|");
    let added: Vec<Vec<f64>> = nanos.iter().map(|rounds| minus(rounds, base)).collect();
    let of = |id: &str| cases.iter().position(|it| it.verifier.id == id).map(|at| &added[at]);
    let (remembered, first_sight) = (of(REMEMBERED.id), of(FIRST_SIGHT.id));
    let against = |rounds: &[f64], other: Option<&Vec<f64>>| {
        let ratios = other.map(|it| rounds.iter().zip(it).map(|(one, it)| one / it).collect());
        ratios.map_or_else(String::new, |ratios| ratio(median(ratios)))
    };
    let allocations = |case: &Case| count::allocations(*case, &group.issued);
    let instructions = |case: &Case| -> Result<Option<u64>> {
        has_callgrind.then(|| count::instructions(*case, &group.issued)).transpose()
    };
    let (bare_allocations, bare_instructions) = (allocations(bare)?, instructions(bare)?);
    let mut rows = Vec::new();
    for (case, rounds) in cases.iter().zip(&added) {
        let row = Row {
            case: *case,
            algorithm: group.issued.name.clone(),
            bytes: case.input.text(&group.issued).len(),
            nanos: median(rounds.clone()),
            instructions: instructions(case)?
                .zip(bare_instructions)
                .map(|(all, bare)| all.saturating_sub(bare)),
        };
        println!(
            "| {} | {} | {} | {} | {} | {} |",
            case.verifier.name,
            grouped(row.nanos.round() as u64),
            against(rounds, remembered),
            against(rounds, first_sight),
            allocations(case)?.saturating_sub(bare_allocations),
            row.instructions.map_or_else(|| "–".to_owned(), grouped),
        );
        rows.push(row);
    }
    if !group.missing.is_empty() {
        println!();
    }
    for (name, reason) in &group.missing {
        println!("- without {name}: {reason}");
    }
    Ok(rows)
}

/// Subtracts the cost of the bare service in the same round.
fn minus(rounds: &[f64], base: &[f64]) -> Vec<f64> {
    rounds.iter().zip(base).map(|(one, base)| one - base).collect()
}
