//! The queue of a session's writers on this node.
//!
//! While there is no queue, a writer saves at once. A writer that meets another writer queues, and
//! so does each writer that arrives while there is a queue. Otherwise the later writers would
//! overtake the first again and again.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Mutex as Turn, OwnedMutexGuard};
use tower_auth_core::store::RecordId;

/// Sessions that have a queue, divided by a byte of their random ids.
pub(super) struct WriterLocks([Mutex<Vec<Queue>>; 64]);

struct Queue {
    id: RecordId,
    /// Fair: first come, first served.
    turn: Arc<Turn<()>>,
    /// The number of writers in the queue, waiting or having their turn.
    writers: usize,
}

impl WriterLocks {
    pub(super) const fn new() -> Self {
        Self([const { Mutex::new(Vec::new()) }; 64])
    }

    fn of(&self, id: &RecordId) -> MutexGuard<'_, Vec<Queue>> {
        let [first, ..] = *id.as_bytes();
        let part = &self.0[usize::from(first) % self.0.len()];
        part.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits behind all writers that queue for this session. Creates the queue if there is none.
    pub(super) async fn queue(&self, id: RecordId) -> QueuePosition<'_> {
        let (mut place, turn) = {
            let mut queues = self.of(&id);
            let turn = match queues.iter_mut().find(|queue| queue.id == id) {
                Some(queue) => {
                    queue.writers += 1;
                    queue.turn.clone()
                }
                None => {
                    let turn = Arc::<Turn<()>>::default();
                    queues.push(Queue { id, turn: turn.clone(), writers: 1 });
                    turn
                }
            };
            // Created before waiting, so that a writer that stops waiting leaves the queue.
            (QueuePosition { locks: self, id, turn: None }, turn)
        };
        place.turn = Some(turn.lock_owned().await);
        place
    }

    /// Waits behind the queue, if there is one.
    pub(super) async fn behind(&self, id: RecordId) -> Option<QueuePosition<'_>> {
        let is_queued = self.of(&id).iter().any(|queue| queue.id == id);
        // Boxed, so that the future of a save without another writer stays small.
        if is_queued { Some(Box::pin(self.queue(id)).await) } else { None }
    }
}

/// A writer's place in a session's queue. The writer leaves the queue on drop.
pub(super) struct QueuePosition<'l> {
    locks: &'l WriterLocks,
    id: RecordId,
    turn: Option<OwnedMutexGuard<()>>,
}

impl Drop for QueuePosition<'_> {
    fn drop(&mut self) {
        // Give the next writer its turn before examining the queue.
        drop(self.turn.take());
        let mut queues = self.locks.of(&self.id);
        if let Some(at) = queues.iter().position(|queue| queue.id == self.id) {
            queues[at].writers -= 1;
            if queues[at].writers == 0 {
                queues.swap_remove(at);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future as _;
    use std::pin::pin;
    use std::task::{Context, Waker};

    use tower_auth_core::store::RecordId;

    use super::WriterLocks;

    fn queues(locks: &WriterLocks) -> usize {
        locks.0.iter().map(|part| part.lock().unwrap().len()).sum()
    }

    #[tokio::test]
    async fn first_come_first_served_and_nothing_is_left() {
        let (locks, id) = (WriterLocks::new(), RecordId::new([1; 16]));
        let mut task = Context::from_waker(Waker::noop());
        assert!(locks.behind(id).await.is_none());
        let first = locks.queue(id).await;
        let (mut second, mut third) = (pin!(locks.behind(id)), pin!(locks.queue(id)));
        assert!(second.as_mut().poll(&mut task).is_pending());
        assert!(third.as_mut().poll(&mut task).is_pending());
        // Another session does not wait, though its handle falls into the same division.
        let other = RecordId::new([65; 16]);
        assert!(locks.behind(other).await.is_none());
        drop(first);
        assert!(third.as_mut().poll(&mut task).is_pending());
        drop(second.await);
        drop(third.await);
        assert_eq!(queues(&locks), 0);
    }

    #[tokio::test]
    async fn a_writer_that_is_dropped_while_it_waits_leaves_the_queue() {
        let (locks, id) = (WriterLocks::new(), RecordId::new([2; 16]));
        let first = locks.queue(id).await;
        {
            let mut waiting = pin!(locks.queue(id));
            let mut task = Context::from_waker(Waker::noop());
            assert!(waiting.as_mut().poll(&mut task).is_pending());
        }
        drop(first);
        assert_eq!(queues(&locks), 0);
        assert!(locks.behind(id).await.is_none());
    }
}
