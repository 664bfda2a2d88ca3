//! The page, in a browser, on the real thing: `gateway/web/page-tests/product.test.ts`.

use std::path::Path;

use tokio::process::Command;

use crate::harness::{Role, Shape, Stack};

/// Runs the page's tests against an address, some of them as staff where there is a token of theirs;
/// skipped where there is no browser.
async fn browse(url: &str, staff: Option<String>) {
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
        .env("CONVENE_TEST_STAFF", staff.as_deref().unwrap_or_default())
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
    let expected = if staff.is_some() {
        "6 passed"
    } else {
        "5 passed"
    };
    assert!(said.contains(expected), "not all was tested: {said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_one_process() {
    let shop = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/shop");
    let stack = Stack::embedded_with(&[
        ("conversations.agent", "guide".to_owned()),
        ("agents.shop.kind", "flow".to_owned()),
        ("agents.shop.project", shop.display().to_string()),
    ])
    .await;
    let staff = stack.token("olga", Role::Operator);
    browse(&stack.gateway(0).url(), Some(staff)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_cluster_behind_a_load_balancer() {
    if let Some((_stack, balancer)) = Stack::balanced(Shape::default()).await {
        browse(&balancer.url(), None).await;
    }
}
