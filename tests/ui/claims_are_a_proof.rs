// Only the layer creates claims, from a verified token.
// says: private field
use tower_auth::bearer::Claims;

fn main() {
    let _ = Claims("alice");
}
