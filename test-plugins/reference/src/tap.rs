//! The hdk's pipes, wrapped: they note each line when it is written, and when the guest was first given something to read.
//!
//! It knows no JSON-RPC: a line is what ends with a newline. One call at a time.

use std::{
    io::{self, Read, Write},
    pin::Pin,
    sync::Mutex,
    task::{Context, Poll},
    time::Instant,
};

use futures::AsyncRead;

use crate::pipe;

/// The pipes of a call, in the order in which the hdk makes them (its plugin_instance.rs).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pipe {
    Stdin,
    Stdout,
    Stderr,
}

/// What was written to a pipe, up to a newline and without it.
#[derive(Clone, Debug)]
pub struct Line {
    pub pipe: Pipe,
    pub bytes: Vec<u8>,
    /// The pipe's last, with no newline at its end.
    pub unfinished: bool,
}

/// What the tap saw of a call.
pub struct Tapped {
    /// In the order in which they were finished.
    pub lines: Vec<Line>,
    /// When the host wrote its request: the instance is there by then, and has not run.
    pub first_write: Option<Instant>,
}

struct Tap {
    keeps_lines: bool,
    pipes: usize,
    partial: [Vec<u8>; 3],
    tapped: Tapped,
}

static TAP: Mutex<Option<Tap>> = Mutex::new(None);

/// A call is about to begin. Without `keeps_lines` only the time of the first write is taken, so that the tap costs nothing.
pub fn begin(keeps_lines: bool) {
    *lock() = Some(Tap {
        keeps_lines,
        pipes: 0,
        partial: Default::default(),
        tapped: Tapped {
            lines: Vec::new(),
            first_write: None,
        },
    });
}

/// The call is over. What is left of its pipes is tapped no more.
pub fn end() -> Option<Tapped> {
    let Tap {
        partial,
        mut tapped,
        ..
    } = lock().take()?;
    let [stdin, stdout, stderr] = partial;
    // What stands there when the pipes close has no order of its own.
    for (pipe, bytes) in [
        (Pipe::Stdin, stdin),
        (Pipe::Stderr, stderr),
        (Pipe::Stdout, stdout),
    ] {
        if !bytes.is_empty() {
            tapped.lines.push(Line {
                pipe,
                bytes,
                unfinished: true,
            });
        }
    }
    Some(tapped)
}

fn lock() -> std::sync::MutexGuard<'static, Option<Tap>> {
    // A guest can make the hdk panic, and the tap is whole all the same.
    TAP.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

fn wrote(pipe: Pipe, bytes: &[u8]) {
    let mut tap = lock();
    let Some(tap) = tap.as_mut() else { return };
    if pipe == Pipe::Stdin {
        tap.tapped.first_write.get_or_insert_with(Instant::now);
    }
    if !tap.keeps_lines {
        return;
    }
    let partial = &mut tap.partial[pipe as usize];
    for piece in bytes.split_inclusive(|&byte| byte == b'\n') {
        partial.extend_from_slice(piece);
        if partial.last() == Some(&b'\n') {
            partial.pop();
            tap.tapped.lines.push(Line {
                pipe,
                bytes: std::mem::take(partial),
                unfinished: false,
            });
        }
    }
}

/// As the hdk's own.
pub fn non_blocking_pipe() -> (NonBlockingPipeReader, NonBlockingPipeWriter) {
    let mut tap = lock();
    let pipe = tap.as_mut().and_then(|tap| {
        tap.pipes += 1;
        [Pipe::Stdin, Pipe::Stdout, Pipe::Stderr]
            .get(tap.pipes - 1)
            .copied()
    });
    let (reader, writer) = pipe::non_blocking_pipe();
    let writer = NonBlockingPipeWriter {
        inner: writer,
        // Of bytes that only pass by nothing is to be noted.
        pipe: pipe
            .filter(|&pipe| pipe == Pipe::Stdin || tap.as_ref().is_some_and(|tap| tap.keeps_lines)),
    };
    (NonBlockingPipeReader(reader), writer)
}

pub struct NonBlockingPipeReader(pipe::NonBlockingPipeReader);

impl Read for NonBlockingPipeReader {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.0.read(buf)
    }
}

impl AsyncRead for NonBlockingPipeReader {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

pub struct NonBlockingPipeWriter {
    inner: pipe::NonBlockingPipeWriter,
    pipe: Option<Pipe>,
}

impl Write for NonBlockingPipeWriter {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(buf)?;
        if let Some(pipe) = self.pipe {
            wrote(pipe, &buf[..written]);
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
