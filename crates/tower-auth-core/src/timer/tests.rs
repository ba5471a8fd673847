use super::*;

struct Over;

impl Timer for Over {
    fn sleep(&self, _: Duration) -> Sleep {
        Box::pin(std::future::ready(()))
    }
}

#[tokio::test]
async fn a_shared_timer_sleeps_as_the_one_inside() {
    let timer = AnyTimer::new(Over);
    timer.sleep(Duration::MAX).await;
    timer.clone().sleep(Duration::MAX).await;
}

#[test]
fn a_shared_timer_is_not_wrapped_twice() {
    let timer = AnyTimer::new(Over);
    assert!(Arc::ptr_eq(&AnyTimer::new(timer.clone()).0, &timer.0));
}
