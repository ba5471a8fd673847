//! Tests of the number of commands and round trips of each step.

use tower_auth_core::Clock;
use tower_auth_core::store::{EndOwnedParams, EndReason, ListParams, Load, Record, Store, Version};
use tower_auth_fixtures::proxy::Proxy;
use tower_auth_fixtures::server::Redis;
use tower_auth_redis::RedisStore;

use crate::fixture::{PATIENCE, create, done, key, node, owned, owner, patient, record, run};

/// Returns the commands about records, without checks and the commands of new connections.
pub(crate) fn rounds(proxy: &Proxy) -> Vec<Vec<String>> {
    let connection = ["ROLE", "HELLO", "CLIENT SETINFO", "SCRIPT LOAD"];
    let mut rounds = proxy.take_rounds();
    rounds.iter_mut().for_each(|round| round.retain(|name| !connection.contains(&name.as_str())));
    rounds.retain(|round| !round.is_empty());
    rounds
}

pub(crate) async fn through(proxy: &Proxy) -> RedisStore {
    let url = format!("redis://127.0.0.1:{}", proxy.port());
    patient(RedisStore::node(url, Clock::system())).await
}

#[test]
fn each_step_is_one_command_in_one_round() {
    run(async {
        let redis = Redis::start();
        let proxy = Proxy::start(redis.port());
        let store = through(&proxy).await;
        let _ = proxy.take();

        let version = create(&store, &key(1), &record()).await;
        assert_eq!(rounds(&proxy), [["EVALSHA"]], "create");
        let Ok(Load::Found(stored)) = store.load(&key(1)).await else { panic!("no record") };
        assert_eq!(rounds(&proxy), [["GET"]], "load");
        assert_eq!(stored.version, version);
        // A login sends the record and the index entry together.
        let login = Record { owner: Some(owner()), ..stored.record };
        let version = done(store.save(&key(1), version, &login).await.unwrap());
        assert_eq!(rounds(&proxy), [["EVALSHA", "EVALSHA"]], "a save that sets the owner");
        // From then on the store knows that the index has the entry.
        done(store.save(&key(1), version, &login).await.unwrap());
        assert_eq!(rounds(&proxy), [["EVALSHA"]], "a save");
        store.touch(&key(1), Clock::system().now()).await.unwrap();
        assert_eq!(rounds(&proxy), [["EVALSHA"]], "touch");
        store.end(&key(1), EndReason::LoggedOut, std::time::Duration::ZERO).await.unwrap();
        assert_eq!(rounds(&proxy), [["EVALSHA"]], "end");
        create(&store, &key(2), &owned()).await;
        assert_eq!(rounds(&proxy), [["EVALSHA", "EVALSHA"]], "create with an owner");
    });
}

#[test]
fn a_server_that_evicts_is_told_the_index_entry_each_time() {
    run(async {
        let redis = Redis::with(&["--maxmemory-policy", "allkeys-lru"]);
        let proxy = Proxy::start(redis.port());
        let store = through(&proxy).await;
        let version = create(&store, &key(1), &owned()).await;
        // Deleting the index simulates its eviction.
        let indexes = redis.cli(&["KEYS", "ta:o.*"]);
        assert_eq!(redis.cli(&["DEL", &indexes]), "1");
        let _ = proxy.take();
        done(store.save(&key(1), version, &owned()).await.unwrap());
        assert_eq!(rounds(&proxy), [["EVALSHA", "EVALSHA"]]);
        let page = store.list(ListParams::new(owner(), 10)).await.unwrap();
        assert_eq!(page.entries.len(), 1);
        // So does each touch, which may be the only step on the record for hours.
        assert_eq!(redis.cli(&["DEL", &indexes]), "1");
        let _ = proxy.take();
        store.touch(&key(1), Clock::system().now()).await.unwrap();
        assert_eq!(rounds(&proxy), [["EVALSHA"], ["EVALSHA"]]);
        let page = store.list(ListParams::new(owner(), 10)).await.unwrap();
        assert_eq!(page.entries.len(), 1);
    });
}

#[test]
fn fifty_sessions_are_listed_and_kicked_in_two_rounds() {
    run(async {
        let redis = Redis::start();
        let proxy = Proxy::start(redis.port());
        let store = through(&proxy).await;
        for number in 0..50 {
            create(&store, &key(number), &owned()).await;
        }
        let _ = proxy.take();
        let page = store.list(ListParams::new(owner(), 50)).await.unwrap();
        assert_eq!(page.entries.len(), 50);
        let [index, records] = &rounds(&proxy)[..] else { panic!("two rounds") };
        assert_eq!(index, &["ZRANGE"]);
        assert_eq!(records, &vec!["GET"; 50]);
        let ended = store.end_owned(EndOwnedParams::new(owner(), EndReason::Kicked, PATIENT)).await;
        assert_eq!(ended.unwrap(), 50);
        let [index, ends] = &rounds(&proxy)[..] else { panic!("two rounds") };
        assert_eq!(index, &["ZRANGE"]);
        assert_eq!(ends, &vec!["EVALSHA"; 50]);
        for number in 0..50 {
            assert!(matches!(
                store.load(&key(number)).await,
                Ok(Load::Ended { reason: EndReason::Kicked, .. })
            ));
        }
    });
}

#[test]
fn an_index_is_read_once_however_many_pages_are() {
    run(async {
        let redis = Redis::start();
        let proxy = Proxy::start(redis.port());
        let store = through(&proxy).await;
        for number in 0..250 {
            create(&store, &key(number), &owned()).await;
        }
        let _ = proxy.take();
        let (mut listed, mut cursor) = (Vec::new(), None);
        loop {
            let page =
                store.list(ListParams::new(owner(), 100).cursor(cursor.clone())).await.unwrap();
            listed.extend(page.entries.iter().map(|it| it.key));
            // An end between two pages shifts neither.
            store.end(&listed[0], EndReason::LoggedOut, PATIENT).await.unwrap();
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        assert!(listed.iter().eq((0..250).map(key).collect::<Vec<_>>().iter()));
        let said = rounds(&proxy).concat();
        let count = |name| said.iter().filter(|it| *it == name).count();
        assert_eq!((count("ZRANGE"), count("GET")), (1, 250));
    });
}

/// An application that logs in for each request leaves an index that one message could not end
/// within the time-out.
#[test]
fn very_many_sessions_are_kicked_a_thousand_at_a_time() {
    run(async {
        let redis = Redis::start();
        let proxy = Proxy::start(redis.port());
        let store = through(&proxy).await;
        create(&store, &key(0), &owned()).await;
        let index = redis.cli(&["KEYS", "ta:o.*"]);
        let fill = "for n = 1, 2500 do redis.call('ZADD', KEYS[1], 9e15, \
                    '\\1' .. struct.pack('>I4', n) .. ('\\0'):rep(12)) end";
        assert_eq!(redis.cli(&["EVAL", fill, "1", &index]), "");
        let _ = proxy.take();
        let ended = store.end_owned(EndOwnedParams::new(owner(), EndReason::Kicked, PATIENT)).await;
        assert_eq!(ended.unwrap(), 1);
        // Counts the commands that are sent before each wait. A long message may arrive in several
        // parts.
        let mut said = 0;
        let waits: Vec<_> = rounds(&proxy)
            .iter()
            .map(|round| {
                said += round.len();
                said
            })
            .collect();
        let expected = [1, 1001, 2001, 2502];
        assert!(expected.iter().all(|it| waits.contains(it)), "{waits:?}");
        assert_eq!(said, 2502);
        assert!(matches!(
            store.load(&key(0)).await,
            Ok(Load::Ended { reason: EndReason::Kicked, .. })
        ));
    });
}

#[test]
fn a_server_that_forgot_the_scripts_is_told_them_in_one_round_more() {
    run(async {
        let redis = Redis::start();
        let proxy = Proxy::start(redis.port());
        let store = through(&proxy).await;
        for number in 0..50 {
            create(&store, &key(number), &owned()).await;
        }
        let flush = || assert_eq!(redis.cli(&["SCRIPT", "FLUSH"]), "OK");
        flush();
        let _ = proxy.take();
        create(&store, &key(50), &record()).await;
        assert_eq!(rounds(&proxy), [["EVALSHA"], ["EVAL"]]);
        flush();
        let ended = store.end_owned(EndOwnedParams::new(owner(), EndReason::Kicked, PATIENT)).await;
        assert_eq!(ended.unwrap(), 50);
        let kick = rounds(&proxy);
        assert_eq!(kick.len(), 3, "{kick:?}");
        assert_eq!(kick[2].iter().filter(|name| *name == "EVAL").count(), 1, "once for all");
    });
}

const PATIENT: std::time::Duration = std::time::Duration::from_secs(60);

#[test]
fn d26_nothing_is_said_before_a_step() {
    run(async {
        let redis = Redis::start();
        let proxy = Proxy::start(redis.port());
        let url = format!("redis://127.0.0.1:{}", proxy.port());
        let store = patient(RedisStore::node(url, Clock::system()).connections(3)).await;
        let _ = proxy.take();
        for number in 0..100 {
            let _ = store.load(&key(number)).await.unwrap();
        }
        assert_eq!(rounds(&proxy).concat(), vec!["GET"; 100]);
    });
}

#[test]
fn what_is_kept_for_a_step_under_way_is_small() {
    run(async {
        let redis = Redis::start();
        let store = node(redis.url()).await;
        let (key, record) = (key(1), owned());
        let sizes = [
            ("load", size_of_val(&store.load(&key))),
            ("create", size_of_val(&store.create(&key, &record))),
            ("save", size_of_val(&store.save(&key, Version::from_raw(1), &record))),
            ("touch", size_of_val(&store.touch(&key, record.last))),
            ("end", size_of_val(&store.end(&key, EndReason::Kicked, PATIENCE))),
        ];
        // The driver's own future for one command takes 1.1 KiB, and is included once.
        assert!(sizes.iter().all(|(_, size)| *size < 2560), "{sizes:?}");
        assert!(sizes[0].1 < 2048, "{sizes:?}");
    });
}
