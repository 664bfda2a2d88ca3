//! How people read: by WebSocket, with the client that keeps its connection; by server-sent events, one
//! connection after the other.

use convene_client::{Client, Update, proto::frame::ServerFrame};

use super::{PAUSE, Shared};

impl Shared {
    /// Shows a frame. False: it broke the server's word.
    pub(super) fn show(&self, frame: &ServerFrame) -> bool {
        self.trace.frame(&self.name, frame);
        let shown = self.view.lock().unwrap().take(frame);
        if let Err(violation) = &shown {
            self.trace.note(format!("{} ! {violation}", self.name));
        }
        shown.is_ok()
    }

    pub(super) async fn read_socket(&self) {
        loop {
            let client = loop {
                match Client::connect(self.options.clone()).await {
                    Ok(client) => break client,
                    Err(error) => self.trace.note(format!("{} ~ {error}", self.name)),
                }
                tokio::time::sleep(PAUSE).await;
            };
            self.online.send_replace(Some(client.clone()));
            let after = self.view.lock().unwrap().position().cloned();
            let subscribed = client.subscribe(&self.conversation, after).await;
            let Ok(mut updates) = subscribed else {
                self.trace.note(format!("{} ~ {subscribed:?}", self.name));
                tokio::time::sleep(PAUSE).await;
                continue;
            };
            while let Some(update) = updates.next().await {
                match update {
                    Update::Frame(frame) => {
                        self.show(&frame);
                    }
                    Update::Violation(violation) => {
                        self.trace.note(format!("{} ! {violation}", self.name));
                        self.view.lock().unwrap().breaks(violation);
                    }
                    Update::Ended(problem) => {
                        self.trace
                            .note(format!("{} ~ ended {problem:?}", self.name));
                    }
                }
            }
            self.view.lock().unwrap().detach();
        }
    }

    pub(super) async fn read_stream(&self) {
        let rest = self.rest();
        loop {
            let after = self.view.lock().unwrap().position().cloned();
            match rest.events(&self.conversation, after.as_ref()).await {
                Ok(mut events) => {
                    while let Ok(Some(received)) = events.next().await {
                        if !self.show(&received.frame) {
                            break;
                        }
                    }
                }
                Err(error) => self.trace.note(format!("{} ~ {error}", self.name)),
            }
            self.view.lock().unwrap().detach();
            tokio::time::sleep(PAUSE).await;
        }
    }
}
