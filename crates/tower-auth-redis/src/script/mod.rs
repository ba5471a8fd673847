//! The steps that are one atomic script each.
//!
//! What nearly every step finds is decided first, by few calls; a script costs the server by what it
//! calls and by the strings it makes. What is then left over is decided by the whole script.

use std::sync::LazyLock;

use redis::{Cmd, Pipeline, Script};

/// A script, and what the server calls it.
pub(crate) struct Step {
    code: String,
    hash: String,
}

macro_rules! step {
    ($($name:ident: $($file:literal)+;)+) => {$(
        pub(crate) static $name: LazyLock<Step> = LazyLock::new(|| {
            let code = concat!($(include_str!($file)),+).to_owned();
            let hash = Script::new(&code).get_hash().to_owned();
            Step { code, hash }
        });
    )+};
}

step! {
    CREATE: "likely_create.lua" "record.lua" "create.lua";
    SAVE: "likely_save.lua" "record.lua" "save.lua";
    TOUCH: "likely_touch.lua" "record.lua" "touch.lua";
    END: "record.lua" "end.lua";
    INDEX: "index.lua";
    RETIRE: "retire.lua";
}

/// Tells a server all of them; it keeps them until it is restarted.
pub(crate) fn load() -> Pipeline {
    let mut load = Pipeline::with_capacity(6);
    for step in [&CREATE, &SAVE, &TOUCH, &END, &INDEX, &RETIRE] {
        load.cmd("SCRIPT").arg("LOAD").arg(&step.code);
    }
    load
}

impl Step {
    /// What the server calls it.
    pub(crate) fn hash(&self) -> &str {
        &self.hash
    }

    /// The command that runs it: by its hash, or, where the server does not know it, whole.
    pub(crate) fn command(&self, whole: bool, key: &str, args: &[Vec<u8>]) -> Cmd {
        let (name, script) = if whole { ("EVAL", &self.code) } else { ("EVALSHA", &self.hash) };
        let mut command = redis::cmd(name);
        command.arg(script).arg(1).arg(key);
        for arg in args {
            command.arg(&arg[..]);
        }
        command
    }
}
