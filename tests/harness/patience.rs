//! How long tests wait for what heals by itself.

use std::time::{Duration, Instant};

use convene_client::Error;

/// Longer than any healing takes, or the training of a project, on a machine that is busy with other things.
pub(crate) const PATIENCE: Duration = Duration::from_secs(180);

/// Asks until it is answered: something behind the gateway may be on its way back.
pub(crate) async fn retried<T, F>(mut ask: impl FnMut() -> F) -> T
where
    F: Future<Output = Result<T, Error>>,
{
    let begun = Instant::now();
    loop {
        match ask().await {
            Ok(answer) => return answer,
            Err(error) if error.may_pass() && begun.elapsed() < PATIENCE => {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            Err(error) => panic!("{error}"),
        }
    }
}
