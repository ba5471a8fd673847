//! The life of the task.

use super::{FLOOR, Fixture};

#[tokio::test]
async fn the_task_ends_with_the_last_handle() {
    let fixture = Fixture::new("1").await;
    let provider = fixture.discover().await.expect("the provider works");
    let (layer, keys) = (fixture.layer(&provider), provider.keys());
    let weak = keys.downgrade();
    drop((provider, keys));
    assert!(weak.upgrade().is_some(), "the layer still needs the keys");
    drop(layer);
    assert!(weak.upgrade().is_none());
    // Everything that the task has to do is done once it was polled.
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    let alive = tokio::runtime::Handle::current().metrics().num_alive_tasks();
    assert_eq!(alive, 1, "only the server's");
    fixture.time.advance(FLOOR * 1000);
    assert_eq!(fixture.fetches(), 1);
}
