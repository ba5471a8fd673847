//! Each kind of method through the whole stack.

use tokio_stream::StreamExt as _;

use crate::world::{World, bearing, client, text};

#[tokio::test]
async fn a_call_of_each_kind_knows_who_is_calling() {
    let world = World::new();
    let mut client = client(world.guarded().await).await;
    let token = world.token("alice");

    let answer = client.unary(bearing(text("who"), &token)).await.unwrap();
    assert_eq!(answer.get_ref().text, "alice via bearer");

    let messages = tokio_stream::iter([text("who"), text("else")]);
    let answer = client.collect(bearing(messages, &token)).await.unwrap();
    assert_eq!(answer.get_ref().text, "alice via bearer");

    let answer = client.repeat(bearing(text("x"), &token)).await.unwrap();
    let texts: Vec<_> = answer.into_inner().map(|it| it.unwrap().text).collect().await;
    assert_eq!(texts, ["alice via bearer", "x"]);

    let messages = tokio_stream::iter([text("a"), text("who")]);
    let answer = client.chat(bearing(messages, &token)).await.unwrap();
    let texts: Vec<_> = answer.into_inner().map(|it| it.unwrap().text).collect().await;
    assert_eq!(texts, ["a", "alice via bearer"]);
}
