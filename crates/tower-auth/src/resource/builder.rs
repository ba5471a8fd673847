//! The builder of a protected resource, and its document.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::address;
use super::error::ResourceConfigError;
use super::{Inner, ProtectedResource};
use crate::scope_token::is_scope_token;

/// The path of the document of an API whose identifier has no path (RFC 9728, 3).
const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

/// A way in which a token may travel, as the document names it (RFC 6750, 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BearerMethod {
    /// The `Authorization` header.
    Header,
    /// A form in the request's body.
    Body,
    /// The query of the address.
    Query,
}

impl BearerMethod {
    const fn name(self) -> &'static str {
        match self {
            Self::Header => "header",
            Self::Body => "body",
            Self::Query => "query",
        }
    }
}

/// Collects the settings of a [`ProtectedResource`]; created by [`ProtectedResource::builder`].
#[derive(Debug)]
#[must_use]
pub struct ProtectedResourceBuilder {
    identifier: String,
    authorization_servers: Vec<String>,
    scopes: Vec<String>,
    default_scopes: Vec<String>,
    bearer_methods: Vec<BearerMethod>,
    name: Option<String>,
    documentation: Option<String>,
    policy: Option<String>,
    terms_of_service: Option<String>,
}

impl ProtectedResourceBuilder {
    pub(super) fn new(identifier: String, authorization_server: String) -> Self {
        Self {
            identifier,
            authorization_servers: vec![authorization_server],
            scopes: Vec::new(),
            default_scopes: Vec::new(),
            bearer_methods: vec![BearerMethod::Header],
            name: None,
            documentation: None,
            policy: None,
            terms_of_service: None,
        }
    }

    /// Adds an authorization server, named by its issuer. The client chooses one of them.
    pub fn authorization_server(mut self, issuer: impl Into<String>) -> Self {
        self.authorization_servers.push(issuer.into());
        self
    }

    /// Adds scopes that the document lists. Default: none, and the document lists no scopes.
    ///
    /// A client that finds no scope in a challenge requests all of them, and some clients always do.
    /// Omit scopes that few clients need.
    pub fn scopes<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.scopes.extend(scopes.into_iter().map(Into::into));
        self
    }

    /// Adds a scope that a 401 names if the scopes of the route are unknown. Default: none.
    ///
    /// The bearer layer does not know the route's scopes if it refuses an invalid token, or if the
    /// handler itself checks scopes.
    pub fn default_scope(mut self, scope: impl Into<String>) -> Self {
        self.default_scopes.push(scope.into());
        self
    }

    /// Sets the ways in which tokens may travel, as the document names them. Default:
    /// [`BearerMethod::Header`].
    ///
    /// The setting changes the document only. A bearer layer with this resource is built only if it
    /// reads tokens in all these ways: [`BearerMethod::Query`] needs
    /// [`insecure_from_query`](crate::bearer::BearerJwtLayerBuilder::insecure_from_query) with the
    /// parameter `access_token`. For an empty list the document does not name the ways.
    pub fn bearer_methods(mut self, methods: impl IntoIterator<Item = BearerMethod>) -> Self {
        self.bearer_methods = methods.into_iter().collect();
        self
    }

    /// Sets the name of the API for people.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets the address of the documentation for developers of clients.
    pub fn documentation(mut self, address: impl Into<String>) -> Self {
        self.documentation = Some(address.into());
        self
    }

    /// Sets the address of the page that says how clients may use the data of the API.
    pub fn policy(mut self, address: impl Into<String>) -> Self {
        self.policy = Some(address.into());
        self
    }

    /// Sets the address of the terms of service.
    pub fn terms_of_service(mut self, address: impl Into<String>) -> Self {
        self.terms_of_service = Some(address.into());
        self
    }

    /// Checks the settings and writes the document.
    ///
    /// # Errors
    /// Returns a [`ResourceConfigError`] for a setting with which clients would refuse the document.
    /// The message names the setting and the fix.
    ///
    /// ```
    /// use tower_auth::ProtectedResource;
    ///
    /// let resource = ProtectedResource::builder("http://api.example", "https://id.example");
    /// assert!(resource.build().unwrap_err().to_string().contains("https://"));
    /// ```
    pub fn build(self) -> Result<ProtectedResource, ResourceConfigError> {
        let identifier = self.identifier.clone();
        let at = address::path_of(&identifier).map_err(|fault| {
            ResourceConfigError::Identifier { value: identifier.clone(), fault }
        })?;
        self.check()?;
        let (origin, path) = identifier.split_at(at);
        // A path that is only a slash counts as no path (RFC 9728, 3.1).
        let suffix = if path == "/" { "" } else { path };
        let metadata_url = format!("{origin}{WELL_KNOWN}{suffix}");
        let default_scope =
            (!self.default_scopes.is_empty()).then(|| distinct(&self.default_scopes).join(" "));
        let document = self.document().to_string().into();
        Ok(ProtectedResource(Arc::new(Inner {
            path: origin.len(),
            metadata_url,
            default_scope,
            bearer_methods: self.bearer_methods,
            document,
            identifier,
        })))
    }

    fn check(&self) -> Result<(), ResourceConfigError> {
        for value in &self.authorization_servers {
            address::path_of(value).map_err(|fault| ResourceConfigError::AuthorizationServer {
                value: value.clone(),
                fault,
            })?;
        }
        for (setter, scopes) in [("scopes", &self.scopes), ("default_scope", &self.default_scopes)]
        {
            if let Some(value) = scopes.iter().find(|scope| !is_scope_token(scope)) {
                return Err(ResourceConfigError::Scope { setter, value: value.clone() });
            }
        }
        for (setter, page) in [
            ("documentation", &self.documentation),
            ("policy", &self.policy),
            ("terms_of_service", &self.terms_of_service),
        ] {
            let Some(value) = page else { continue };
            address::check_page(value).map_err(|fault| ResourceConfigError::Page {
                setter,
                value: value.clone(),
                fault,
            })?;
        }
        match &self.name {
            Some(name) if name.trim().is_empty() => Err(ResourceConfigError::Name),
            _ => Ok(()),
        }
    }

    /// Members without a value are left out (RFC 9728, 3.2).
    fn document(&self) -> Value {
        let methods: Vec<String> =
            self.bearer_methods.iter().map(|method| method.name().to_owned()).collect();
        let lists = [
            ("authorization_servers", &self.authorization_servers),
            ("scopes_supported", &self.scopes),
            ("bearer_methods_supported", &methods),
        ];
        let texts = [
            ("resource_name", &self.name),
            ("resource_documentation", &self.documentation),
            ("resource_policy_uri", &self.policy),
            ("resource_tos_uri", &self.terms_of_service),
        ];
        let mut members = Map::new();
        members.insert("resource".into(), self.identifier.as_str().into());
        for (name, list) in lists {
            if !list.is_empty() {
                members.insert(name.into(), distinct(list).into());
            }
        }
        for (name, text) in texts {
            if let Some(text) = text {
                members.insert(name.into(), text.as_str().into());
            }
        }
        Value::Object(members)
    }
}

/// Returns each value once, in the given order.
fn distinct(values: &[String]) -> Vec<&str> {
    let mut distinct: Vec<&str> = Vec::with_capacity(values.len());
    for value in values {
        if !distinct.contains(&value.as_str()) {
            distinct.push(value);
        }
    }
    distinct
}
