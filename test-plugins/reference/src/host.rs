//! The host methods: results from the mocks, `echo`, and how long they take. The router is the hdk's own.

use std::time::Duration;

use serde_json::Value;
use wasmi_plugin_hdk::server::HostServer;

use crate::options::Options;

/// A host server with the mocks' methods and `echo`. Any other method is unknown to it.
pub fn handler(options: &Options) -> HostServer<()> {
    let echo = ("echo".to_string(), None);
    let mocks = options
        .mocks
        .iter()
        .map(|(method, result)| (method.clone(), Some(result.clone())));
    std::iter::once(echo)
        .chain(mocks)
        .fold(HostServer::new(()), |server, (method, result)| {
            let delay_ms = options
                .delay_ms
                .get(&method)
                .copied()
                .unwrap_or(options.delay_all_ms);
            let never = options.never.contains(&method);
            server.with_method(&method, move |_, params: Value| {
                let result = result.clone().unwrap_or(params);
                async move {
                    if never {
                        std::future::pending::<()>().await;
                    }
                    if delay_ms > 0 {
                        tokio::time::sleep(Duration::from_millis(delay_ms)).await;
                    }
                    Ok(result)
                }
            })
        })
}
