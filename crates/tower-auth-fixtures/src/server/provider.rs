//! Real `OpenID` providers, which `scripts/providers` installs.

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use super::process::Process;
use crate::http;

/// The secret of every client, and the password of the user alice.
const SECRET: &str = "a-secret-of-the-tests";

/// Begins the line that each provider prints when it is ready. The issuer follows.
const LISTENING: &str = "listening: ";

/// An `OpenID` provider. It keeps its signing keys over a restart, and nothing else.
///
/// It has the clients `rs256` and `es256`, and oidc-provider also has `eddsa`. A client's name is
/// the signature algorithm of its tokens. The clients may use the grants `client_credentials`,
/// `authorization_code` and `refresh_token`, and further clients can register themselves. The user
/// is alice. oidc-provider accepts any other name as `login_hint`, and shows no pages.
#[derive(Debug)]
pub struct OpenIdProvider {
    process: Process,
    directory: TempDir,
    port: u16,
    issuer: String,
    software: Software,
}

#[derive(Debug)]
enum Software {
    OidcProvider { scopes: String },
    Canaille,
}

impl OpenIdProvider {
    /// Starts the npm package `oidc-provider`, whose resources have the scopes `read` and `write`.
    ///
    /// A request that names a `resource` obtains an access token as a JWT (RFC 9068) with that
    /// audience. A request without it obtains an opaque token.
    ///
    /// # Panics
    /// Panics if the provider is not installed or does not come up.
    #[must_use]
    pub fn oidc_provider() -> Self {
        Self::oidc_provider_with(&["read", "write"])
    }

    /// Starts the npm package `oidc-provider`, whose resources have these scopes.
    ///
    /// # Panics
    /// Panics if the provider is not installed or does not come up.
    #[must_use]
    pub fn oidc_provider_with(scopes: &[&str]) -> Self {
        Self::start(Software::OidcProvider { scopes: scopes.join(" ") })
    }

    /// Starts Canaille.
    ///
    /// An access token for a user is a JWT with the claims of an ID token. Its audience is the
    /// client. An access token for the client itself is opaque. The keys in the key set have no
    /// `alg` and no `use`.
    ///
    /// # Panics
    /// Panics if the provider is not installed or does not come up.
    #[must_use]
    pub fn canaille() -> Self {
        Self::start(Software::Canaille)
    }

    fn start(software: Software) -> Self {
        let directory = TempDir::new().expect("a temporary directory");
        // The provider chooses the port: it takes a while to come up, and a port that is free now
        // may be taken then.
        let (process, issuer) = run(0, &directory, &software);
        let port = issuer.rsplit_once(':').and_then(|(_, port)| port.parse().ok());
        let port = port.expect("the provider names its port");
        Self { process, directory, port, issuer, software }
    }

    /// Returns the issuer, `http://127.0.0.1:…`.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Returns the provider's port on the loopback.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Fetches the discovery document.
    ///
    /// # Panics
    /// Panics if the provider does not answer.
    #[must_use]
    pub fn metadata(&self) -> Value {
        http::get(&format!("{}/.well-known/openid-configuration", self.issuer))
    }

    /// Fetches the key set.
    ///
    /// # Panics
    /// Panics if the provider does not answer.
    #[must_use]
    pub fn jwks(&self) -> Value {
        http::get(text(&self.metadata()["jwks_uri"]))
    }

    /// Requests tokens from the token endpoint as `client`, and returns the response.
    ///
    /// ```no_run
    /// # let provider = tower_auth_fixtures::server::OpenIdProvider::oidc_provider();
    /// let form = [("grant_type", "client_credentials"), ("resource", "https://api.example")];
    /// let tokens = provider.tokens("es256", &form);
    /// let token = tokens["access_token"].as_str();
    /// ```
    ///
    /// # Panics
    /// Panics if the provider refuses the request.
    #[must_use]
    pub fn tokens(&self, client: &str, form: &[(&str, &str)]) -> Value {
        http::post_form(text(&self.metadata()["token_endpoint"]), (client, SECRET), form)
    }

    /// Obtains an access token that is a JWT, as `client`.
    ///
    /// oidc-provider issues it to the client itself, for `audience`. Canaille issues it to alice,
    /// and ignores `audience`.
    ///
    /// # Panics
    /// Panics if the provider refuses the request.
    #[must_use]
    pub fn token(&self, client: &str, audience: &str) -> String {
        let form: &[_] = match &self.software {
            Software::OidcProvider { scopes } => {
                &[("grant_type", "client_credentials"), ("resource", audience), ("scope", scopes)]
            }
            Software::Canaille => &[
                ("grant_type", "password"),
                ("username", "alice"),
                ("password", SECRET),
                ("scope", "openid profile email"),
            ],
        };
        text(&self.tokens(client, form)["access_token"]).to_owned()
    }

    /// Obtains tokens as an application does, with the npm package `openid-client`.
    ///
    /// Returns the two responses of the token endpoint: `client_credentials`, and
    /// `authorization_code` for the user alice, with PKCE and with an ID token. Both requests name
    /// `resource`, which Canaille ignores.
    ///
    /// # Panics
    /// Panics if the provider refuses a request, or if the library refuses a response.
    #[must_use]
    pub fn tokens_of_library(&self, client: &str, resource: &str, scope: &str) -> Value {
        let output = Command::new(installed("node"))
            .env("NODE_PATH", installed("node_modules"))
            .arg(program("openid-client.cjs"))
            .args([&self.issuer, client, SECRET, resource, scope])
            .output()
            .expect("Node.js runs");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{errors}\n{}", self.process.said());
        serde_json::from_slice(&output.stdout).expect("the program prints JSON")
    }

    /// Registers a client (RFC 7591) with this metadata, and returns the provider's response.
    ///
    /// # Panics
    /// Panics if the provider refuses the request.
    #[must_use]
    pub fn register(&self, metadata: &Value) -> Value {
        http::post_json(text(&self.metadata()["registration_endpoint"]), metadata)
    }

    /// Publishes a new key for each algorithm, and signs with it. The previous keys stay published
    /// until the next rotation.
    ///
    /// # Panics
    /// Panics if the provider does not answer.
    pub fn rotate(&self) {
        http::curl(&["--request", "POST", &format!("{}/control/rotate", self.issuer)]);
    }

    /// Pauses the provider; see [`Process::pause`]. It still accepts connections, but does not
    /// answer.
    pub fn pause(&self) {
        self.process.pause();
    }

    /// Resumes the provider; see [`Process::resume`].
    pub fn resume(&self) {
        self.process.resume();
    }

    /// Kills the provider; see [`Process::kill`].
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// Restarts the provider on the same port, with its keys and its first clients.
    ///
    /// # Panics
    /// Panics if the provider does not come up.
    pub fn restart(&mut self) {
        self.process.kill();
        self.process = run(self.port, &self.directory, &self.software).0;
    }

    /// Returns the provider's process, to read its output.
    #[must_use]
    pub const fn process(&self) -> &Process {
        &self.process
    }
}

/// Starts a provider, and returns it with its issuer. The port 0 stands for a free one.
fn run(port: u16, directory: &TempDir, software: &Software) -> (Process, String) {
    let port = port.to_string();
    let keys = directory.path().join("keys.json").to_string_lossy().into_owned();
    let command = match software {
        Software::OidcProvider { scopes } => [
            "env".to_owned(),
            format!("NODE_PATH={}", installed("node_modules")),
            installed("node"),
            program("oidc-provider.cjs"),
            port,
            keys,
            SECRET.to_owned(),
            scopes.clone(),
        ]
        .to_vec(),
        Software::Canaille => [
            installed("venv/bin/python"),
            program("canaille-provider.py"),
            port,
            keys,
            SECRET.to_owned(),
        ]
        .to_vec(),
    };
    let command: Vec<_> = command.iter().map(String::as_str).collect();
    let process = Process::spawn(&command, None);
    let line = process.wait_for(LISTENING);
    let issuer = line.trim_start_matches(LISTENING).to_owned();
    (process, issuer)
}

/// Returns the path of a program of this crate.
fn program(name: &str) -> String {
    format!("{}/providers/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// Returns the path of a file that `scripts/providers` has installed.
fn installed(name: &str) -> String {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target/providers");
    assert!(
        folder.join("installed").exists(),
        "the OpenID providers are not installed: run scripts/providers"
    );
    folder.join(name).to_string_lossy().into_owned()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("not a text: {value}"))
}
