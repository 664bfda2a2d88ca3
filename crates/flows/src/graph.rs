//! Flows as pictures: Mermaid's flowcharts, which code hosts and editors draw.

use crate::{
    name::FlowName,
    project::{FlowSpec, Op, Project, StepSpec, Target, WaitTime},
};

/// Longer labels are cut.
const LONGEST_LABEL: usize = 60;

/// One flow, or all of them, as a Mermaid flowchart. Nothing, if there is no such flow.
#[must_use]
pub fn graph(project: &Project, flow: Option<&FlowName>) -> Option<String> {
    let mut out = String::from("flowchart TD\n");
    match flow {
        Some(name) => draw(&mut out, project.flow(name)?, false),
        None => {
            for flow in project.flows() {
                draw(&mut out, flow, true);
            }
        }
    }
    Some(out)
}

fn draw(out: &mut String, flow: &FlowSpec, is_one_of_many: bool) {
    let name = flow.name.as_str();
    let mut line = |text: String| {
        out.push_str("    ");
        out.push_str(&text);
        out.push('\n');
    };
    if is_one_of_many {
        line(format!("subgraph flow_{name}[{}]", quoted(name)));
    }
    let starts = flow.intents.iter().map(|intent| intent.to_string());
    let starts: Vec<_> = starts
        .chain(
            flow.events
                .iter()
                .map(|event| format!("event {}", event.value)),
        )
        .collect();
    let start = if starts.is_empty() {
        name.to_owned()
    } else {
        starts.join(", ")
    };
    line(format!("{name}__start([{}])", quoted(&start)));
    line(format!(
        "{name}__start --> {}",
        target(name, flow, Target::Step(0))
    ));
    for step in &flow.steps {
        line(node(name, step));
        for (to, why) in step.ways() {
            let arrow = why.map_or_else(
                || "-->".to_owned(),
                |why| format!("-- {} -->", quoted(&why)),
            );
            line(format!(
                "{name}__{} {arrow} {}",
                step.id,
                target(name, flow, to)
            ));
        }
    }
    line(format!("{name}__end(((end)))"));
    if let Some(cancelled) = flow.on_cancel {
        line(format!(
            "{name}__cancel([cancelled]) --> {}",
            target(name, flow, cancelled)
        ));
    }
    if is_one_of_many {
        line("end".to_owned());
    }
}

fn target(name: &str, flow: &FlowSpec, target: Target) -> String {
    let step = match target {
        Target::Step(index) => flow.steps.get(index).map(|step| step.id.as_str()),
        Target::End => None,
    };
    format!("{name}__{}", step.unwrap_or("end"))
}

fn node(name: &str, step: &StepSpec) -> String {
    let id = format!("{name}__{}", step.id);
    let label = format!("{} {}", step.kind(), about(step));
    let label = quoted(label.trim());
    match step.op {
        Op::Ask { .. } | Op::Choose { .. } => format!("{id}[/{label}/]"),
        Op::Branch { .. } => format!("{id}{{{label}}}"),
        Op::Flow { .. } => format!("{id}[[{label}]]"),
        Op::Wait { .. } | Op::Handoff { .. } | Op::End(_) => format!("{id}([{label}])"),
        _ => format!("{id}[{label}]"),
    }
}

fn about(step: &StepSpec) -> String {
    match &step.op {
        Op::Say { text, .. } | Op::Choose { text, .. } => text.to_string(),
        Op::Ask { slot, .. } => slot.to_string(),
        Op::Branch { .. } => String::new(),
        Op::Set(values) => values
            .iter()
            .map(|(slot, _)| slot.as_str())
            .collect::<Vec<_>>()
            .join(", "),
        Op::Call(call) => format!("{} {}", call.method, call.url.value),
        Op::Generate { otherwise, .. } => otherwise.to_string(),
        Op::Flow { name, .. } => name.to_string(),
        Op::Wait { time, event, .. } => {
            let time = time.as_ref().map(|time| match time {
                WaitTime::For(time) => time.to_string(),
                WaitTime::Until { slot, hour: None } => format!("until {}", slot.value),
                WaitTime::Until {
                    slot,
                    hour: Some(hour),
                } => format!("until {} {}", slot.value, hour.value),
            });
            let event = event.as_ref().map(|event| event.value.to_string());
            [event, time]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(" or ")
        }
        Op::Handoff { to, .. } => to.as_ref().map(|to| to.value.clone()).unwrap_or_default(),
        Op::End(end) => format!("{end:?}").to_lowercase(),
    }
}

/// A label in Mermaid's quotes.
fn quoted(text: &str) -> String {
    let mut short: String = text.chars().take(LONGEST_LABEL).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    let safe = short
        .replace('&', "#amp;")
        .replace('"', "#quot;")
        .replace('<', "#lt;")
        .replace('>', "#gt;");
    format!("\"{}\"", safe.replace('\n', " "))
}

#[cfg(test)]
mod tests {
    use crate::{Project, Sources, Vocabulary, graph};

    #[test]
    fn a_flow_is_drawn_with_its_ways() {
        let sources: Sources = [
            ("assistant.yaml", "name: Test\nlanguages: [en]\n"),
            (
                "flows/a.yaml",
                "flows:\n  a:\n    start: {intents: [hi]}\n    slots: {n: {type: integer}}\n    steps:\n      - ask: n\n      - branch:\n          - if: n > 3\n            then: [{say: \"big\"}]\n      - say: done\n",
            ),
            ("texts/en.yaml", "ask: {n: How many?}\ndone: Done\nbig: Big\n"),
        ]
        .into_iter()
        .collect();
        let project = Project::check(&sources, &Vocabulary::default())
            .project
            .unwrap();
        let one = graph(&project, Some(&"a".into())).unwrap();
        assert_eq!(
            one,
            r##"flowchart TD
    a__start(["hi"])
    a__start --> a__ask_n
    a__ask_n[/"ask n"/]
    a__ask_n --> a__branch
    a__branch{"branch"}
    a__branch -- "n #gt; 3" --> a__say_big
    a__branch -- "else" --> a__say_done
    a__say_done["say done"]
    a__say_done --> a__end
    a__say_big["say big"]
    a__say_big --> a__say_done
    a__end(((end)))
"##
        );
        assert!(
            graph(&project, None)
                .unwrap()
                .contains("subgraph flow_a[\"a\"]")
        );
        assert_eq!(graph(&project, Some(&"b".into())), None);
    }
}
