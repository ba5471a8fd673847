//! Reads what a client asks: JSON or a form, of limited size.

use std::fmt;
use std::pin::pin;

use bytes::{Buf as _, Bytes, BytesMut};
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use http_body::Body;
use serde::de::{Deserialize, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};

/// Bodies beyond this are refused.
const LONGEST: usize = 64 * 1024;

/// The parameters that these endpoints know (RFC 6749, 6; RFC 7009, 2.1). Others are ignored, as
/// both say; `token_type_hint` too, since there is one type of token here.
#[derive(Default)]
pub(super) struct Params {
    pub(super) grant_type: Option<String>,
    pub(super) refresh_token: Option<String>,
    pub(super) token: Option<String>,
    pub(super) client_id: Option<String>,
    pub(super) client_secret: Option<String>,
    pub(super) scope: Option<String>,
}

/// It is too long, cannot be read, or says a parameter twice.
pub(super) struct Malformed;

impl Params {
    pub(super) async fn read<B: Body>(headers: &HeaderMap, body: B) -> Result<Self, Malformed> {
        let body = collect(body).await?;
        // Nothing is nothing, whatever type it is said to have.
        if body.is_empty() {
            return Ok(Self::default());
        }
        let mut params = match essence(headers).ok_or(Malformed)? {
            json if json.eq_ignore_ascii_case(b"application/json") => {
                serde_json::from_slice(&body).map_err(|_| Malformed)?
            }
            form if form.eq_ignore_ascii_case(b"application/x-www-form-urlencoded") => {
                Self::form(&body)?
            }
            _ => return Err(Malformed),
        };
        params.omit_empty();
        Ok(params)
    }

    fn form(body: &[u8]) -> Result<Self, Malformed> {
        let mut params = Self::default();
        for (name, value) in form_urlencoded::parse(body) {
            if let Some(slot) = params.slot(&name) {
                if slot.is_some() {
                    return Err(Malformed);
                }
                *slot = Some(value.into_owned());
            }
        }
        Ok(params)
    }

    fn slot(&mut self, name: &str) -> Option<&mut Option<String>> {
        Some(match name {
            "grant_type" => &mut self.grant_type,
            "refresh_token" => &mut self.refresh_token,
            "token" => &mut self.token,
            "client_id" => &mut self.client_id,
            "client_secret" => &mut self.client_secret,
            "scope" => &mut self.scope,
            _ => return None,
        })
    }

    /// A parameter without a value is as if it were left out (RFC 6749, 3.2).
    fn omit_empty(&mut self) {
        let Self { grant_type, refresh_token, token, client_id, client_secret, scope } = self;
        for slot in [grant_type, refresh_token, token, client_id, client_secret, scope] {
            slot.take_if(|value| value.is_empty());
        }
    }
}

/// The content type without its parameters, if there is exactly one.
fn essence(headers: &HeaderMap) -> Option<&[u8]> {
    let mut lines = headers.get_all(CONTENT_TYPE).iter();
    match (lines.next(), lines.next()) {
        (Some(line), None) => line.as_bytes().split(|byte| *byte == b';').next(),
        _ => None,
    }
    .map(<[u8]>::trim_ascii)
}

async fn collect<B: Body>(body: B) -> Result<Bytes, Malformed> {
    let mut body = pin!(body);
    if body.size_hint().lower() > LONGEST as u64 {
        return Err(Malformed);
    }
    let mut all = BytesMut::new();
    while let Some(frame) = std::future::poll_fn(|cx| {
        // To bytes at once: so a body's own type of data need not be `Send`.
        body.as_mut().poll_frame(cx).map(|frame| {
            frame.map(|frame| {
                let Ok(mut data) = frame.map_err(|_| Malformed)?.into_data() else {
                    return Ok(Bytes::new());
                };
                let length = data.remaining();
                if length > LONGEST {
                    return Err(Malformed);
                }
                Ok(data.copy_to_bytes(length))
            })
        })
    })
    .await
    {
        let data = frame?;
        if all.len() + data.len() > LONGEST {
            return Err(Malformed);
        }
        all.extend_from_slice(&data);
    }
    Ok(all.freeze())
}

impl<'de> Deserialize<'de> for Params {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members)
    }
}

/// One object, whose known members are strings, or null, and come once.
struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Params;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Params, A::Error> {
        let mut params = Params::default();
        let mut seen: Vec<String> = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            let Some(slot) = params.slot(&name) else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            if seen.contains(&name) {
                return Err(A::Error::custom("a member comes twice"));
            }
            *slot = map.next_value()?;
            seen.push(name);
        }
        Ok(params)
    }
}
