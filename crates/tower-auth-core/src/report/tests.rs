use super::*;
use crate::store::StoreError;

struct Layered(&'static str, Option<Box<Self>>);

impl fmt::Display for Layered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Error for Layered {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.1.as_deref().map(|cause| cause as _)
    }
}

crate::debug_as_report!(Layered);

fn layered(texts: &[&'static str]) -> Layered {
    let (first, rest) = texts.split_first().unwrap();
    Layered(first, (!rest.is_empty()).then(|| Box::new(layered(rest))))
}

#[test]
fn an_error_is_its_sentence_and_its_causes() {
    let text = |texts: &[&'static str]| format!("{:?}", layered(texts));
    assert_eq!(text(&["no store"]), "no store");
    assert_eq!(text(&["no store", "refused", "port closed"]), "no store: refused: port closed");
    // Drivers do this: the text already contains its cause.
    assert_eq!(text(&["no store", "io error: refused", "refused"]), "no store: io error: refused");
}

#[test]
fn a_stores_error_says_what_the_driver_said() {
    let error = StoreError::unavailable(layered(&["cannot connect", "refused"]));
    assert_eq!(format!("{error:?}"), "the store is unavailable: cannot connect: refused");
    // `Display` omits the causes, because it may reach a client.
    assert_eq!(error.to_string(), "the store is unavailable");
    assert_eq!(format!("{:?}", StoreError::too_large()), StoreError::too_large().to_string());
}
