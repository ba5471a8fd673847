//! The steps, each of which is one atomic script.
//!
//! A script first handles the usual case with few calls, because the server's cost depends on the
//! calls and strings of a script. The rest of the script handles all other cases.

use std::sync::LazyLock;

use redis::{Cmd, Pipeline, Script};

/// A script and its hash, by which the server knows it.
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

/// Returns the commands that load all scripts. A server keeps the scripts until it restarts.
pub(crate) fn load() -> Pipeline {
    let mut load = Pipeline::with_capacity(6);
    for step in [&CREATE, &SAVE, &TOUCH, &END, &INDEX, &RETIRE] {
        load.cmd("SCRIPT").arg("LOAD").arg(&step.code);
    }
    load
}

impl Step {
    /// Returns the hash of the script.
    pub(crate) fn hash(&self) -> &str {
        &self.hash
    }

    /// Returns the command that runs the script: by its hash, or with its code if `whole`, for a
    /// server that does not know the hash.
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
