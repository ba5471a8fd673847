//! A real nginx in front of two nodes, with the settings in the manual's page `stores`.

#![allow(clippy::disallowed_methods, reason = "runs real servers")]

mod names;
mod sticky;
mod through;

const PAGE: &str = include_str!("../../../../crates/tower-auth/src/manual/stores.rs");

/// Returns the page's block of nginx settings that begins with this comment, with these addresses.
fn settings(begins: &str, nodes: [&str; 2]) -> String {
    let page = PAGE.lines().filter_map(|line| line.strip_prefix("//!"));
    let page =
        page.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect::<Vec<_>>().join("\n");
    let mut blocks = page.split("```nginx\n").skip(1).map(|it| it.split("```").next().unwrap());
    let block = blocks.find(|it| it.starts_with(&format!("# {begins}"))).expect("the page has it");
    let mut block = block.replace("listen 3000;", "listen 127.0.0.1:PORT;");
    assert!(block.contains("PORT"), "{block}");
    for (printed, node) in ["127.0.0.1:3001", "127.0.0.1:3002"].into_iter().zip(nodes) {
        assert!(block.contains(printed), "{block}");
        block = block.replace(printed, node);
    }
    block
}
