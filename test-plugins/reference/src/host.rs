//! The host methods: what they answer, in their turn, and how long they take. The router is the hdk's own.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use serde_json::Value;
use wasmi_plugin_pdk::rpc_message::RpcError;

use crate::options::Options;

#[derive(Clone)]
pub enum Answer {
    Result(Value),
    Error(RpcError),
    /// The params, given back.
    Echo,
    Never,
}

#[derive(Clone)]
pub struct Reply {
    pub answer: Answer,
    pub delay_ms: u64,
}

/// One host method. Its first call gets the first reply, and so on; the last stays.
pub struct Method {
    replies: Vec<Reply>,
    asked: AtomicUsize,
}

impl Method {
    pub fn new(replies: Vec<Reply>) -> Self {
        Method {
            replies,
            asked: AtomicUsize::new(0),
        }
    }

    pub async fn answer(&self, params: Value) -> Result<Value, RpcError> {
        let asked = self.asked.fetch_add(1, Ordering::Relaxed);
        let Some(reply) = self.replies.get(asked).or(self.replies.last()) else {
            return Err(RpcError::MethodNotFound);
        };
        if reply.delay_ms > 0 {
            tokio::time::sleep(Duration::from_millis(reply.delay_ms)).await;
        }
        match &reply.answer {
            Answer::Result(result) => Ok(result.clone()),
            Answer::Error(error) => Err(error.clone()),
            Answer::Echo => Ok(params),
            Answer::Never => std::future::pending().await,
        }
    }
}

/// Host methods by name. Any other is unknown.
pub type Methods = BTreeMap<String, Arc<Method>>;

/// `echo` alone.
pub fn echo() -> Methods {
    let reply = Reply {
        answer: Answer::Echo,
        delay_ms: 0,
    };
    Methods::from([("echo".to_string(), Arc::new(Method::new(vec![reply])))])
}

/// The methods that the command line asks for, and `echo`.
pub fn of_options(options: &Options) -> Methods {
    let echo = ("echo".to_string(), Answer::Echo);
    let mocks = options
        .mocks
        .iter()
        .map(|(method, result)| (method.clone(), Answer::Result(result.clone())));
    std::iter::once(echo)
        .chain(mocks)
        .map(|(method, answer)| {
            let delay_ms = options
                .delay_ms
                .get(&method)
                .copied()
                .unwrap_or(options.delay_all_ms);
            let never = options.never.contains(&method);
            let answer = if never { Answer::Never } else { answer };
            let reply = Reply { answer, delay_ms };
            (method, Arc::new(Method::new(vec![reply])))
        })
        .collect()
}

/// A host server of `$hdk` (the crate, or the tapped one) that knows these methods.
macro_rules! server {
    ($hdk:ident, $methods:expr) => {
        $methods.iter().fold(
            $hdk::server::HostServer::new(()),
            |server, (name, method)| {
                let method = method.clone();
                server.with_method(name, move |_, params: serde_json::Value| {
                    let method = method.clone();
                    async move { method.answer(params).await }
                })
            },
        )
    };
}
pub(crate) use server;
