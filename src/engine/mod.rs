//! The engine: what happens while a run is under way.

mod observer;
mod pace;

pub use observer::{Happening, Nobody, Observer};
pub use pace::{Pace, Permit, WINDOW};
