//! The tools.

use rmcp::handler::server::router::tool::ToolRouter;
use rmcp::handler::server::tool::Extension;
use rmcp::handler::server::wrapper::Parameters;
use rmcp::model::{ServerCapabilities, ServerConfig, Tool};
use rmcp::{ServerHandler, schemars, tool, tool_handler, tool_router};
use tower_auth::Identity;

#[derive(Clone, Debug)]
pub(crate) struct Weather {
    tool_router: ToolRouter<Self>,
}

#[derive(Debug, serde::Deserialize, schemars::JsonSchema)]
struct Place {
    city: String,
}

#[tool_router]
impl Weather {
    pub(crate) fn new() -> Self {
        Self { tool_router: Self::tool_router() }
    }

    /// Returns all tools.
    pub(crate) fn tools(&self) -> Vec<Tool> {
        self.tool_router.list_all()
    }

    #[tool(description = "Forecasts the weather of a city")]
    fn forecast(&self, Parameters(Place { city }): Parameters<Place>) -> String {
        format!("sunny in {city}")
    }

    // The SDK passes on the head of the HTTP request, and so the identity in its extensions.
    #[tool(description = "Reports rain in a city")]
    fn report(
        &self,
        Parameters(Place { city }): Parameters<Place>,
        Extension(head): Extension<axum::http::request::Parts>,
    ) -> String {
        let by = head.extensions.get::<Identity>().map_or("unknown", Identity::subject);
        format!("{by} reported rain in {city}")
    }
}

#[tool_handler(router = self.tool_router)]
impl ServerHandler for Weather {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
    }
}
