//! The page, in a browser, on the real thing: `gateway/web/page-tests/product.test.ts`.

use std::path::Path;

use tokio::process::Command;

use crate::harness::{Shape, Stack};

/// Runs the page's tests against an address; skipped where there is no browser.
async fn browse(url: &str) {
    let required = std::env::var_os("CONVENE_TEST_REQUIRE").is_some();
    let chromium = std::env::var_os("CONVENE_TEST_CHROMIUM").filter(|path| !path.is_empty());
    let web = Path::new(env!("CARGO_MANIFEST_DIR")).join("gateway/web");
    let Some(chromium) = chromium.filter(|_| web.join("node_modules").exists()) else {
        assert!(!required, "no browser, or no node_modules");
        println!("skipped: set CONVENE_TEST_CHROMIUM, or run cargo xtask test");
        return;
    };
    let output = Command::new("npx")
        .args(["--no-install", "vitest", "run", "--config"])
        .args(["page-tests/vitest.config.ts", "page-tests/product.test.ts"])
        .current_dir(web)
        .env("CHROMIUM", chromium)
        .env("CONVENE_TEST_URL", url)
        .env("NO_COLOR", "1")
        .kill_on_drop(true)
        .output()
        .await
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(said.contains("4 passed"), "nothing was tested: {said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_one_process() {
    let stack = Stack::embedded().await;
    browse(&stack.gateway(0).url()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_cluster_behind_a_load_balancer() {
    if let Some((_stack, balancer)) = Stack::balanced(Shape::default()).await {
        browse(&balancer.url()).await;
    }
}
