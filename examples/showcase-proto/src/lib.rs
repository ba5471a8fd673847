//! `showcase.v1.Whoami`: client and server as `tonic` makes them of `proto/whoami.proto`.

tonic::include_proto!("showcase.v1");
