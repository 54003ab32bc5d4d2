//! The engine: what happens while a run is under way.

mod observer;

pub use observer::{Happening, Nobody, Observer};
