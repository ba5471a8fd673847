//! `showcase.v1.Whoami`: the client and the server that `tonic` generates from
//! `proto/whoami.proto`.

tonic::include_proto!("showcase.v1");
