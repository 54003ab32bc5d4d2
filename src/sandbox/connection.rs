//! Connections that can be made to end badly: reset, or cut off in the middle of an answer.
//!
//! It decides how bytes stop flowing. It must never know why: whoever answers a request says what the connection's end
//! shall be.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Waker};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// How a connection goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Fate {
    #[default]
    Lives,
    /// Ends with a TCP RST before another byte is written.
    Reset,
    /// Ends in good form after the next answer but for its last bytes.
    CutShort { withheld: usize },
    /// Ends in good form now.
    Closed,
}

/// A handle on a connection, for whoever answers its requests.
#[derive(Debug, Clone)]
pub(super) struct Line(Arc<Mutex<LineState>>);

#[derive(Debug, Default)]
struct LineState {
    fate: Fate,
    reader: Option<Waker>,
}

impl Line {
    /// The client shall see a reset instead of the answer.
    pub(super) fn reset(&self) {
        self.meet(Fate::Reset);
    }

    /// The client shall see the answer without its last bytes, though its head promises them.
    pub(super) fn cut_short(&self, withheld: usize) {
        self.meet(Fate::CutShort { withheld });
    }

    fn meet(&self, fate: Fate) {
        let mut state = self.state();
        state.fate = fate;
        if let Some(reader) = state.reader.take() {
            reader.wake();
        }
    }

    fn state(&self) -> MutexGuard<'_, LineState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connected<IncomingStream<'_, Entrance>> for Line {
    fn connect_info(stream: IncomingStream<'_, Entrance>) -> Self {
        stream.io().line.clone()
    }
}

/// Where connections come in; it knows those that are open.
#[derive(Debug)]
pub(super) struct Entrance {
    listener: TcpListener,
    switchboard: Switchboard,
}

/// All open connections.
#[derive(Debug, Clone, Default)]
pub(super) struct Switchboard(Arc<Mutex<Vec<Weak<Mutex<LineState>>>>>);

impl Switchboard {
    /// Ends every connection, whatever it waits for.
    pub(super) fn hang_up(&self) {
        for state in self.lines().drain(..).filter_map(|line| line.upgrade()) {
            Line(state).meet(Fate::Closed);
        }
    }

    fn connect(&self, line: &Line) {
        let mut lines = self.lines();
        // Amortised: the list is swept only when it would have to grow.
        if lines.len() == lines.capacity() {
            lines.retain(|line| line.strong_count() > 0);
        }
        lines.push(Arc::downgrade(&line.0));
    }

    fn lines(&self) -> MutexGuard<'_, Vec<Weak<Mutex<LineState>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entrance {
    pub(super) const fn new(listener: TcpListener, switchboard: Switchboard) -> Self {
        Self { listener, switchboard }
    }
}

impl Listener for Entrance {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.listener).await;
        // Without this, an answer in two segments waits 40 ms. It fails only on a connection that is gone already.
        let _ = stream.set_nodelay(true);
        let line = Line(Arc::default());
        self.switchboard.connect(&line);
        (Connection { stream, line }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// A TCP stream that meets its fate.
#[derive(Debug)]
pub(super) struct Connection {
    stream: TcpStream,
    line: Line,
}

impl Connection {
    /// How many of `offered` bytes may still be written, or the error that ends the connection.
    fn writable(&self, offered: usize) -> io::Result<usize> {
        let fate = self.line.state().fate;
        match fate {
            Fate::Lives => Ok(offered),
            Fate::CutShort { withheld } if offered > withheld => Ok(offered - withheld),
            Fate::CutShort { .. } | Fate::Closed => Err(io::ErrorKind::BrokenPipe.into()),
            Fate::Reset => Err(self.reset()),
        }
    }

    /// With no time to linger, dropping the stream sends RST instead of FIN.
    fn reset(&self) -> io::Error {
        self.stream.set_zero_linger().err().unwrap_or_else(|| io::ErrorKind::ConnectionReset.into())
    }
}

impl AsyncRead for Connection {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let connection = self.get_mut();
        {
            let mut state = connection.line.state();
            match state.fate {
                Fate::Lives | Fate::CutShort { .. } => state.reader = Some(cx.waker().clone()),
                Fate::Closed => return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into())),
                Fate::Reset => {
                    drop(state);
                    return Poll::Ready(Err(connection.reset()));
                }
            }
        }
        Pin::new(&mut connection.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let connection = self.get_mut();
        match connection.writable(buf.len()) {
            Ok(writable) => Pin::new(&mut connection.stream).poll_write(cx, &buf[..writable]),
            Err(error) => Poll::Ready(Err(error)),
        }
    }

    // Vectored writes are left out on purpose: head and body must come in one buffer for `CutShort` to measure them.

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}
