//! Tests with many threads at once, on both flavours of runtime.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::*;

const KEYS: u8 = 4;

/// Two nodes have caches over one store, with immediate pushes. A read on either node that starts
/// after a save has returned sees that save or a later one.
#[test]
fn d29_64_threads_never_read_what_was_before() {
    let time = TestClock::new();
    let store = FeedingStore::new(ModelStore::new(time.clock()));
    let node = || {
        let feed = store.feed();
        let near = NearCache::builder(store.clone())
            .feed(feed.clone())
            .clock(time.clock())
            .uptime(time.clock())
            .build();
        feed.beat();
        near.unwrap()
    };
    let nodes = [node(), node()];
    let floors: Arc<[AtomicU64; KEYS as usize]> = Arc::default();
    let stop = Arc::new(AtomicBool::new(false));
    let hits = Arc::new(AtomicU64::new(0));
    let block = |future| {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(future)
    };
    block(Box::pin(async {
        for byte in 0..KEYS {
            let _ = store.create(&key(byte), &record(time.now(), "first")).await.unwrap();
        }
    }) as std::pin::Pin<Box<dyn Future<Output = ()>>>);
    std::thread::scope(|scope| {
        for thread in 0..64_usize {
            let near = nodes[thread % 2].clone();
            let (floors, stop, hits) = (floors.clone(), stop.clone(), hits.clone());
            let now = time.now();
            scope.spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                // This also runs on a panic. Otherwise the other threads would wait forever.
                let _stop = Stop(stop.clone(), thread == 0);
                runtime.block_on(async {
                    let mut round = 0;
                    while !stop.load(Ordering::SeqCst) {
                        round += 1;
                        let byte = (round + thread) as u8 % KEYS;
                        let floor = floors[usize::from(byte)].load(Ordering::SeqCst);
                        let now_known = near.load_now(&key(byte));
                        hits.fetch_add(u64::from(now_known.is_some()), Ordering::Relaxed);
                        let load = match now_known {
                            Some(load) => load,
                            None => near.load(&key(byte)).await.unwrap(),
                        };
                        let Load::Found(stored) = load else { panic!("the record is never ended") };
                        assert!(stored.version.get() >= floor, "older than the last known version");
                        if thread >= 8 {
                            continue;
                        }
                        let fresh = record(now, "again");
                        let saved = near.save(&key(byte), stored.version, &fresh).await.unwrap();
                        if let Write::Done(version) = saved {
                            floors[usize::from(byte)].fetch_max(version.get(), Ordering::SeqCst);
                        }
                        if thread == 0 && round == 3_000 {
                            return;
                        }
                    }
                });
            });
        }
    });
    assert!(hits.load(Ordering::Relaxed) > 1_000, "the cache was hardly used");
}

/// Stops all threads when its own thread is done.
struct Stop(Arc<AtomicBool>, bool);

impl Drop for Stop {
    fn drop(&mut self) {
        if self.1 || std::thread::panicking() {
            self.0.store(true, Ordering::SeqCst);
        }
    }
}

/// The measurement of D29: a read directly after this node's own write, with tasks that move
/// between threads.
#[test]
fn d29_a_read_after_our_own_write_is_never_stale_on_either_runtime() {
    let mut flavours = [
        tokio::runtime::Builder::new_current_thread(),
        tokio::runtime::Builder::new_multi_thread(),
    ];
    for flavour in &mut flavours {
        flavour.build().unwrap().block_on(async {
            let node = Arc::new(Node::new());
            let tasks: Vec<_> = (0..16)
                .map(|byte| {
                    let node = node.clone();
                    tokio::spawn(async move {
                        let fresh = record(node.time.now(), "first");
                        let Ok(Write::Done(mut version)) =
                            node.near.create(&key(byte), &fresh).await
                        else {
                            panic!("the key is free")
                        };
                        for _ in 0..200 {
                            let saved = node.near.save(&key(byte), version, &fresh).await.unwrap();
                            let Write::Done(new) = saved else {
                                panic!("there is no other writer")
                            };
                            version = new;
                            tokio::task::yield_now().await;
                            let load = match node.hit(byte) {
                                Some(load) => load,
                                None => node.load(byte).await,
                            };
                            assert!(matches!(load, Load::Found(it) if it.version == version));
                        }
                    })
                })
                .collect();
            for task in tasks {
                task.await.unwrap();
            }
        });
    }
}
