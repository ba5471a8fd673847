//! The steps that are one atomic script each.

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
    CREATE: "record.lua" "create.lua";
    SAVE: "record.lua" "save.lua";
    TOUCH: "record.lua" "touch.lua";
    END: "record.lua" "end.lua";
    INDEX: "index.lua";
}

/// Tells a server all of them; it keeps them until it is restarted.
pub(crate) fn load() -> Pipeline {
    let mut load = Pipeline::with_capacity(5);
    for step in [&CREATE, &SAVE, &TOUCH, &END, &INDEX] {
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
