//! A collector of traces: what any process exports over OTLP is kept, to be looked at.

use std::sync::Arc;

use convene_runtime::Tasks;
use opentelemetry_proto::tonic::{
    collector::trace::v1::{
        ExportTraceServiceRequest, ExportTraceServiceResponse,
        trace_service_server::{TraceService, TraceServiceServer},
    },
    common::v1::{AnyValue, KeyValue, any_value::Value},
};
use parking_lot::Mutex;
use tonic::{
    Request, Response, Status,
    transport::{Server, server::TcpIncoming},
};

/// A span that somebody exported.
#[derive(Debug, Clone)]
pub(crate) struct Exported {
    pub(crate) service: String,
    pub(crate) name: String,
    pub(crate) id: String,
    /// Empty where it has none.
    pub(crate) parent: String,
    trace: String,
    attributes: Vec<(String, String)>,
}

impl Exported {
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// Ends with the test's runtime.
#[derive(Clone)]
pub(crate) struct Collector {
    url: String,
    exports: Arc<Mutex<Vec<ExportTraceServiceRequest>>>,
    tasks: Tasks,
}

#[tonic::async_trait]
impl TraceService for Collector {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        self.exports.lock().push(request.into_inner());
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

impl Collector {
    pub(crate) async fn start() -> Self {
        let incoming = TcpIncoming::bind(([127, 0, 0, 1], 0).into()).unwrap();
        let collector = Self {
            url: format!("http://{}", incoming.local_addr().unwrap()),
            exports: Arc::default(),
            tasks: Tasks::new(),
        };
        let service = TraceServiceServer::new(collector.clone());
        let server = Server::builder().add_service(service);
        collector.tasks.spawn(server.serve_with_incoming(incoming));
        collector
    }

    pub(crate) fn url(&self) -> String {
        self.url.clone()
    }

    /// The spans of one trace that have come so far.
    pub(crate) fn trace(&self, id: &str) -> Vec<Exported> {
        let exports = self.exports.lock();
        let resources = exports.iter().flat_map(|export| &export.resource_spans);
        let spans = resources.flat_map(|resource| {
            let attributes = resource.resource.as_ref().map(|one| &one.attributes[..]);
            let attributes = read(attributes.unwrap_or_default());
            let service = attributes
                .iter()
                .find(|(key, _)| key == "service.name")
                .map(|(_, value)| value.clone())
                .unwrap_or_default();
            let spans = resource.scope_spans.iter().flat_map(|scope| &scope.spans);
            spans.map(move |span| Exported {
                service: service.clone(),
                name: span.name.clone(),
                id: hex(&span.span_id),
                parent: hex(&span.parent_span_id),
                trace: hex(&span.trace_id),
                attributes: read(&span.attributes),
            })
        });
        spans.filter(|span| span.trace == id).collect()
    }

    /// All that was exported, of whatever trace, as text.
    pub(crate) fn everything(&self) -> String {
        format!("{:#?}", self.exports.lock())
    }
}

fn read(attributes: &[KeyValue]) -> Vec<(String, String)> {
    let text = |value: &Option<AnyValue>| match value.as_ref()?.value.as_ref()? {
        Value::StringValue(text) => Some(text.clone()),
        Value::IntValue(number) => Some(number.to_string()),
        other => Some(format!("{other:?}")),
    };
    attributes
        .iter()
        .filter_map(|one| Some((one.key.clone(), text(&one.value)?)))
        .collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
