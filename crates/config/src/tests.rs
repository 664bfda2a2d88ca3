//! Settings are read whole, every fault is found, and nothing secret is shown.

use std::{collections::BTreeMap, fs, path::Path};

use serde_json::Value;

use super::*;

fn sources(environment: &[(&str, &str)]) -> Sources {
    let environment = environment
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Sources {
        environment: environment.collect(),
        ..Sources::default()
    }
}

fn with_file(text: &str) -> (tempfile::TempDir, Sources) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("convene.toml");
    fs::write(&file, text).unwrap();
    let sources = Sources {
        file: Some(file),
        ..Sources::default()
    };
    (folder, sources)
}

fn load(sources: &Sources) -> Config {
    Config::load(sources, Role::Tool)
        .unwrap_or_else(|error| panic!("{error}"))
        .config
}

fn faults(sources: &Sources, role: Role) -> Vec<String> {
    let Invalid(faults) = Config::load(sources, role)
        .err()
        .expect("these settings are wrong");
    faults.iter().map(ToString::to_string).collect()
}

fn at_root(file: &str) -> String {
    fs::read_to_string(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).join(file)).unwrap()
}

/// All keys of the settings, dotted; `true`: it has a value.
fn keys(value: &Value, before: &str, found: &mut BTreeMap<String, bool>) {
    for (key, value) in value.as_object().unwrap() {
        let key = format!("{before}{key}");
        if value.is_object() {
            keys(value, &format!("{key}."), found);
        } else {
            found.insert(key, !value.is_null());
        }
    }
}

fn all_keys() -> BTreeMap<String, bool> {
    let mut found = BTreeMap::new();
    keys(
        &serde_json::to_value(Config::default()).unwrap(),
        "",
        &mut found,
    );
    found
}

#[test]
fn the_default_file_is_the_defaults_and_names_every_setting() {
    let text = at_root("convene.default.toml");
    let (_folder, sources) = with_file(&text);
    let mut read = load(&sources);
    read.agents.clear();
    assert_eq!(
        serde_json::to_value(read).unwrap(),
        serde_json::to_value(Config::default()).unwrap()
    );
    let table: toml::Table = toml::from_str(&text).unwrap();
    let mut written = BTreeMap::new();
    keys(&serde_json::to_value(table).unwrap(), "", &mut written);
    for (key, has_value) in all_keys() {
        let name = key.rsplit('.').next().unwrap();
        if has_value {
            assert!(
                written.contains_key(&key),
                "{key} is not in convene.default.toml"
            );
        } else {
            assert!(
                text.contains(&format!("\n# {name} = ")),
                "{key} is not in convene.default.toml"
            );
        }
    }
}

#[test]
fn the_reference_has_every_setting() {
    let reference = at_root("docs/configuration.md");
    for key in all_keys().keys() {
        assert!(
            reference.contains(&format!("| `{key}` |")),
            "{key} is not in docs/configuration.md"
        );
    }
    let llm = convene_agent_worker::agents::llm::Options::new("m");
    let mut keys_of_llm = BTreeMap::from([("api_key".to_owned(), true)]);
    keys(&serde_json::to_value(llm).unwrap(), "", &mut keys_of_llm);
    for key in
        keys_of_llm
            .keys()
            .map(String::as_str)
            .chain(["kind", "pool", "headers", "parameters"])
    {
        let key = format!("| `agents.<name>.{key}` |");
        assert!(
            reference.contains(&key),
            "{key} is not in docs/configuration.md"
        );
    }
}

#[test]
fn the_reference_has_every_setting_of_an_encoder() {
    let reference = at_root("docs/configuration.md");
    let encoder = convene_agent_worker::agents::llm::EmbeddingsOptions::new("m");
    let encoder = serde_json::to_value(encoder).unwrap();
    let local = convene_agent_worker::agents::LocalEncoderOptions::new("folder");
    let local = serde_json::to_value(local).unwrap();
    let keys = [encoder, local].map(|one| one.as_object().unwrap().clone());
    let keys: Vec<_> = keys.iter().flat_map(serde_json::Map::keys).collect();
    for key in keys.into_iter().map(String::as_str).chain(["api_key"]) {
        let key = format!("| `agents.<name>.encoder.{key}` |");
        assert!(reference.contains(&key), "{key} is not there");
    }
}

#[test]
fn an_encoder_at_openai_needs_a_key() {
    let named = [
        ("CONVENE_AGENTS__BOT__KIND", "flow"),
        (
            "CONVENE_AGENTS__BOT__ENCODER__MODEL",
            "text-embedding-3-small",
        ),
    ];
    let [fault] = &faults(&sources(&named), Role::AgentWorker)[..] else {
        panic!("it is one fault");
    };
    let expected = "agents.bot.encoder.api_key is missing, and api.openai.com answers nobody \
                    without a key: set CONVENE_AGENTS__BOT__ENCODER__API_KEY in";
    assert!(fault.starts_with(expected), "{fault}");
}

#[test]
fn a_worker_may_have_no_more_runs_than_calls_under_way() {
    let sources = sources(&[("CONVENE_AGENT_WORKER__CONCURRENCY", "257")]);
    let [fault] = &faults(&sources, Role::Embedded)[..] else {
        panic!("it is one fault");
    };
    assert!(Config::load(&sources, Role::AgentWorker).is_ok());
    let expected = "agent_worker.concurrency is 257, and context_service.work_in_flight 256: ";
    assert!(fault.starts_with(expected), "{fault}");
}

#[test]
fn flags_go_before_the_environment_and_that_before_the_file() {
    let (_folder, mut sources) =
        with_file("[gateway]\ntail = 1\nmax_subscriptions = 1\nrequest_burst = 1");
    for name in [
        "CONVENE_GATEWAY__TAIL",
        "CONVENE_GATEWAY__MAX_SUBSCRIPTIONS",
    ] {
        sources.environment.insert(name.into(), "2".into());
    }
    sources.flags.push(("gateway.tail".into(), "3".into()));
    let gateway = load(&sources).gateway;
    assert_eq!(
        (
            gateway.tail,
            gateway.max_subscriptions,
            gateway.request_burst
        ),
        (3, 2, 1)
    );
}

#[test]
fn text_from_the_environment_becomes_what_the_setting_is() {
    let config = load(&sources(&[
        ("CONVENE_AUTH__SECRET", "01234567890123456789012345678901"),
        ("CONVENE_AUTH__ISSUER", "1.50"),
        ("CONVENE_AUTH__GUESTS", "true"),
        ("CONVENE_TELEMETRY__TRACE_SHARE", "0.5"),
        (
            "CONVENE_GATEWAY__ORIGINS",
            "https://a.example, https://b.example",
        ),
        ("CONVENE_BROKER__RETRY_TIERS_MS", "[100, 200]"),
        ("CONVENE_STORE__RETENTION__IDLE_DAYS", "7"),
        ("CONVENE_AGENT_WORKER__POOL", "42"),
        // Not ours: Kubernetes sets this for a service called convene-gateway.
        ("CONVENE_GATEWAY_PORT", "tcp://10.0.0.1:80"),
    ]));
    assert_eq!(config.auth.secret, "01234567890123456789012345678901");
    assert_eq!(config.auth.issuer.as_deref(), Some("1.50"));
    assert!(config.auth.guests);
    assert!((config.telemetry.trace_share - 0.5).abs() < f64::EPSILON);
    assert_eq!(
        config.gateway.origins,
        ["https://a.example", "https://b.example"]
    );
    assert_eq!(config.broker.retry_tiers_ms, [100, 200]);
    assert_eq!(config.store.retention.idle_days, Some(7));
    assert_eq!(config.agent_worker.pool.as_str(), "42");
}

#[test]
fn every_fault_is_named_at_once_with_its_key_and_source() {
    let (_folder, mut sources) = with_file(
        "[gateway]\nlisten = 8080\ntail = \"many\"\nmax_conections = 5\nping_seconds = 900\n\
         [gatway]\ntail = 1\n[agents.bot]\nkind = \"oracle\"\n[agents.\"a b\"]\nkind = \"guide\"\n\
         [conversations]\nagent = \"nobody\"",
    );
    sources
        .environment
        .insert("CONVENE_AUTH__GUEST_HOURS".into(), "soon".into());
    sources
        .flags
        .push(("context_service.listen".into(), "everywhere".into()));
    sources
        .flags
        .push(("context_service.endpoints".into(), "http://a:1, b".into()));
    let faults = faults(&sources, Role::Gateway);
    let file = sources.file.as_ref().unwrap().display().to_string();
    for (start, end) in [
        (
            "gateway.tail must be a whole number, and is \"many\"",
            &*file,
        ),
        (
            "gateway.listen must be an address and a port, as in 127.0.0.1:8080, and is 8080",
            &file,
        ),
        ("gateway.max_conections is no setting; there are ", &file),
        ("gateway.ping_seconds must be from 1 to 60", &file),
        ("gatway is no section; there are data, ", &file),
        (
            "agents.bot.kind must be one of guide, llm, flow, and is \"oracle\"",
            &file,
        ),
        ("agents.a b is no agent: ", ""),
        (
            "conversations.agent is nobody, and there is no agents.nobody",
            &file,
        ),
        (
            "auth.guest_hours must be a whole number, and is \"soon\"",
            "CONVENE_AUTH__GUEST_HOURS",
        ),
        (
            "context_service.listen cannot be used: invalid socket address",
            "the command line",
        ),
        ("auth.secret and auth.jwks_url are both missing", ""),
        (
            "context_service.endpoints must be like http://host:7700, and has \"b\"",
            "the command line",
        ),
    ] {
        let found = faults
            .iter()
            .any(|fault| fault.starts_with(start) && fault.contains(end));
        assert!(
            found,
            "{start} ... {end} is not among\n{}",
            faults.join("\n")
        );
    }
    assert_eq!(faults.len(), 12, "{}", faults.join("\n"));
}

#[test]
fn a_file_that_cannot_be_read_is_one_clear_fault() {
    let missing = Sources {
        file: Some("/nowhere/convene.toml".into()),
        ..Sources::default()
    };
    assert_eq!(
        faults(&missing, Role::Tool),
        ["/nowhere/convene.toml cannot be read: No such file or directory (os error 2)"]
    );
    let (_folder, broken) = with_file("[gateway]\n\ntail = = 3\n");
    let faults = faults(&broken, Role::Tool);
    assert!(
        faults[0].contains("convene.toml is not TOML at line 3: "),
        "{faults:?}"
    );
    assert_eq!(faults.len(), 1);
}

#[test]
fn a_model_needs_what_it_cannot_do_without() {
    let (_folder, sources) = with_file("[agents.bot]\nkind = \"llm\"\nmodel = \"gpt-x\"");
    let without_key = faults(&sources, Role::AgentWorker);
    assert_eq!(without_key.len(), 1);
    assert!(
        without_key[0].starts_with("agents.bot.api_key is missing"),
        "{without_key:?}"
    );
    assert!(
        without_key[0].contains("CONVENE_AGENTS__BOT__API_KEY"),
        "{without_key:?}"
    );

    let (_folder, sources) =
        with_file("[agents.bot]\nkind = \"llm\"\nattempts = 99\nbase_url = \"http://a/v1\"");
    let without_model = faults(&sources, Role::AgentWorker);
    assert!(
        without_model[0].starts_with("agents.bot.model is missing"),
        "{without_model:?}"
    );
}

#[test]
fn an_agent_has_the_title_of_the_settings_and_that_is_one_line() {
    let (_folder, sources) = with_file(
        "[agents.bot]\nkind = \"guide\"\ntitle = \"Ask Ada\"\n[agents.other]\nkind = \"guide\"",
    );
    let config = load(&sources);
    let (name, agent) = config.default_agent().unwrap();
    assert_eq!(
        (name.as_str(), agent.title.as_deref()),
        ("bot", Some("Ask Ada"))
    );
    assert_eq!(config.agents["other"].title, None);
    for title in ["", "  ", "two\\nlines", &"x".repeat(61)] {
        let text = format!("[agents.bot]\nkind = \"guide\"\ntitle = \"{title}\"");
        let (_folder, sources) = with_file(&text);
        assert_eq!(
            faults(&sources, Role::Tool),
            ["agents.bot.title must be one line of 1 to 60 characters"],
            "{title:?}"
        );
    }
}

#[test]
fn openai_variables_make_an_agent_that_answers_by_default() {
    let config = load(&sources(&[
        ("OPENAI_API_KEY", "sk-1"),
        ("OPENAI_MODEL", "gpt-x"),
    ]));
    let (name, _) = config.default_agent().unwrap();
    assert_eq!(name.as_str(), "llm");
    assert_eq!(
        config.describe_agents(),
        "guide (without a model), llm (gpt-x at api.openai.com), shop (the example that ships)"
    );
    // The shop gets better with it.
    let Kind::Flow(shop) = &config.agents["shop"].kind else {
        panic!("the shop is a flow's");
    };
    assert_eq!(shop.model.as_ref().unwrap().model, "gpt-x");

    let local = load(&sources(&[(
        "OPENAI_BASE_URL",
        "http://127.0.0.1:11434/v1",
    )]));
    assert!(
        local
            .describe_agents()
            .contains("llm (gpt-4o-mini at 127.0.0.1:11434)")
    );

    assert_eq!(
        load(&sources(&[("OPENAI_API_KEY", "")])).describe_agents(),
        "guide (without a model), shop (the example that ships)"
    );

    // Who names a model alone wants one, and hears what it lacks.
    let without_key = faults(&sources(&[("OPENAI_MODEL", "gpt-x")]), Role::Embedded);
    assert!(
        without_key[0].starts_with("agents.llm.api_key is missing"),
        "{without_key:?}"
    );
}

#[test]
fn the_shop_answers_where_settings_name_nobody() {
    let answers = |sources: &Sources| {
        let config = load(sources);
        let (name, _) = config.default_agent().unwrap();
        (name.to_string(), config.describe_agents())
    };
    let (name, all) = answers(&Sources::default());
    assert_eq!(name, "shop");
    assert_eq!(
        all,
        "guide (without a model), shop (the example that ships)"
    );
    let with_guide = "[conversations]\nagent = \"guide\"";
    assert_eq!(answers(&with_file(with_guide).1).0, "guide");

    // Whoever names agents has these and no other.
    let named = "[agents.bot]\nkind = \"llm\"\nmodel = \"m\"\nbase_url = \"http://a/v1\"";
    let (name, all) = answers(&with_file(named).1);
    assert_eq!(name, "bot");
    assert_eq!(all, "bot (m at a)");
    let guide = "[agents.helper]\nkind = \"guide\"";
    assert_eq!(answers(&with_file(guide).1).1, "helper (without a model)");
    let example = "[agents.desk]\nkind = \"flow\"\ntimezone = \"Europe/Berlin\"";
    assert_eq!(answers(&with_file(example).1).0, "desk");
}

#[test]
fn openai_key_goes_to_the_configured_agent_that_lacks_one() {
    let (_folder, mut sources) = with_file("[agents.bot]\nkind = \"llm\"\nmodel = \"gpt-x\"");
    sources
        .environment
        .insert("OPENAI_API_KEY".into(), "sk-1".into());
    let config = load(&sources);
    assert_eq!(config.describe_agents(), "bot (gpt-x at api.openai.com)");
    let (_folder, mut sources) = with_file("[agents.desk]\nkind = \"flow\"");
    let key = ("OPENAI_API_KEY".into(), "sk-1".into());
    sources.environment.extend([key]);
    let all = load(&sources).describe_agents();
    assert!(!all.contains("llm"), "{all}");
}

#[test]
fn what_is_printed_has_sources_and_no_secret() {
    let (_folder, mut sources) = with_file(
        "[auth]\nsecret = \"hunter2-hunter2-hunter2-hunter2-\"\n\
         [broker]\nurl = \"amqp://me:hunter2@broker/%2f\"\n\
         [store]\nurl = \"redis://:hunter2@redis\"\n\
         [agents.bot]\nkind = \"llm\"\nmodel = \"m\"\napi_key = \"hunter2\"\nheaders = { \"x-key\" = \"hunter2\" }",
    );
    sources
        .environment
        .insert("CONVENE_GATEWAY__TAIL".into(), "7".into());
    let loaded = Config::load(&sources, Role::Tool).unwrap();
    let printed = print(&loaded).unwrap();
    assert!(!printed.contains("hunter2"), "{printed}");
    assert!(
        printed.contains("tail = 7  # from the environment variable CONVENE_GATEWAY__TAIL"),
        "{printed}"
    );
    assert!(
        printed.contains("url = \"amqp://me:(hidden)@broker/%2f\"  # from /"),
        "{printed}"
    );
    let again: toml::Table = toml::from_str(&printed).unwrap();
    assert_eq!(again["gateway"]["listen"].as_str(), Some("127.0.0.1:8080"));
    assert_eq!(again["agents"]["bot"]["model"].as_str(), Some("m"));
}

#[test]
fn the_embedded_mode_lets_guests_in_and_makes_its_own_secret() {
    let config = Config::load(&sources(&[]), Role::Embedded).unwrap().config;
    assert!(config.auth.guests);
    assert!(!load(&sources(&[])).auth.guests);
    let off = Config::load(
        &sources(&[("CONVENE_AUTH__GUESTS", "false")]),
        Role::Embedded,
    )
    .unwrap();
    assert!(!off.config.auth.guests);
}
