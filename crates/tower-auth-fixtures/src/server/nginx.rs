//! nginx as a reverse proxy.

use std::fs;

use tempfile::TempDir;

use super::process::{Process, free_port};

/// An nginx server with the given `http { … }` block.
#[derive(Debug)]
pub struct Nginx {
    _process: Process,
    _directory: TempDir,
    port: u16,
}

impl Nginx {
    /// Starts a server. `PORT` in `http` is replaced by the port to listen on.
    ///
    /// # Panics
    /// Panics if the server does not come up.
    #[must_use]
    pub fn start(http: &str) -> Self {
        let port = free_port();
        let directory = TempDir::new().expect("a temporary directory");
        let at = directory.path().display();
        let paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|it| format!("{it}_temp_path {at}/{it};"))
            .join(" ");
        let settings = format!(
            "daemon off; master_process off; pid {at}/pid; error_log stderr notice;\n\
             events {{}}\nhttp {{ access_log off; {paths}\n{}\n}}\n",
            http.replace("PORT", &port.to_string())
        );
        let file = directory.path().join("nginx.conf");
        fs::write(&file, settings).expect("the directory takes a file");
        let (file, at) = (file.to_string_lossy().into_owned(), at.to_string());
        // On Debian, nginx is in a directory that only root's `PATH` contains.
        let path = std::env::var("PATH").unwrap_or_default();
        let command = [
            "env",
            &format!("PATH={path}:/usr/sbin"),
            "nginx",
            "-p",
            &at,
            "-e",
            "stderr",
            "-c",
            &file,
        ];
        let process = Process::start(&command, "OS:");
        Self { _process: process, _directory: directory, port }
    }

    /// Returns the server's port on the loopback.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }
}
