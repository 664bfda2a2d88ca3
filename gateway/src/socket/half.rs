//! One half of a socket: it is looked at when something has come for it, and not whenever the other
//! moves, which shares its task.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use futures_util::{FutureExt as _, future::BoxFuture, task::AtomicWaker};

/// See the module.
pub(super) struct Half<'a, T> {
    work: BoxFuture<'a, T>,
    call: Arc<Call>,
}

/// What wakes it.
struct Call {
    /// Something has come since the last look.
    came: AtomicBool,
    task: AtomicWaker,
}

impl Wake for Call {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.came.store(true, Ordering::Release);
        self.task.wake();
    }
}

impl<'a, T> Half<'a, T> {
    pub(super) fn new(work: impl Future<Output = T> + Send + 'a) -> Self {
        let call = Call {
            came: AtomicBool::new(true),
            task: AtomicWaker::new(),
        };
        Self {
            work: work.boxed(),
            call: Arc::new(call),
        }
    }
}

impl<T> Future for Half<'_, T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        self.call.task.register(cx.waker());
        if !self.call.came.swap(false, Ordering::AcqRel) {
            return Poll::Pending;
        }
        let waker = Waker::from(self.call.clone());
        self.work.as_mut().poll(&mut Context::from_waker(&waker))
    }
}

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, pin::pin, sync::atomic::AtomicUsize};

    use futures_util::poll;
    use tokio::sync::Notify;

    use super::*;

    #[tokio::test]
    async fn it_is_looked_at_only_when_something_has_come_for_it() {
        let (came, looks) = (Notify::new(), AtomicUsize::new(0));
        let mut half = Half::new(async {
            let mut waiting = pin!(came.notified());
            poll_fn(|cx| {
                looks.fetch_add(1, Ordering::Relaxed);
                waiting.as_mut().poll(cx)
            })
            .await;
        });
        let looked = || looks.load(Ordering::Relaxed);
        for _ in 0..3 {
            assert!(poll!(&mut half).is_pending());
            assert_eq!(looked(), 1);
        }
        came.notify_one();
        assert!(poll!(&mut half).is_ready());
        assert_eq!(looked(), 2);
    }
}
