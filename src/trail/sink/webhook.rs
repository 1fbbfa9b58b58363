//! A webhook: lines as they are, one JSON object each, in one `POST`.

use super::super::spool::Spooled;
use super::SinkError;
use super::web::Web;

pub(super) fn send(web: &Web, batch: &[Spooled]) -> Result<(), SinkError> {
    let mut body = String::new();
    for spooled in batch {
        body.push_str(&spooled.text);
        body.push('\n');
    }
    web.post("application/x-ndjson", body.into_bytes(), &key(batch)).map(|_| ())
}

/// The same for the same lines: what is sent again after a lost answer has the key of the first time, unless more
/// lines came in between. The `id` of each line holds in any case.
pub(super) fn key(batch: &[Spooled]) -> String {
    let id = |spooled: Option<&Spooled>| spooled.map(|spooled| spooled.line.id.clone()).unwrap_or_default();
    format!("{}-{}", id(batch.first()), id(batch.last()))
}
