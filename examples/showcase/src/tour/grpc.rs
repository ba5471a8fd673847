//! The lines about gRPC. A call is an HTTP/2 request; its body consists of messages, each after its
//! length. The message here is empty, so it is five zero bytes.

use super::{Step, tokens};

const EMPTY: &str = "printf '\\0\\0\\0\\0\\0' | ";

pub(super) fn steps(base: &str) -> Vec<Step> {
    let grpc = "-H 'Content-Type: application/grpc' -H 'TE: trailers'";
    let url = format!("{base}/showcase.v1.Whoami/Get");
    // The response is binary, and some bytes would be control characters to a terminal.
    let readable = "-o - | tr -cd '[:print:]\\n'";
    let alice = tokens::bearer("alice.tokens");
    vec![
        Step::new(
            "gRPC on the same port: a refusal without a token is a gRPC status. The HTTP status is 200.",
            format!("-X POST {grpc} {url}"),
            200,
            &["grpc-status: 16", "grpc-message: authentication is required"],
        ),
        Step {
            before: EMPTY,
            ..Step::new(
                "Alice, by her token. See examples/tonic-service for a gRPC client.",
                format!("--data-binary @- {grpc} {alice} {url} {readable}"),
                200,
                &["alice", "bearer", "grpc-status: 0"],
            )
        },
    ]
}
