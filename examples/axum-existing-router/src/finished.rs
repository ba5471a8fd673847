//! An existing router that was written without authentication. It stays unchanged.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::State;
use axum::routing::get;

type Notes = Arc<Mutex<Vec<String>>>;

pub(crate) fn router() -> Router {
    Router::new().route("/notes", get(list).post(add)).with_state(Notes::default())
}

async fn list(State(notes): State<Notes>) -> String {
    let notes = notes.lock().unwrap_or_else(PoisonError::into_inner);
    notes.iter().map(|note| format!("{note}\n")).collect()
}

async fn add(State(notes): State<Notes>, note: String) {
    notes.lock().unwrap_or_else(PoisonError::into_inner).push(note);
}
