//! The lines about gRPC: a call is an HTTP/2 request whose body is messages, each with its length
//! before it. The message here is empty, so its five bytes are zero.

use super::{Step, tokens};

const EMPTY: &str = "printf '\\0\\0\\0\\0\\0' | ";

pub(super) fn steps(base: &str) -> Vec<Step> {
    let grpc = "-H 'Content-Type: application/grpc' -H 'TE: trailers'";
    let url = format!("{base}/showcase.v1.Whoami/Get");
    // The answer is bytes, some of which terminals take for orders.
    let readable = "-o - | tr -cd '[:print:]\\n'";
    let alice = tokens::bearer("alice.tokens");
    vec![
        Step::new(
            "gRPC on the same port: nobody is refused as gRPC clients read it. HTTP's status is 200.",
            format!("-X POST {grpc} {url}"),
            200,
            &["grpc-status: 16", "grpc-message: authentication is required"],
        ),
        Step {
            before: EMPTY,
            ..Step::new(
                "Alice by her token; a gRPC client is in examples/tonic-service.",
                format!("--data-binary @- {grpc} {alice} {url} {readable}"),
                200,
                &["alice", "bearer", "grpc-status: 0"],
            )
        },
    ]
}
