//! The compiler's messages for a stack in a wrong order.
//!
//! Each file in `ui/` must not compile, for one reason, with the sentences in the file's `// says:`
//! lines. The test does not compare the rest of the compiler's output: it varies between versions.
//! Each file is compiled alone, against the very libraries with which this test is linked.

use std::any::TypeId;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

type Fault = Box<dyn Error + Send + Sync>;

/// Compiles files in the same way as this test.
struct Compiler {
    deps: PathBuf,
    scratch: PathBuf,
    libraries: Vec<(String, PathBuf)>,
}

impl Compiler {
    /// # Errors
    /// The libraries are not in the folder of this test, where cargo puts them.
    fn new() -> Result<Self, Fault> {
        let deps = env::current_exe()?.parent().ok_or("a test without a directory")?.to_owned();
        let scratch = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("ui");
        fs::create_dir_all(&scratch)?;
        let mut compiler = Self { deps, scratch, libraries: Vec::new() };
        // Types whose `TypeId` identifies the build of a crate.
        for (name, kind, id) in [
            ("tower_auth", "tower_auth::KeyRing", TypeId::of::<tower_auth::KeyRing>()),
            ("axum", "axum::Router", TypeId::of::<axum::Router>()),
            ("tower", "tower::layer::util::Identity", TypeId::of::<tower::layer::util::Identity>()),
            ("http", "http::Extensions", TypeId::of::<http::Extensions>()),
        ] {
            let library = compiler.find(name, kind, id)?;
            compiler.libraries.push((name.into(), library));
        }
        Ok(compiler)
    }

    /// Finds the build of a crate with which this test is linked, among builds with other features
    /// and older ones.
    fn find(&self, name: &str, kind: &str, id: TypeId) -> Result<PathBuf, Fault> {
        let probe = self.scratch.join(format!("probe_{name}.rs"));
        let text = "fn main() { print!(\"{:?}\", std::any::TypeId::of::<KIND>()) }";
        fs::write(&probe, text.replace("KIND", kind))?;
        let mut builds = Vec::new();
        for entry in fs::read_dir(&self.deps)? {
            let entry = entry?;
            let file = entry.file_name();
            let file = file.to_string_lossy();
            if file.starts_with(&format!("lib{name}-")) && file.ends_with(".rlib") {
                builds.push((entry.metadata()?.modified()?, entry.path()));
            }
        }
        // The newest build is nearly always the right one.
        builds.sort();
        for (_, library) in builds.into_iter().rev() {
            let program = probe.with_extension("out");
            let mut command = self.command(&probe);
            command.arg("--extern").arg(format!("{name}={}", library.display()));
            let built = command.args(["-C", "debuginfo=0", "-o"]).arg(&program).output()?;
            if built.status.success()
                && Command::new(&program).output()?.stdout == format!("{id:?}").into_bytes()
            {
                return Ok(library);
            }
        }
        Err(format!("the {name} of this test is not in {}", self.deps.display()).into())
    }

    fn command(&self, file: &Path) -> Command {
        let mut command = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
        command.args(["--edition", "2024", "--crate-type", "bin", "--cap-lints", "allow", "-L"]);
        command.arg(format!("dependency={}", self.deps.display())).arg(file);
        command
    }

    /// Returns the compiler's output for this file. It is an error if the file compiles.
    fn refuse(&self, file: &Path) -> Result<String, Fault> {
        let mut command = self.command(file);
        for (name, library) in &self.libraries {
            command.arg("--extern").arg(format!("{name}={}", library.display()));
        }
        let output =
            command.args(["--emit", "metadata", "-o"]).arg(self.scratch.join("x")).output()?;
        if output.status.success() {
            return Err("the file compiles".into());
        }
        Ok(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

/// Joins the lines of notes, which are wrapped and indented.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn check(compiler: &Compiler, file: &Path) -> Result<String, Fault> {
    let source = fs::read_to_string(file)?;
    let said = compiler.refuse(file)?;
    let promised = source.lines().filter_map(|line| line.strip_prefix("// says: "));
    let missing: Vec<_> = promised.clone().filter(|it| !flat(&said).contains(&flat(it))).collect();
    if promised.count() == 0 {
        return Err("the file has no `// says:` line".into());
    }
    if !missing.is_empty() {
        return Err(format!("missing: {missing:#?}\nsaid:\n{said}").into());
    }
    // The compiler may report one mistake in two places, but always as the same error.
    let mut errors: Vec<_> = said.lines().filter(|line| line.starts_with("error[")).collect();
    errors.dedup();
    if errors.len() != 1 {
        return Err(format!("one mistake was made, but the errors are: {errors:#?}\n{said}").into());
    }
    Ok(said)
}

/// `cargo test -p tower-auth-tests --test ui -- --nocapture` prints the messages.
#[test]
fn mistakes_do_not_compile_and_the_compiler_says_what_to_do() -> Result<(), Fault> {
    let compiler = Compiler::new()?;
    let mut faults = Vec::new();
    let mut files: Vec<_> = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("ui"))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    files.sort();
    assert!(files.len() >= 10, "{} files", files.len());
    for file in files {
        match check(&compiler, &file) {
            Ok(said) => println!("{said}"),
            Err(fault) => faults.push(format!("{}: {fault}", file.display())),
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
    Ok(())
}
