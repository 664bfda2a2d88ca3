use jiff::civil::{Date, Time};
use minijinja::Value as Jinja;
use serde_json::json;

use super::{Names, Said, Templates, Tongue};
use crate::value::{Money, Value};

fn names(language: &str) -> Names {
    let total = Value::Money(Money {
        hundredths: 123_456,
        currency: "EUR".into(),
    });
    let tongue = Tongue::new(language);
    let said = Said {
        plain: total.to_json(),
        spoken: tongue.value(&total),
    };
    [
        ("language".to_owned(), Jinja::from(language)),
        ("count".to_owned(), Jinja::from(1)),
        ("many".to_owned(), Jinja::from(1234.5)),
        ("total".to_owned(), Jinja::from_object(said)),
        ("nobody".to_owned(), Jinja::from(())),
        ("odd".to_owned(), Jinja::from("a/b&c")),
    ]
    .into()
}

#[test]
fn a_text_is_said_as_its_language_has_it() {
    let templates = Templates::new().unwrap();
    for (language, text, said) in [
        ("en", "{many} for {total}", "1,234.5 for 1,234.56\u{a0}EUR"),
        ("de", "{many} für {total}", "1.234,5 für 1.234,56\u{a0}EUR"),
        (
            "en",
            "{count|plural(one='one order', other='orders')}",
            "one order",
        ),
        (
            "pl",
            "{many|plural(one='a', few='b', many='c', other='d')}",
            "d",
        ),
        ("en", "Hello {nobody}!", "Hello !"),
        (
            "en",
            "{% if count > 1 %}many{% else %}few{% endif %}{# not said #}",
            "few",
        ),
        ("en", "{total.currency}", "EUR"),
    ] {
        assert_eq!(
            templates.say(text, &names(language)).unwrap(),
            said,
            "{text}"
        );
    }
    let tongue = Tongue::new("de");
    assert_eq!(
        tongue.date(Date::constant(2026, 11, 30)),
        "30. November 2026"
    );
    assert_eq!(tongue.time(Time::constant(14, 30, 0, 0)), "14:30");
    assert_eq!(
        Tongue::new("en-US").date(Date::constant(2026, 11, 30)),
        "November 30, 2026"
    );
}

#[test]
fn what_a_placeholder_stands_for_is_no_markdown() {
    let templates = Templates::new().unwrap();
    for (text, value, said, label) in [
        (
            "**Hello** {x}!",
            "[Reset](http://evil.example)",
            r"**Hello** \[Reset\](http://evil.example)!",
            "**Hello** [Reset](http://evil.example)!",
        ),
        ("{x}", "# h\n# i", "\\# h\n\\# i", "# h\n# i"),
        ("{x}", "A*17*B", r"A\*17\*B", "A*17*B"),
        (
            "at {x}",
            "snake_case@a-b.org",
            "at snake_case@a-b.org",
            "at snake_case@a-b.org",
        ),
        ("{x}", "_a_ AB-1 -", r"\_a\_ AB-1 -", "_a_ AB-1 -"),
        ("{x}", "- a & b &amp;", r"\- a & b \&amp;", "- a & b &amp;"),
        (
            "{x}: is that right?",
            "1. Dezember",
            r"1\. Dezember: is that right?",
            "1. Dezember: is that right?",
        ),
        ("1. {x}\n2. b", "3. c", "1. 3. c\n2. b", "1. 3. c\n2. b"),
        ("{x|markdown}", "*so*", "*so*", "*so*"),
        (
            "{count|plural(one='*one*', other='o')} of {x}",
            "*",
            r"*one* of \*",
            "*one* of *",
        ),
    ] {
        let mut names = names("en");
        names.insert("x".into(), value.into());
        assert_eq!(templates.say(text, &names).unwrap(), said, "{text}");
        assert_eq!(templates.label(text, &names).unwrap(), label, "{text}");
    }
}

#[test]
fn machines_get_plain_values() {
    let templates = Templates::new().unwrap();
    let names = names("de");
    assert_eq!(templates.write("{many}", &names).unwrap(), "1234.5");
    assert_eq!(
        templates
            .address("/orders/{odd}?n={count}", &names)
            .unwrap()
            .unwrap(),
        "/orders/a%2Fb%26c?n=1"
    );
    let body = json!({ "n": "{count}", "text": "n is {count}", "list": [true, "{nobody}"] });
    assert_eq!(
        templates.fill(&body, &names).unwrap(),
        json!({ "n": 1, "text": "n is 1", "list": [true, null] })
    );
    assert!(
        templates
            .holds("count == 1 and not nobody", &names)
            .unwrap()
    );
}

#[test]
fn names_are_found_and_what_cannot_be_read_is_told() {
    let templates = Templates::new().unwrap();
    let found = templates
        .names_in_text("{a} {b.c|upper} {% if d %}{% endif %}")
        .unwrap();
    assert_eq!(found.into_iter().collect::<Vec<_>>(), ["a", "b", "d"]);
    assert!(templates.names_in_text("{a").is_err());
    assert!(templates.names_in_expression("a ==").is_err());
    assert!(templates.say("{count|unheard_of}", &names("en")).is_err());
    assert!(
        templates
            .say("{many|plural(one='x')}", &names("en"))
            .is_err()
    );
}

#[test]
fn no_template_runs_for_long() {
    let templates = Templates::new().unwrap();
    let text = "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}";
    assert!(templates.say(text, &names("en")).is_err());
}

#[test]
fn what_is_filled_in_never_climbs_out_of_its_place() {
    let templates = Templates::new().unwrap();
    let address = |part: &str, text: &str| {
        let names = Names::from([("part".to_owned(), Jinja::from(part))]);
        templates.address(text, &names).unwrap()
    };
    for part in [".", ".."] {
        assert_eq!(address(part, "https://api/users/{part}/draft"), None);
        assert_eq!(address(part, "https://api/users/{part}"), None);
        assert!(address(part, "https://api/users/a{part}").is_some());
        assert!(address(part, "https://api/users?name={part}").is_some());
    }
    assert_eq!(address(".", "https://api/users/{part}{part}/draft"), None);
    assert_eq!(
        address("../x?y#z", "https://api/{part}/v1.0").unwrap(),
        "https://api/%2E%2E%2Fx%3Fy%23z/v1.0"
    );
    assert_eq!(
        address("P-1_0~a", "https://api/{part}").unwrap(),
        "https://api/P-1_0~a"
    );
}

#[test]
fn an_amount_has_the_decimals_of_its_currency() {
    let said = |hundredths, currency: &str| {
        let currency = currency.to_owned();
        let money = Money {
            hundredths,
            currency,
        };
        Tongue::new("en").money(&money)
    };
    assert_eq!(said(100_000, "JPY"), "1,000\u{a0}JPY");
    assert_eq!(said(100_050, "JPY"), "1,000.50\u{a0}JPY", "as it is");
    assert_eq!(said(100_000, "EUR"), "1,000.00\u{a0}EUR");
}
