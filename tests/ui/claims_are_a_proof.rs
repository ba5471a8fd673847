// Only the layer makes them, of a token that it verified.
// says: private field
use tower_auth::bearer::Claims;

fn main() {
    let _ = Claims("alice");
}
